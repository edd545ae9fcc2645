{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

days as not materialized (
    select
        * exclude (station_id, observed_on),
        'dwd:' || station_id as station_id,
        observed_on as local_date
    from {{ ref('stg_dwd_rain__daily') }}
),

slices as (
    {{ touched('days', slice) }}
),

candidates as (
    select
        days.*,
        slices.load_id
    from days
    inner join slices using (origin, station_id, local_date)
),

final as (
    select
        origin,
        station_id,
        local_date,
        precipitation_mm,
        temperature_mean_c,
        temperature_max_c,
        temperature_min_c,
        _payload_id as payload_id,
        load_id
    from candidates
    {{ keep_last(slice) }}
)

select * from final
