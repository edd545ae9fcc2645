with

source as (
    select * from {{ source('people_counters', 'uplinks') }}
),

final as (
    select
        _origin as origin,
        device_id,
        received_at,
        session_key_id,
        -- the protocol leaves out values of 0
        coalesce(frame_counter, 0) as frame_number,
        port,
        count_in as people_in,
        count_out as people_out,
        total_in as total_people_in,
        total_out as total_people_out,
        battery_v,
        gateways,
        rssi as rssi_dbm,
        snr as snr_db,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
