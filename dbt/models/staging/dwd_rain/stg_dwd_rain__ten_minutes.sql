with

source as (
    select * from {{ source('dwd_rain', 'ten_minutes') }}
),

final as (
    select
        _origin as origin,
        lpad(station_id, 5, '0') as station_id,
        -- the product changed from CET to UTC with the year 2000
        case
            when measured_at < timestamp '2000-01-01 00:00:00'
                then {{ utc_instant('measured_at - interval 1 hour') }}
            else {{ utc_instant('measured_at') }}
        end as interval_end_at,
        precipitation as precipitation_mm,
        rain_duration as rain_duration_min,
        quality_level,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
