{% set slice = ['origin', 'site', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_intervals as not materialized (
    select * from {{ ref('fct_energy_balance_15min') }}
),

all_heat as not materialized (
    select *
    from {{ ref('fct_energy_quantities_daily') }}
    where quantity = 'heat'
),

sites as (
    select * from {{ ref('energy_sites') }}
),

slices as (
    {{ touched('all_intervals', slice, 'load_id') }}
    union
    {{ touched('all_heat', slice, 'load_id') }}
),

-- rates need all meters at once: sums of meters with different gaps would not fit together
days as (
    select
        intervals.origin,
        intervals.site,
        intervals.local_date,
        count(intervals.load_kwh) as load_intervals,
        {{ exact_sum('intervals.load_kwh') }} as load_kwh,
        max(4 * intervals.load_kwh) as peak_kw,
        -- of equal peaks the first
        max_by(
            intervals.interval_start_at,
            (intervals.load_kwh, -epoch(intervals.interval_start_at))
        ) filter (where intervals.load_kwh is not null) as peak_at,
        count(*) filter (
            where 4 * intervals.load_kwh > sites.contracted_kw
        ) / 4.0 as hours_above_contract,
        max(sites.contracted_kw) as contracted_kw,
        count(intervals.consumption_kwh) as balance_intervals,
        count(*) filter (
            where intervals.consumption_kwh is not null and intervals.grid_import_kwh = 0
        ) as island_intervals,
        {%- for quantity in ['consumption', 'generation', 'grid_import', 'grid_export',
            'self_consumed'] %}
        {{ exact_sum(
            'intervals.' ~ quantity ~ '_kwh', 'intervals.consumption_kwh is not null'
        ) }} as {{ quantity }}_kwh,
        {%- endfor %}
        {{ exact_sum(
            'intervals.heat_kwh', 'intervals.heat_pump_kwh is not null'
        ) }} as pump_heat_kwh,
        {{ exact_sum(
            'intervals.heat_pump_kwh', 'intervals.heat_kwh is not null'
        ) }} as pump_electricity_kwh,
        count(*) filter (
            where intervals.heat_pump_kwh is not null and intervals.heat_kwh is not null
        ) as pump_intervals,
        max(intervals.load_id) as load_id
    from all_intervals as intervals
    semi join slices using (origin, site, local_date)
    left join sites
        on intervals.site = sites.site and sites.is_demo = (intervals.origin = 'demo')
    group by intervals.origin, intervals.site, intervals.local_date
),

heat as (
    select *
    from all_heat
    semi join slices using (origin, site, local_date)
),

final as (
    select
        coalesce(days.origin, heat.origin) as origin,
        coalesce(days.site, heat.site) as site,
        coalesce(days.local_date, heat.local_date) as local_date,
        4 * {{ local_day_hours('coalesce(days.local_date, heat.local_date)') }}
            as expected_intervals,
        coalesce(days.load_intervals, 0) as load_intervals,
        round(days.load_kwh, 3) as load_kwh,
        round(days.peak_kw, 3) as peak_kw,
        days.peak_at,
        case
            when days.contracted_kw is not null then days.hours_above_contract
        end::double as hours_above_contract,
        coalesce(days.balance_intervals, 0) as balance_intervals,
        coalesce(days.island_intervals, 0) as island_intervals,
        round(days.consumption_kwh, 3) as consumption_kwh,
        round(days.generation_kwh, 3) as generation_kwh,
        round(days.grid_import_kwh, 3) as grid_import_kwh,
        round(days.grid_export_kwh, 3) as grid_export_kwh,
        round(days.self_consumed_kwh, 3) as self_consumed_kwh,
        coalesce(days.pump_intervals, 0) as pump_intervals,
        round(days.pump_heat_kwh, 3) as pump_heat_kwh,
        round(days.pump_electricity_kwh, 3) as pump_electricity_kwh,
        heat.energy_kwh as heat_kwh,
        coalesce(heat.hours, 0)::double as heat_hours,
        greatest(days.load_id, heat.load_id) as load_id
    from days
    full join heat
        on
            days.origin = heat.origin
            and days.site = heat.site
            and days.local_date = heat.local_date
)

select * from final
