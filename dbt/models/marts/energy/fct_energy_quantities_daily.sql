{% set slice = ['origin', 'site', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

metered as not materialized (
    select
        origin,
        site,
        quantity,
        interval_start_at,
        interval_end_at,
        local_date,
        energy_kwh,
        load_id
    from {{ ref('int_energy__meter_intervals') }}
    union all
    select
        origin,
        site,
        quantity,
        interval_start_at,
        interval_end_at,
        local_date,
        energy_kwh,
        load_id
    from {{ ref('int_energy__profile_intervals') }}
),

slices as (
    {{ touched('metered', slice, 'load_id') }}
),

measured as (
    select
        *,
        {{ minutes_between('interval_start_at', 'interval_end_at') }} / 60.0 as hours
    from metered
    semi join slices using (origin, site, local_date)
    where quantity <> 'water'
),

final as (
    select
        origin,
        site,
        quantity,
        local_date,
        round({{ exact_sum('energy_kwh') }}, 3) as energy_kwh,
        round(max(energy_kwh / hours), 3) as max_kw,
        coalesce(sum(hours) filter (where energy_kwh is not null), 0)::double as hours,
        round(
            coalesce(sum(hours) filter (where energy_kwh is not null), 0)
            * 100 / {{ local_day_hours('local_date') }}, 2
        )::double as coverage_pct,
        max(load_id) as load_id
    from measured
    group by origin, site, quantity, local_date
)

select * from final
