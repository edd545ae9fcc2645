{#- Use of the app: M2.1, M2.2, M2.6, M2.7. -#}
with

activity as (
    select * from {{ ref('fct_cleema_activity_monthly') }}
),

residents as (
    select
        'borough' as area_kind,
        'borough:' || borough_number as area_id,
        register_population_2025 as residents
    from {{ ref('boroughs') }}
    union all
    select
        'city' as area_kind,
        'dresden' as area_id,
        sum(register_population_2025) as residents
    from {{ ref('boroughs') }}
),

active as (
    select
        'M2.1' as kpi_code,
        activity.month_start as period_start,
        'month' as period_kind,
        activity.area_kind,
        activity.area_id,
        1000.0 * activity.active_people_30d / residents.residents as value,
        activity.active_people_30d as n,
        activity.origin
    from activity
    inner join residents using (area_kind, area_id)
),

completed as (
    select
        'M2.2' as kpi_code,
        {{ period_start('month_start') }} as period_start,
        period_kind,
        100.0 * sum(completed_joins) / sum(ended_joins) as value,
        {{ wilson_pct('sum(completed_joins)', 'sum(ended_joins)', '-') }} as low,
        {{ wilson_pct('sum(completed_joins)', 'sum(ended_joins)', '+') }} as high,
        sum(ended_joins) as n,
        origin
    from activity
    cross join {{ period_kinds() }}
    where ended_joins is not null
    group by all
),

-- who took part in a survey for the first time that the exports show
participants as (
    select
        surveys.origin,
        surveys.user_key,
        surveys.survey_id,
        {{ local_date('min(exports.exported_at)') }} as first_seen_on
    from {{ ref('stg_cleema_export__surveys_participants') }} as surveys
    inner join {{ ref('stg_cleema_export__exports') }} as exports using (origin, _payload_id)
    group by surveys.origin, surveys.user_key, surveys.survey_id
),

-- an export that closes a month is made on the first day of the next
taking_part as (
    select
        participants.origin,
        period_kind,
        {{ period_start('participants.first_seen_on - 1') }} as period_start,
        count(distinct participants.user_key) as people
    from participants
    inner join {{ ref('int_cleema__people') }} as people using (origin, user_key)
    cross join {{ period_kinds() }}
    where people.accepts_surveys and people.is_own_city
    group by all
),

surveyed as (
    select
        'M2.6' as kpi_code,
        taking_part.period_start,
        taking_part.period_kind,
        taking_part.people,
        count(*) as n,
        taking_part.origin
    from taking_part
    inner join {{ ref('int_cleema__people') }} as people
        on
            taking_part.origin = people.origin
            and people.accepts_surveys
            and people.is_own_city
            and people.created_on
            < {{ period_end('taking_part.period_kind', 'taking_part.period_start') }}
    group by all
),

kept as (
    select
        'M2.7' as kpi_code,
        {{ period_start('cohort_month') }} as period_start,
        period_kind,
        100.0 * sum(active_people) / sum(people) as value,
        {{ wilson_pct('sum(active_people)', 'sum(people)', '-') }} as low,
        {{ wilson_pct('sum(active_people)', 'sum(people)', '+') }} as high,
        sum(people) as n,
        origin
    from {{ ref('fct_cleema_retention') }}
    cross join {{ period_kinds() }}
    where from_week = 9 and to_week = 12 and not is_suppressed
    group by all
),

combined as (
    select
        *,
        null::double as low,
        null::double as high
    from active
    union all by name
    select
        *,
        'city' as area_kind,
        'dresden' as area_id
    from completed
    union all by name
    select
        kpi_code,
        period_start,
        period_kind,
        100.0 * people / n as value,
        {{ wilson_pct('people', 'n', '-') }} as low,
        {{ wilson_pct('people', 'n', '+') }} as high,
        n,
        origin,
        'city' as area_kind,
        'dresden' as area_id
    from surveyed
    where people >= {{ var('min_group_people') }}
    union all by name
    select
        *,
        'city' as area_kind,
        'dresden' as area_id
    from kept
),

observed as (
    select
        origin,
        min(month_start) as first_day,
        max(observed_until) as last_day
    from activity
    group by origin
),

final as (
    select
        combined.kpi_code,
        combined.period_start,
        combined.period_kind,
        combined.area_kind,
        combined.area_id,
        round(combined.value, 3)::double as value,
        round(combined.low, 2)::double as low,
        round(combined.high, 2)::double as high,
        combined.n::bigint as n,
        {{ observed_pct('observed.first_day', 'observed.last_day') }} as coverage_pct,
        combined.origin
    from combined
    inner join observed using (origin)
)

select * from final
