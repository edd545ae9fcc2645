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

-- windows and no groups, see int_environment__rain_10min
final as (
    select
        origin,
        station,
        measured_at,
        local_date,
        max(water_level_cm) over reading as water_level_cm,
        max(discharge_m3_s) over reading as discharge_m3_s,
        _payload_id as payload_id,
        max(load_id) over reading as load_id
    from latest
    window reading as (partition by origin, station, measured_at, local_date)
    qualify row_number() over (
        partition by origin, station, measured_at, local_date
        order by series = 'W' desc, _payload_id desc, series, is_above_datum
    ) = 1
)

select * from final
