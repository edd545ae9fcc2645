{% set slice = ['origin', 'station_code', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

days as not materialized (
    select
        origin,
        coalesce(station_code, station_name) as station_code,
        pollutant,
        observed_on as local_date,
        {{ micrograms('value', 'unit') }} as mean_ug_m3,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from {{ ref('stg_saxony_air__measurements') }}
    where averaging = 'day' and {{ is_concentration('unit') }}
),

slices as (
    {{ touched('days', slice) }}
),

candidates as (
    select
        days.*,
        slices.load_id
    from days
    inner join slices using (origin, station_code, local_date)
),

final as (
    select
        origin,
        station_code,
        pollutant,
        local_date,
        mean_ug_m3,
        _payload_id as payload_id,
        load_id
    from candidates
    {{ keep_last(['origin', 'station_code', 'pollutant', 'local_date']) }}
)

select * from final
