{% set slice = ['origin', 'station', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_readings as not materialized (
    select * from {{ ref('int_environment__gauge_readings') }}
),

alarm_levels as (
    select * from {{ ref('elbe_alarm_levels') }}
),

slices as (
    {{ touched('all_readings', slice, 'load_id') }}
),

readings as (
    select *
    from all_readings
    semi join slices using (origin, station, local_date)
),

reached as (
    select
        readings.origin,
        readings.station,
        readings.measured_at,
        max(
            case
                when readings.water_level_cm >= alarm_levels.value_cm then alarm_levels.level
                else 0
            end
        ) as alarm_level
    from readings
    inner join alarm_levels
        on
            readings.station = alarm_levels.station
            and readings.local_date >= coalesce(alarm_levels.valid_from, date '1900-01-01')
            and readings.local_date <= coalesce(alarm_levels.valid_to, date '9999-12-31')
    where readings.water_level_cm is not null
    group by readings.origin, readings.station, readings.measured_at
),

final as (
    select
        readings.origin,
        readings.station,
        readings.measured_at,
        readings.local_date,
        readings.water_level_cm,
        readings.discharge_m3_s,
        reached.alarm_level,
        readings.payload_id,
        readings.load_id
    from readings
    left join reached
        on
            readings.origin = reached.origin
            and readings.station = reached.station
            and readings.measured_at = reached.measured_at
)

select * from final
