with

source as (
    select * from {{ source('telraam', 'reports') }}
),

final as (
    select
        _origin as origin,
        segment_id,
        started_at,
        100 * uptime as uptime_pct,
        coalesce(uptime >= 0.5, false) as is_reliable,
        heavy as heavy_vehicles,
        car as cars,
        bike as bicycles,
        pedestrian as pedestrians,
        v85_kmh,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
