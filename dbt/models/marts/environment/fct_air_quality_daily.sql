{% set slice = ['origin', 'station_code', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_hours as not materialized (
    select * from {{ ref('int_environment__air_hourly') }}
),

all_days as not materialized (
    select * from {{ ref('int_environment__air_days') }}
),

slices as (
    {{ touched('all_hours', slice, 'load_id') }}
    union
    {{ touched('all_days', slice, 'load_id') }}
),

hours as (
    select
        origin,
        station_code,
        pollutant,
        local_date,
        'hourly' as basis,
        {{ exact_avg('value_ug_m3') }} as mean_ug_m3,
        max(value_ug_m3) as max_1h_ug_m3,
        count(value_ug_m3) as hours,
        max(load_id) as load_id
    from all_hours
    semi join slices using (origin, station_code, local_date)
    group by origin, station_code, pollutant, local_date
),

-- samplers that are weighed once a day: their mean stands for 24 hours
days as (
    select
        origin,
        station_code,
        pollutant,
        local_date,
        'daily' as basis,
        mean_ug_m3,
        null::double as max_1h_ug_m3,
        case when mean_ug_m3 is null then 0 else 24 end as hours,
        load_id
    from all_days
    semi join slices using (origin, station_code, local_date)
),

chosen as (
    select
        *,
        max(load_id) over (
            partition by origin, station_code, pollutant, local_date
        ) as day_load_id
    from (
        select * from hours
        union all
        select * from days
    )
    qualify row_number() over (
        partition by origin, station_code, pollutant, local_date
        order by least(hours, {{ var('min_air_day_hours') }}) desc, basis desc
    ) = 1
),

final as (
    select
        origin,
        station_code,
        pollutant,
        local_date,
        round(mean_ug_m3, 3) as mean_ug_m3,
        max_1h_ug_m3,
        hours::bigint as hours,
        round(100.0 * hours / 24, 2)::double as capture_pct,
        basis,
        day_load_id as load_id
    from chosen
)

select * from final
