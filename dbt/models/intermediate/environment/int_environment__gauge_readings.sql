{% set slice = ['origin', 'station', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

measurements as not materialized (
    select
        *,
        {{ local_date('measured_at') }} as local_date,
        -- levels above the datum come beside those above gauge zero and must not replace them
        water_level_m_nn is not null as is_above_datum
    from {{ ref('stg_pegelonline__measurements') }}
),

slices as (
    {{ touched('measurements', slice) }}
),

candidates as (
    select
        measurements.*,
        slices.load_id
    from measurements
    inner join slices using (origin, station, local_date)
    {{ near_slices('measurements.measured_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'station', 'series', 'is_above_datum', 'measured_at']) }}
),

final as (
    select
        origin,
        station,
        measured_at,
        local_date,
        max(water_level_cm) as water_level_cm,
        max(discharge_m3_s) as discharge_m3_s,
        coalesce(max(_payload_id) filter (where series = 'W'), max(_payload_id)) as payload_id,
        max(load_id) as load_id
    from latest
    group by origin, station, measured_at, local_date
)

select * from final
