with

source as (
    select * from {{ source('mscons', 'meter_values') }}
),

final as (
    select
        _origin as origin,
        market_location,
        obis as obis_code,
        interval_start as interval_start_at,
        interval_end as interval_end_at,
        -- load curves state kWh or nothing, water cubic metres (MTQ); other units stay out
        case when upper(coalesce(unit, 'KWH')) = 'KWH' then value end as energy_kwh,
        case when upper(unit) = 'MTQ' then value end as volume_m3,
        unit as stated_unit,
        qualifier as qualifier_code,
        message_ref as message_reference,
        message_function,
        created_at as message_created_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
