with

source as (
    select * from {{ source('saxony_air', 'measurements') }}
),

-- CET all year; an hour is dated by its end, a daily mean by its day
clock as (
    select
        *,
        case averaging
            when 'day' then date + interval 1 day
            else date + to_hours(cast(left(time, 2) as integer))
        end as end_cet,
        case averaging when 'day' then interval 1 day else interval 1 hour end as length
    from source
),

final as (
    select
        _origin as origin,
        station_code,
        station as station_name,
        -- continuous (TEOM) and weighed (HVS) dust: averaging tells them apart
        case
            when component = 'PM10_TEOM' and averaging = 'hour' then 'PM10'
            when component = 'PM10_HVS' and averaging = 'day' then 'PM10'
            else component
        end as pollutant,
        averaging,
        (end_cet - length - interval 1 hour) at time zone 'UTC' as interval_start_at,
        (end_cet - interval 1 hour) at time zone 'UTC' as interval_end_at,
        cast(end_cet - length as date) as observed_on,
        value,
        unit,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from clock
)

select * from final
