with

source as (
    select * from {{ source('home_assistant', 'plug_messages') }}
),

final as (
    select
        _origin as origin,
        device as device_id,
        regexp_extract(device, '((flat|wohnung)_[0-9]+)$', 1) as unit_id,
        measured_local at time zone 'Europe/Berlin' as measured_at,
        total_started_local at time zone 'Europe/Berlin' as total_started_at,
        total as total_kwh,
        today as today_kwh,
        yesterday as yesterday_kwh,
        power as power_w,
        voltage as voltage_v,
        current as current_a,
        factor as power_factor,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
