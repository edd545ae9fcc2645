{#- What the app saves: M2.3, M2.4, M2.5. -#}
with

active as (
    select
        origin,
        month_start,
        active_people
    from {{ ref('fct_cleema_activity_monthly') }}
    where area_kind = 'city' and not is_suppressed
),

known as (
    select * from {{ ref('fct_cleema_savings_monthly') }}
    where action_code = 'all' and area_id not in ('borough:unknown', 'borough:under_k')
),

-- a month in which people were active in challenges without a factor saves 0
savings as (
    select
        origin,
        month_start,
        area_kind,
        area_id,
        saving_kg_co2e,
        saving_low_kg_co2e,
        saving_high_kg_co2e,
        is_suppressed,
        is_complete
    from known
    union all
    select
        active.origin,
        active.month_start,
        'city' as area_kind,
        'dresden' as area_id,
        0 as saving_kg_co2e,
        0 as saving_low_kg_co2e,
        0 as saving_high_kg_co2e,
        false as is_suppressed,
        true as is_complete
    from active
    anti join known using (origin, month_start)
),

kinds as (
    select period_kind from {{ period_kinds() }}
    union all
    select 'phase' as period_kind
),

phase as (
    select max(starts_on) as starts_on
    from {{ ref('funding_phases') }}
),

saved as (
    select
        'M2.3' as kpi_code,
        case
            when kinds.period_kind = 'phase' then phase.starts_on
            else {{ period_start('savings.month_start') }}
        end as period_start,
        kinds.period_kind,
        savings.area_kind,
        savings.area_id,
        {{ exact_sum('savings.saving_kg_co2e') }} as value,
        {{ exact_sum('savings.saving_low_kg_co2e') }} as low,
        {{ exact_sum('savings.saving_high_kg_co2e') }} as high,
        count(savings.saving_kg_co2e) as n,
        -- a borough of which parts are hidden is not a value to compare
        100.0 * count(*) filter (where savings.is_complete) / count(*) as complete_pct,
        savings.origin
    from savings
    cross join kinds
    cross join phase
    where kinds.period_kind <> 'phase' or savings.month_start >= phase.starts_on
    group by all
),

per_person as (
    select
        'M2.4' as kpi_code,
        {{ period_start('savings.month_start') }} as period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        {{ exact_sum('savings.saving_kg_co2e') }} / sum(active.active_people) as value,
        {{ exact_sum('savings.saving_low_kg_co2e') }} / sum(active.active_people) as low,
        {{ exact_sum('savings.saving_high_kg_co2e') }} / sum(active.active_people) as high,
        sum(active.active_people) as n,
        100.0 as complete_pct,
        savings.origin
    from savings
    inner join active using (origin, month_start)
    cross join {{ period_kinds() }}
    where savings.area_kind = 'city' and not savings.is_suppressed
    group by all
),

observed as (
    select
        origin,
        min(month_start) as first_day,
        max(observed_until) as last_day
    from {{ ref('fct_cleema_activity_monthly') }}
    group by origin
),

-- challenges of which at least one day lies in the period
days as (
    select
        challenges.origin,
        challenges.challenge_id,
        challenges.assessment,
        unnest(generate_series(
            challenges.start_date,
            least(challenges.end_date, observed.last_day),
            interval 1 day
        )) as day
    from {{ ref('dim_cleema_challenges') }} as challenges
    inner join observed using (origin)
),

running as (
    select distinct
        days.origin,
        days.challenge_id,
        days.assessment,
        period_kind,
        {{ period_start('days.day') }} as period_start
    from days
    cross join {{ period_kinds() }}
),

assessed as (
    select
        'M2.5' as kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        100.0 * count(*) filter (where assessment = 'assessed') / count(*) as value,
        null::double as low,
        null::double as high,
        count(*) as n,
        100.0 as complete_pct,
        origin
    from running
    group by all
),

combined as (
    select * from saved
    union all by name
    select * from per_person
    union all by name
    select * from assessed
),

final as (
    select
        combined.kpi_code,
        combined.period_start,
        combined.period_kind,
        combined.area_kind,
        combined.area_id,
        round(combined.value, 3)::double as value,
        round(combined.low, 3)::double as low,
        round(combined.high, 3)::double as high,
        combined.n::bigint as n,
        least(
            combined.complete_pct, {{ observed_pct('observed.first_day', 'observed.last_day') }}
        )::double as coverage_pct,
        combined.origin
    from combined
    inner join observed using (origin)
)

select * from final
