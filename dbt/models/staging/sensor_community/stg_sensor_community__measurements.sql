with

source as (
    select * from {{ source('sensor_community', 'measurements') }}
),

final as (
    select
        _origin as origin,
        sensor_id,
        sensor_type,
        location_id,
        measured_at at time zone 'UTC' as measured_at,
        pm10 as pm10_ug_m3,
        pm2_5 as pm2_5_ug_m3,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
