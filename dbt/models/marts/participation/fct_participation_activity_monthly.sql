with

contributions as (
    select * from {{ ref('int_participation__contributions') }}
),

final as (
    select
        origin,
        platform,
        cast(date_trunc('month', created_on) as date) as month_start,
        coalesce(borough_number, '-') as borough_number,
        count(*) as contributions,
        sum(comments)::bigint as comments,
        sum(votes)::bigint as votes,
        count(*) filter (votes is null) as contributions_votes_hidden,
        count(author_key) as contributions_with_author,
        case when count(author_key) > 0 then count(distinct author_key) end as authors,
        count(*) filter (answer <> 'not_answerable') as answerable,
        count(*) filter (answer = 'in_time') as answered_in_time,
        count(*) filter (answer = 'late') as answered_late_or_open,
        count(*) filter (answer = 'unknown') as answer_time_unknown,
        count(*) filter (answer = 'pending') as answer_pending,
        count(*) filter (outcome in ('adopted', 'partly')) as adopted,
        count(outcome) as decided,
        max(as_of_on) as as_of_on
    from contributions
    group by origin, platform, month_start, borough_number
)

select * from final
