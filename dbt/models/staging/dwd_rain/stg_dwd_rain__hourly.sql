with

source as (
    select * from {{ source('dwd_rain', 'hourly') }}
),

final as (
    select
        _origin as origin,
        lpad(station_id, 5, '0') as station_id,
        {{ utc_instant('measured_at') }} as interval_end_at,
        precipitation as precipitation_mm,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
