with

caps as (
    select
        scope as action_code,
        max(central) filter (where assumption = 'cap_per_day') as cap_per_day,
        max(central) filter (where assumption = 'cap_per_year') as cap_per_year
    from {{ ref('cleema_assumptions') }}
    where assumption in ('cap_per_day', 'cap_per_year') and valid_to is null
    group by scope
),

described as (
    select
        answers.origin,
        answers.user_key,
        answers.challenge_id,
        answers.day_index,
        answers.activity_date,
        cast(date_trunc('month', answers.activity_date) as date) as month_start,
        answers.answer_interval,
        if(answers.answer_interval = 'weekly', 7, 1) as days,
        answers.is_succeeded,
        answers.is_vanished,
        {{ local_date('answers.first_seen_at') }} as first_seen_on,
        answers.load_id,
        challenges.intervals,
        coalesce(people.borough, 'unknown') as borough,
        coalesce(people.is_own_city, regions.is_own_city, false) as is_own_city,
        coalesce(people.is_blocked, false) as is_blocked,
        mapping.action_code,
        coalesce(mapping.evidence, 'self_report') as evidence,
        coalesce(
            mapping.amount_per_success,
            case
                when challenges.goal_unit = mapping.unit then challenges.goal_value
                when challenges.goal_unit || mapping.unit in ('mkm', 'gkg')
                    then challenges.goal_value / 1000
            end / challenges.intervals
        ) as amount
    from {{ ref('int_cleema__answers') }} as answers
    inner join {{ ref('int_cleema__challenges') }} as challenges using (origin, challenge_id)
    left join {{ ref('int_cleema__people') }} as people using (origin, user_key)
    left join {{ ref('cleema_regions') }} as regions on challenges.region_id = regions.region_id
    left join {{ ref('challenge_actions') }} as mapping
        on
            answers.origin = mapping.origin
            and challenges.challenge_uuid = mapping.challenge_uuid
            and answers.activity_date >= mapping.valid_from
            and answers.activity_date <= coalesce(mapping.valid_to, date '9999-12-31')
),

judged as (
    select
        described.*,
        caps.cap_per_year,
        case
            when not described.is_succeeded then 'failed'
            when described.activity_date is null or described.day_index > described.intervals
                then 'no_day'
            when described.activity_date > described.first_seen_on then 'ahead_of_time'
            when not described.is_own_city then 'other_city'
            when described.is_blocked then 'blocked_account'
            when described.action_code is null then 'unmapped'
            when unit_savings.action_code is null then 'no_factor'
            when described.amount is null then 'no_amount'
            when described.amount > caps.cap_per_day * described.days then 'above_daily_cap'
        end as reason
    from described
    left join {{ ref('int_cleema__unit_savings') }} as unit_savings using (action_code, month_start)
    left join caps on described.action_code = caps.action_code
),

daily as (
    select distinct
        origin,
        user_key,
        action_code,
        activity_date
    from judged
    where reason is null and answer_interval = 'daily'
),

-- a week in which the same person has reported single days of the same action counts by its days
weeks_with_days as (
    select distinct
        judged.origin,
        judged.user_key,
        judged.challenge_id,
        judged.day_index
    from judged
    inner join daily
        on
            judged.origin = daily.origin
            and judged.user_key = daily.user_key
            and judged.action_code = daily.action_code
            and daily.activity_date >= judged.activity_date
            and daily.activity_date < judged.activity_date + 7
    where judged.reason is null and judged.answer_interval = 'weekly'
),

-- one per person, action and day (or week), whatever the number of challenges
deduplicated as (
    select
        judged.* replace (case
            when judged.reason is not null then judged.reason
            when weeks_with_days.user_key is not null then 'duplicate'
            when row_number() over (
                partition by
                    judged.origin, judged.user_key, judged.action_code, judged.answer_interval,
                    judged.reason is null and weeks_with_days.user_key is null,
                    if(
                        judged.answer_interval = 'weekly',
                        date_trunc('week', judged.activity_date),
                        judged.activity_date
                    )
                order by judged.amount desc, judged.challenge_id, judged.day_index
            ) > 1 then 'duplicate'
        end as reason)
    from judged
    left join weeks_with_days using (origin, user_key, challenge_id, day_index)
),

capped as (
    select
        *,
        sum(amount) filter (where reason is null) over (
            partition by origin, user_key, action_code, year(activity_date)
            order by activity_date, challenge_id, day_index
            rows unbounded preceding
        ) as amount_in_year
    from deduplicated
),

final as (
    select
        origin,
        user_key,
        challenge_id,
        day_index,
        activity_date,
        coalesce(month_start, cast(date_trunc('month', first_seen_on) as date)) as month_start,
        borough,
        is_own_city,
        is_succeeded,
        is_vanished,
        action_code,
        evidence,
        amount,
        case
            when reason is not null then reason
            when amount_in_year > cap_per_year then 'above_yearly_cap'
            else 'counted'
        end as reason,
        load_id
    from capped
)

select * from final
