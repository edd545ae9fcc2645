{% set slice = ['origin', 'site', 'local_date'] %}
{% set quantities = [
    'load', 'generation', 'grid_import', 'grid_export', 'heat_pump', 'heat'
] %}
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
        quality in ('substitute', 'provisional') as is_estimated,
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
        false as is_estimated,
        load_id
    from {{ ref('int_energy__profile_intervals') }}
),

slices as (
    {{ touched('metered', slice, 'load_id') }}
),

intervals as (
    select
        origin,
        site,
        interval_start_at,
        local_date,
        {%- for quantity in quantities %}
        sum(energy_kwh) filter (where quantity = '{{ quantity }}') as {{ quantity }}_kwh,
        {%- endfor %}
        coalesce(
            bool_or(is_estimated) filter (where energy_kwh is not null), false
        ) as is_estimated,
        max(load_id) as load_id
    from metered
    semi join slices using (origin, site, local_date)
    where
        {{ minutes_between('interval_start_at', 'interval_end_at') }} = 15
        and quantity in (
            {%- for quantity in quantities %}
            '{{ quantity }}'{% if not loop.last %},{% endif %}
            {%- endfor %}
        )
    group by origin, site, interval_start_at, local_date
),

-- What goes in and does not come out again is used: losses of a storage are part of the load.
final as (
    select
        origin,
        site,
        interval_start_at,
        local_date,
        load_kwh,
        generation_kwh,
        grid_import_kwh,
        grid_export_kwh,
        generation_kwh + grid_import_kwh - grid_export_kwh as consumption_kwh,
        case
            when grid_import_kwh is not null then generation_kwh - grid_export_kwh
        end as self_consumed_kwh,
        consumption_kwh - load_kwh as residual_kwh,
        heat_pump_kwh,
        heat_kwh,
        is_estimated,
        load_id
    from intervals
)

select * from final
