with

source as (
    select * from {{ source('datex2', 'traffic_measurements') }}
),

final as (
    select
        _origin as origin,
        site_id,
        measured_at,
        value_index,
        coalesce(quantity, 'unknown') as quantity,
        case when quantity = 'flow' and value >= 0 then value end as flow_veh_h,
        -- -1 stands for "no vehicle, no speed"
        case when quantity = 'speed' and value >= 0 then value end as speed_kmh,
        value,
        unit,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
