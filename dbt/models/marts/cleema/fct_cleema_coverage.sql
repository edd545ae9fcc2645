with

answers as (
    select
        answers.origin,
        answers.month_start,
        answers.user_key,
        case
            when answers.reason = 'counted' and blocks.is_slice_hidden then 'small_group'
            else answers.reason
        end as reason
    from {{ ref('int_cleema__assessed_answers') }} as answers
    left join {{ ref('int_cleema__blocks') }} as blocks
        using (origin, month_start, action_code, borough)
    where answers.month_start is not null
),

disclosure as (
    {{ hidden_parts('answers', ['origin', 'month_start'], 'reason') }}
),

counts as (
    select
        disclosure.origin,
        disclosure.month_start,
        disclosure.reason,
        disclosure.is_hidden,
        disclosure.slice_people < {{ var('min_group_people') }} as is_slice_hidden,
        count(*) as answers
    from disclosure
    inner join answers using (origin, month_start, reason)
    group by all
),

rows_shown as (
    select
        origin,
        month_start,
        reason,
        case when not is_hidden and not is_slice_hidden then answers end as answers,
        is_hidden or is_slice_hidden as is_suppressed
    from counts
    union all
    select
        origin,
        month_start,
        'under_k' as reason,
        sum(answers) as answers,
        false as is_suppressed
    from counts
    where is_hidden and not is_slice_hidden
    group by origin, month_start
),

final as (
    select
        origin,
        month_start,
        reason,
        answers::bigint as answers,
        round(100.0 * answers / sum(answers) over (partition by origin, month_start), 2)::double
            as share_pct,
        is_suppressed
    from rows_shown
)

select * from final
