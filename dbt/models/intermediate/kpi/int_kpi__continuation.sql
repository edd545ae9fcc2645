with

measures as (
    select distinct measure from {{ ref('measures') }}
),

budgets as (
    select
        origin,
        measure,
        min(decided_on) as decided_on
    from {{ ref('fct_operating_budgets') }}
    group by origin, measure
),

components as (
    select * from {{ ref('fct_software_components') }}
),

quarters as (
    select
        as_of.origin,
        as_of.as_of_on,
        cast(unnest(range(
            phases.starts_on,
            as_of.as_of_on + interval 1 day,
            interval 3 month
        )) as date) as period_start
    from {{ ref('int_programme__as_of') }} as as_of
    cross join {{ ref('funding_phases') }} as phases
    where phases.part = 'phase_2'
),

days as (
    select
        *,
        least(cast(period_start + interval 3 month - interval 1 day as date), as_of_on)
            as counted_on
    from quarters
),

-- without any row the sheet was never filled in: that is no zero
budget_values as (
    select
        'HF4.1' as kpi_code,
        days.origin,
        days.period_start,
        count(budgets.measure) as hits,
        count(*) as n
    from days
    cross join measures
    left join budgets
        on
            days.origin = budgets.origin
            and measures.measure = budgets.measure
            and budgets.decided_on <= days.counted_on
    where days.origin in (select filled_in.origin from budgets as filled_in)
    group by days.origin, days.period_start
),

component_values as (
    select
        'HF4.2' as kpi_code,
        days.origin,
        days.period_start,
        count(*) filter (
            components.is_open_source and components.published_on <= days.counted_on
        ) as hits,
        count(*) as n
    from days
    inner join components on days.origin = components.origin
    group by days.origin, days.period_start
),

final as (
    select
        kpi_code,
        period_start,
        'quarter' as period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(100.0 * hits / n, 2)::double as value,
        null::double as low,
        null::double as high,
        n::bigint as n,
        100.0::double as coverage_pct,
        origin
    from (
        select * from budget_values
        union all
        select * from component_values
    )
)

select * from final
