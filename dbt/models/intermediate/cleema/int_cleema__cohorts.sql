with

exports as (
    select * from {{ ref('int_cleema__newest_export') }}
),

starts as (
    select
        joins.origin,
        joins.user_key,
        {{ local_date('min(joins.joined_at)') }} as first_day
    from {{ ref('int_cleema__joins') }} as joins
    left join {{ ref('int_cleema__people') }} as people using (origin, user_key)
    where coalesce(people.is_own_city, true)
    group by joins.origin, joins.user_key
),

active as (
    select distinct
        starts.origin,
        starts.user_key,
        date_diff('day', starts.first_day, answers.activity_date) // 7 + 1 as week
    from starts
    inner join {{ ref('int_cleema__assessed_answers') }} as answers using (origin, user_key)
    where
        answers.activity_date >= starts.first_day
        and answers.activity_date < starts.first_day + 84
        and answers.reason not in ('no_day', 'ahead_of_time')
),

-- weeks 1 to 12 one by one, and the last four together
spans as (
    select
        weeks.week as from_week,
        weeks.week as to_week
    from range(1, 13) as weeks (week)
    union all
    select
        9 as from_week,
        12 as to_week
),

cohorts as (
    select
        starts.origin,
        cast(date_trunc('month', starts.first_day) as date) as cohort_month,
        spans.from_week,
        spans.to_week,
        count(distinct starts.user_key) as people,
        count(distinct active.user_key) as active_people,
        -- the youngest of the cohort must have had the span as well
        cast(date_trunc('month', starts.first_day) as date) + interval 1 month
        + to_days(7 * spans.to_week) <= exports.observed_until as is_over
    from starts
    inner join exports using (origin)
    cross join spans
    left join active
        on
            starts.origin = active.origin
            and starts.user_key = active.user_key
            and active.week between spans.from_week and spans.to_week
    group by all
),

-- the share tells how many stayed and, less all, how many did not
final as (
    select
        origin,
        cohort_month,
        from_week,
        to_week,
        people,
        active_people,
        people >= {{ var('min_group_people') }} as is_size_shown,
        active_people >= {{ var('min_group_people') }}
        and {{ none_or_many('people - active_people') }} as is_share_shown
    from cohorts
    where is_over
)

select * from final
