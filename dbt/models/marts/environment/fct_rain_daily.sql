{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_slots as not materialized (
    select * from {{ ref('fct_rain_10min') }}
),

all_hours as not materialized (
    select * from {{ ref('int_environment__rain_hourly') }}
),

all_days as not materialized (
    select * from {{ ref('int_environment__dwd_days') }}
),

slices as (
    {{ touched('all_slots', slice, 'load_id') }}
    union
    {{ touched('all_hours', slice, 'load_id') }}
    union
    {{ touched('all_days', slice, 'load_id') }}
),

slots as (
    select
        origin,
        station_id,
        local_date,
        '10min' as basis,
        1 as fineness,
        {{ exact_sum('precipitation_mm') }} as precipitation_mm,
        100.0 * count(precipitation_mm) / (6 * {{ local_day_hours('local_date') }}) as coverage_pct,
        max(rolling_60min_mm) as max_60min_mm,
        max(rolling_6h_mm) as max_6h_mm,
        max(load_id) as load_id
    from all_slots
    semi join slices using (origin, station_id, local_date)
    group by origin, station_id, local_date
),

hours as (
    select
        origin,
        station_id,
        local_date,
        'hourly' as basis,
        2 as fineness,
        {{ exact_sum('precipitation_mm') }} as precipitation_mm,
        100.0 * count(precipitation_mm) / {{ local_day_hours('local_date') }} as coverage_pct,
        null::double as max_60min_mm,
        null::double as max_6h_mm,
        max(load_id) as load_id
    from all_hours
    semi join slices using (origin, station_id, local_date)
    group by origin, station_id, local_date
),

days as (
    select
        origin,
        station_id,
        local_date,
        'daily' as basis,
        3 as fineness,
        precipitation_mm,
        case when precipitation_mm is null then 0 else 100 end as coverage_pct,
        null::double as max_60min_mm,
        null::double as max_6h_mm,
        load_id
    from all_days
    semi join slices using (origin, station_id, local_date)
),

offered as (
    select * from slots
    union all
    select * from hours
    union all
    select * from days
),

-- the finest basis that covers nine tenths of the day, else the one that covers most
chosen as (
    select
        *,
        max(max_60min_mm) over same_day as day_max_60min_mm,
        max(max_6h_mm) over same_day as day_max_6h_mm,
        max(load_id) over same_day as day_load_id
    from offered
    window same_day as (partition by origin, station_id, local_date)
    qualify row_number() over (
        partition by origin, station_id, local_date
        order by least(coverage_pct, 90) desc, fineness
    ) = 1
),

final as (
    select
        origin,
        station_id,
        local_date,
        round(precipitation_mm, 2) as precipitation_mm,
        day_max_60min_mm as max_60min_mm,
        day_max_6h_mm as max_6h_mm,
        round(coverage_pct, 2)::double as coverage_pct,
        basis,
        case
            when precipitation_mm >= {{ var('heavy_rain_day_mm') }} then true
            when coverage_pct >= {{ var('min_coverage_pct') }} then false
        end as is_heavy,
        day_load_id as load_id
    from chosen
)

select * from final
