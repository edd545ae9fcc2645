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

-- A year counts hidden months in, else it would be the mean of those that did well; what is left of
-- it when the shown months are subtracted is nobody or ten people as well.
completed as (
    select
        'M2.2' as kpi_code,
        {{ period_start('month_start') }} as period_start,
        period_kind,
        count(*) filter (where is_completed) as hits,
        count(*) as n,
        origin
    from {{ ref('int_cleema__ended_joins') }}
    cross join {{ period_kinds() }}
    group by all
    having
        count(distinct user_key) filter (where is_completed) >= {{ var('min_group_people') }}
        {%- for group in [
            'not is_completed',
            'not is_month_shown',
            'is_completed and not is_share_shown',
            'not is_completed and not is_share_shown',
        ] %}
        and {{ none_or_many('count(distinct user_key) filter (where ' ~ group ~ ')') }}
        {%- endfor %}
),

exports as (
    select
        origin,
        _payload_id,
        {{ local_date('exported_at') }} as exported_on,
        {{ local_date('min(exported_at) over (partition by origin)') }} as first_export_on
    from {{ ref('stg_cleema_export__exports') }}
),

participants as (
    select
        surveys.origin,
        surveys.user_key,
        surveys.survey_id,
        min(exports.exported_on) as first_seen_on,
        any_value(exports.first_export_on) as first_export_on
    from {{ ref('stg_cleema_export__surveys_participants') }} as surveys
    inner join exports using (origin, _payload_id)
    group by surveys.origin, surveys.user_key, surveys.survey_id
),

-- The first export shows all who ever took part, nobody knows when: it is where counting begins.
-- An export that closes a month is made on the first day of the next.
first_seen as (
    select distinct
        participants.origin,
        participants.user_key,
        participants.first_export_on,
        cast(date_trunc('month', participants.first_seen_on - 1) as date) as month_start
    from participants
    inner join {{ ref('int_cleema__people') }} as people using (origin, user_key)
    where
        people.accepts_surveys
        and people.is_own_city
        and participants.first_seen_on > participants.first_export_on
),

-- the month in which counting begins is not seen from its first day
survey_months as (
    select
        *,
        count(*) over (partition by origin, month_start) >= {{ var('min_group_people') }}
        and month_start > date_trunc('month', first_export_on - 1) as is_shown
    from first_seen
),

taking_part as (
    select
        origin,
        period_kind,
        {{ period_start('month_start') }} as period_start,
        any_value(first_export_on) as first_export_on,
        count(distinct user_key) as people
    from survey_months
    cross join {{ period_kinds() }}
    where kinds.period_kind = 'year' or is_shown
    group by all
    having
        count(distinct user_key) >= {{ var('min_group_people') }}
        and {{ none_or_many('count(distinct user_key) filter (where not is_shown)') }}
),

surveyed as (
    select
        'M2.6' as kpi_code,
        taking_part.period_start,
        taking_part.period_kind,
        taking_part.first_export_on as observed_from,
        taking_part.people as hits,
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
        sum(active_people) as hits,
        sum(people) as n,
        origin
    from {{ ref('int_cleema__cohorts') }}
    cross join {{ period_kinds() }}
    where from_week = 9 and to_week = 12
    group by all
    having
        sum(active_people) >= {{ var('min_group_people') }}
        and {{ none_or_many('sum(people - active_people)') }}
        and {{ none_or_many('sum(if(is_size_shown, 0, people))') }}
        and {{ none_or_many('sum(if(is_share_shown, 0, active_people))') }}
        and {{ none_or_many('sum(if(is_share_shown, 0, people - active_people))') }}
),

shares as (
    select * from completed
    union all by name
    select * from surveyed
    union all by name
    select * from kept
),

combined as (
    select
        *,
        null::double as low,
        null::double as high
    from active
    union all by name
    select
        kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        100.0 * hits / n as value,
        {{ wilson_pct('hits', 'n', '-') }} as low,
        {{ wilson_pct('hits', 'n', '+') }} as high,
        n,
        observed_from,
        origin
    from shares
),

observed as (
    select
        origin,
        min(month_start) as first_day,
        max(observed_until) as last_day
    from activity
    group by origin
),

-- a cohort is over twelve weeks after its month
finished as (
    select
        cohorts.origin,
        min(cohorts.cohort_month) as first_month,
        cast(date_trunc('month', any_value(observed.last_day) - 84) - interval 1 month as date)
            as last_month
    from {{ ref('int_cleema__cohorts') }} as cohorts
    inner join observed using (origin)
    group by cohorts.origin
),

covered as (
    select
        combined.*,
        case combined.kpi_code
            when 'M2.7'
                then round(100.0 * (
                    1 + date_diff(
                        'month',
                        greatest(finished.first_month, period_start),
                        least(
                            finished.last_month,
                            {{ period_end('period_kind', 'period_start') }} - interval 1 month
                        )
                    )
                ) / date_diff(
                    'month', period_start, {{ period_end('period_kind', 'period_start') }}
                ), 2)
            else {{ observed_pct(
                'coalesce(combined.observed_from, observed.first_day)', 'observed.last_day'
            ) }}
        end as coverage_pct
    from combined
    inner join observed using (origin)
    left join finished using (origin)
),

final as (
    select
        kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round(value, 3)::double as value,
        round(low, 2)::double as low,
        round(high, 2)::double as high,
        n::bigint as n,
        coverage_pct::double as coverage_pct,
        origin
    from covered
)

select * from final
