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
),

counts as (
    select
        origin,
        month_start,
        reason,
        count(distinct user_key) < {{ var('min_group_people') }} as is_suppressed,
        10 * (count(*) // 10) as answers
    from answers
    group by origin, month_start, reason
),

final as (
    select
        origin,
        month_start,
        reason,
        case when not is_suppressed then answers end as answers,
        case
            when not is_suppressed
                then round(
                    100.0 * answers
                    / nullif(sum(answers) over (partition by origin, month_start), 0)
                )
        end::double as share_pct,
        is_suppressed
    from counts
)

select * from final
