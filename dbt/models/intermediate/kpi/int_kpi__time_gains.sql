{#- Z1 hours of citizens, Z2 hours of the administration (never added), Z3 outlays of citizens. -#}
with

steps as (
    select * from {{ ref('fct_time_gains') }}
),

long as (
    select
        case side when 'citizen' then 'Z1' when 'administration' then 'Z2' end as kpi_code,
        origin,
        month_start,
        measure,
        service_code,
        cases,
        hours_gained as value,
        hours_gained_low as low,
        hours_gained_high as high
    from steps
    union all
    select
        'Z3' as kpi_code,
        origin,
        month_start,
        measure,
        service_code,
        cases,
        outlay_saved_eur as value,
        outlay_saved_low_eur as low,
        outlay_saved_high_eur as high
    from steps
    where side = 'citizen'
),

-- cases belong to the service: a step more must not count them again
services as (
    select
        kpi_code,
        origin,
        month_start,
        measure,
        service_code,
        max(cases) as cases,
        {{ exact_sum('value') }} as value,
        {{ exact_sum('low') }} as low,
        {{ exact_sum('high') }} as high
    from long
    group by kpi_code, origin, month_start, measure, service_code
),

areas as (
    select
        *,
        'city' as area_kind,
        'dresden' as area_id
    from services
    union all
    select
        *,
        'measure' as area_kind,
        'measure:' || measure as area_id
    from services
),

periods as (
    select
        areas.kpi_code,
        {{ period_start('areas.month_start') }} as period_start,
        period_kind,
        areas.area_kind,
        areas.area_id,
        {{ exact_sum('areas.value') }} as value,
        {{ exact_sum('areas.low') }} as low,
        {{ exact_sum('areas.high') }} as high,
        sum(areas.cases) as n,
        areas.origin
    from areas
    cross join {{ period_kinds() }}
    group by all
),

observed as (
    select
        origin,
        min(month_start) as first_day,
        max(last_day) as last_day
    from steps
    group by origin
),

final as (
    select
        periods.kpi_code,
        periods.period_start,
        periods.period_kind,
        periods.area_kind,
        periods.area_id,
        round(periods.value, 2)::double as value,
        round(periods.low, 2)::double as low,
        round(periods.high, 2)::double as high,
        periods.n::bigint as n,
        {{ observed_pct('observed.first_day', 'observed.last_day') }} as coverage_pct,
        periods.origin
    from periods
    inner join observed using (origin)
)

select * from final
