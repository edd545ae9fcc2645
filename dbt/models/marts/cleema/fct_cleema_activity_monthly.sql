with

exports as (
    select * from {{ ref('int_cleema__newest_export') }}
),

people as (
    select * from {{ ref('int_cleema__people') }}
),

answers as (
    select
        *,
        activity_date is not null and reason not in ('no_day', 'ahead_of_time') as is_dated
    from {{ ref('int_cleema__assessed_answers') }}
    where is_own_city
),

months as (
    select distinct
        origin,
        month_start,
        cast(month_start + interval 1 month as date) - 1 as month_end
    from answers
    where is_dated
),

boroughs as (
    select distinct
        origin,
        borough
    from people
),

-- in the month, and in the 30 days up to its end (or up to the newest export)
active as (
    select
        months.origin,
        months.month_start,
        answers.borough,
        answers.user_key,
        answers.month_start = months.month_start as in_month,
        answers.activity_date > least(months.month_end, exports.observed_until) - 30
        and answers.activity_date <= least(months.month_end, exports.observed_until) as in_30_days,
        answers.is_succeeded,
        answers.evidence
    from months
    inner join exports using (origin)
    inner join answers
        on
            months.origin = answers.origin
            and answers.activity_date > months.month_start - 31
            and answers.activity_date <= months.month_end
    where answers.is_dated
),

frame as (
    select
        months.origin,
        months.month_start,
        boroughs.borough
    from months
    inner join boroughs using (origin)
),

people_in_month as (
    select
        frame.*,
        active.user_key
    from frame
    left join active
        on
            frame.origin = active.origin
            and frame.month_start = active.month_start
            and frame.borough = active.borough
            and active.in_month
),

people_in_30_days as (
    select
        frame.*,
        active.user_key
    from frame
    left join active
        on
            frame.origin = active.origin
            and frame.month_start = active.month_start
            and frame.borough = active.borough
            and active.in_30_days
),

hidden_in_month as (
    {{ hidden_parts('people_in_month', ['origin', 'month_start'], 'borough') }}
),

hidden_in_30_days as (
    {{ hidden_parts('people_in_30_days', ['origin', 'month_start'], 'borough') }}
),

-- a borough hidden in one of the two counts is hidden in both, so the remainders stay large
masked as (
    select
        in_month.origin,
        in_month.month_start,
        in_month.borough,
        in_month.is_hidden or in_30_days.is_hidden as is_hidden,
        least(in_month.slice_people, in_30_days.slice_people)
        < {{ var('min_group_people') }} as is_slice_hidden
    from hidden_in_month as in_month
    inner join hidden_in_30_days as in_30_days using (origin, month_start, borough)
),

labelled as (
    select
        active.*,
        'city' as area_kind,
        'dresden' as area_id
    from active
    inner join masked using (origin, month_start, borough)
    where not masked.is_slice_hidden
    union all
    select
        active.*,
        'borough' as area_kind,
        'borough:' || if(masked.is_hidden, 'under_k', active.borough) as area_id
    from active
    inner join masked using (origin, month_start, borough)
    where not masked.is_slice_hidden
),

counted as (
    select
        origin,
        month_start,
        area_kind,
        area_id,
        count(distinct user_key) filter (where in_month) as active_people,
        count(distinct user_key) filter (where in_30_days) as active_people_30d,
        -- rounded down to tens: exact ones less those of fct_cleema_savings_monthly would count
        -- what a few people have done
        10 * (count(*) filter (where in_month) // 10) as answers,
        10 * (count(*) filter (where in_month and is_succeeded) // 10) as successes,
        100.0 * count(*) filter (where in_month and is_succeeded and evidence = 'self_report')
        / nullif(count(*) filter (where in_month and is_succeeded), 0) as self_reported_pct
    from labelled
    group by origin, month_start, area_kind, area_id
),

suppressed as (
    select
        origin,
        month_start,
        'borough' as area_kind,
        'borough:' || borough as area_id
    from masked
    where is_hidden or is_slice_hidden
    union all
    select distinct
        origin,
        month_start,
        'city' as area_kind,
        'dresden' as area_id
    from masked
    where is_slice_hidden
),

joins as (
    select
        joins.origin,
        cast(date_trunc('month', {{ local_date('joins.joined_at') }}) as date) as month_start,
        case
            when count(distinct joins.user_key) >= {{ var('min_group_people') }} then count(*)
        end as joins
    from {{ ref('int_cleema__joins') }} as joins
    left join people using (origin, user_key)
    where coalesce(people.is_own_city, true)
    group by all
),

completions as (
    select
        origin,
        month_start,
        count(*) as ended_joins,
        case
            when bool_and(is_share_shown) then count(*) filter (where is_completed)
        end as completed_joins
    from {{ ref('int_cleema__ended_joins') }}
    where is_month_shown
    group by origin, month_start
),

combined as (
    select
        *,
        false as is_suppressed
    from counted
    union all by name
    select
        *,
        true as is_suppressed
    from suppressed
),

final as (
    select
        combined.origin,
        combined.month_start,
        combined.area_kind,
        combined.area_id,
        combined.active_people::bigint as active_people,
        combined.active_people_30d::bigint as active_people_30d,
        combined.answers::bigint as answers,
        combined.successes::bigint as successes,
        round(combined.self_reported_pct, 2)::double as self_reported_pct,
        joins.joins::bigint as joins,
        completions.ended_joins::bigint as ended_joins,
        completions.completed_joins::bigint as completed_joins,
        round(100.0 * completions.completed_joins / completions.ended_joins, 2)::double
            as completion_pct,
        combined.is_suppressed,
        exports.observed_until
    from combined
    inner join exports using (origin)
    left join joins
        on
            combined.origin = joins.origin
            and combined.month_start = joins.month_start
            and combined.area_kind = 'city'
    left join completions
        on
            combined.origin = completions.origin
            and combined.month_start = completions.month_start
            and combined.area_kind = 'city'
)

select * from final
