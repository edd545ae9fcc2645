with

meter_values as (
    select * from {{ source('mscons', 'meter_values') }}
),

series as (
    select * from {{ source('mscons', 'series') }}
),

final as (
    select
        meter_values._origin as origin,
        series.market_location,
        series.obis as obis_code,
        meter_values.interval_start as interval_start_at,
        meter_values.interval_end as interval_end_at,
        -- load curves state kWh or nothing, water cubic metres (MTQ); other units stay out
        case
            when upper(coalesce(meter_values.unit, 'KWH')) = 'KWH' then meter_values.value
        end as energy_kwh,
        case when upper(meter_values.unit) = 'MTQ' then meter_values.value end as volume_m3,
        meter_values.unit as stated_unit,
        meter_values.qualifier as qualifier_code,
        series.message_ref as message_reference,
        series.message_function,
        series.created_at as message_created_at,
        meter_values._payload_id,
        meter_values._row,
        meter_values._fetched_at,
        meter_values._load_id
    from meter_values
    -- the door lets no value in without its series; one would fail the test of whole rows
    left join series
        on
            meter_values._payload_id = series._payload_id
            and meter_values.series = series.series
)

select * from final
