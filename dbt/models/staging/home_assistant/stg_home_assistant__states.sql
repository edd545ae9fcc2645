with

source as (
    select * from {{ source('home_assistant', 'states') }}
),

final as (
    select
        _origin as origin,
        entity_id,
        regexp_extract(entity_id, '^sensor\.(.+)_[a-z0-9]+$', 1) as unit_id,
        regexp_extract(entity_id, '_([a-z0-9]+)$', 1) as quantity,
        case when quantity = 'power' then value end as power_w,
        case when quantity in ('energy', 'heat') then value end as counter_kwh,
        case when quantity = 'temperature' then value end as temperature_c,
        case when quantity = 'humidity' then value end as humidity_pct,
        value as reading,
        absence as absence_reason,
        changed_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
