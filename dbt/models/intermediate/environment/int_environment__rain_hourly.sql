{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

hours as not materialized (
    select
        * exclude (station_id),
        'dwd:' || station_id as station_id,
        {{ local_date('interval_end_at - interval 1 hour') }} as local_date
    from {{ ref('stg_dwd_rain__hourly') }}
),

slices as (
    {{ touched('hours', slice) }}
),

candidates as (
    select
        hours.*,
        slices.load_id
    from hours
    inner join slices using (origin, station_id, local_date)
),

final as (
    select
        origin,
        station_id,
        interval_end_at,
        local_date,
        precipitation_mm,
        _payload_id as payload_id,
        load_id
    from candidates
    {{ keep_last(['origin', 'station_id', 'interval_end_at']) }}
)

select * from final
