with

source as (
    select * from {{ source('vvo_departures', 'stops') }}
),

final as (
    select
        _origin as origin,
        dhid,
        stop_id,
        name,
        city,
        latitude,
        longitude,
        tram_lines,
        bus_lines,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
