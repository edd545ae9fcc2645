with

source as (
    select * from {{ source('uba_air', 'stations') }}
),

final as (
    select
        _origin as origin,
        station_id,
        code as station_code,
        name as station_name,
        city,
        network_code,
        setting,
        type as station_type,
        active_from,
        active_to,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
