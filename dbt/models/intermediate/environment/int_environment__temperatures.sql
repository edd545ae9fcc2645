{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

readings as not materialized (
    select
        origin,
        'klips:' || sensor_id as station_id,
        parameter,
        measured_at,
        {{ local_date('measured_at') }} as local_date,
        temperature_c,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from {{ ref('stg_dresden_ogc_features__klips') }}
    where temperature_c is not null or value is null
),

days as not materialized (
    select * from {{ ref('int_environment__dwd_days') }}
),

slices as (
    {{ touched('readings', slice) }}
    union
    {{ touched('days', slice, 'load_id') }}
),

candidates as (
    select
        readings.*,
        slices.load_id
    from readings
    inner join slices using (origin, station_id, local_date)
    {{ near_slices('readings.measured_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'station_id', 'parameter', 'measured_at']) }}
),

-- windows and no groups, see int_environment__rain_10min
sensors as (
    select
        origin,
        station_id,
        measured_at,
        local_date,
        'reading' as basis,
        max(temperature_c) over reading as max_temperature_c,
        min(temperature_c) over reading as min_temperature_c,
        _payload_id as payload_id,
        max(load_id) over reading as load_id
    from latest
    window reading as (partition by origin, station_id, measured_at, local_date)
    qualify row_number() over (
        partition by origin, station_id, measured_at, local_date
        order by _payload_id desc, parameter
    ) = 1
),

weather_service as (
    select
        origin,
        station_id,
        {{ local_day_start('local_date') }} as measured_at,
        local_date,
        'day' as basis,
        temperature_max_c as max_temperature_c,
        temperature_min_c as min_temperature_c,
        payload_id,
        load_id
    from days
    semi join slices using (origin, station_id, local_date)
),

final as (
    select * from sensors
    union all
    select * from weather_service
)

select * from final
