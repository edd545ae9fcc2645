with

exports as (
    select * from {{ ref('int_cleema__newest_export') }}
),

succeeded as (
    select
        origin,
        user_key,
        challenge_id,
        count(*) filter (where is_succeeded and reason <> 'no_day') as successes
    from {{ ref('int_cleema__assessed_answers') }}
    group by origin, user_key, challenge_id
),

-- the app's rule: done in at least half of the days or weeks, rounded up; who left has not done it
ended as (
    select
        joins.origin,
        joins.user_key,
        joins.challenge_id,
        cast(date_trunc('month', challenges.end_date) as date) as month_start,
        coalesce(succeeded.successes, 0) >= ceil(challenges.intervals / 2.0)
        and coalesce({{ local_date('joins.left_at') }} > challenges.end_date, true) as is_completed
    from {{ ref('int_cleema__joins') }} as joins
    inner join {{ ref('int_cleema__challenges') }} as challenges using (origin, challenge_id)
    inner join exports using (origin)
    left join {{ ref('int_cleema__people') }} as people using (origin, user_key)
    left join succeeded using (origin, user_key, challenge_id)
    where challenges.end_date < exports.observed_until and coalesce(people.is_own_city, true)
),

months as (
    select
        origin,
        month_start,
        count(distinct user_key) as people,
        count(distinct user_key) filter (where is_completed) as people_completed,
        count(distinct user_key) filter (where not is_completed) as people_not_completed
    from ended
    group by origin, month_start
),

-- the share tells how many completed and, less all, how many did not
final as (
    select
        ended.*,
        months.people >= {{ var('min_group_people') }} as is_month_shown,
        months.people_completed >= {{ var('min_group_people') }}
        and {{ none_or_many('months.people_not_completed') }} as is_share_shown
    from ended
    inner join months using (origin, month_start)
)

select * from final
