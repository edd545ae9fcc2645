{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_readings as not materialized (
    select * from {{ ref('int_environment__temperatures') }}
),

slices as (
    {{ touched('all_readings', slice, 'load_id') }}
),

days as (
    select
        origin,
        station_id,
        local_date,
        max(max_temperature_c) as max_temperature_c,
        min(min_temperature_c) as min_temperature_c,
        count(max_temperature_c) as readings,
        count(distinct date_trunc('hour', measured_at)) filter (
            where basis = 'reading' and max_temperature_c is not null
        ) as hours,
        count(distinct date_trunc('hour', measured_at)) filter (
            where basis = 'reading'
            and max_temperature_c is not null
            and {{ local_hour('measured_at') }} < 6
        ) as night_hours,
        coalesce(bool_or(basis = 'day' and max_temperature_c is not null), false) as has_max,
        coalesce(bool_or(basis = 'day' and min_temperature_c is not null), false) as has_min,
        max(load_id) as load_id
    from all_readings
    semi join slices using (origin, station_id, local_date)
    group by origin, station_id, local_date
),

covered as (
    select
        *,
        case
            when has_max and has_min then 100
            else 100.0 * hours / {{ local_day_hours('local_date') }}
        end as coverage_pct
    from days
),

-- a value beyond the mark is proof; its absence is proof only when the day was watched
final as (
    select
        origin,
        station_id,
        local_date,
        max_temperature_c,
        min_temperature_c,
        case
            when max_temperature_c >= 30 then true
            when has_max or coverage_pct >= {{ var('min_coverage_pct') }} then false
        end as is_hot_day,
        case
            when min_temperature_c < 20 then false
            when has_min then true
            when coverage_pct >= {{ var('min_coverage_pct') }} and night_hours >= 5 then true
        end as is_tropical_night,
        readings,
        round(coverage_pct, 2)::double as coverage_pct,
        load_id
    from covered
)

select * from final
