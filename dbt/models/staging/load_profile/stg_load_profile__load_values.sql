with

source as (
    select * from {{ source('load_profile', 'load_values') }}
),

-- CET all year: one hour ahead of UTC, also in summer
clock as (
    select
        *,
        to_minutes(interval_minutes) as length,
        {{ utc_instant("measured_local - interval '1 hour'") }} as stamp_at
    from source
),

final as (
    select
        _origin as origin,
        site as site_name,
        medium as medium_name,
        meter as meter_name,
        case stamp_marks when 'end' then stamp_at - length else stamp_at end as interval_start_at,
        case stamp_marks when 'end' then stamp_at else stamp_at + length end as interval_end_at,
        interval_minutes,
        case unit
            when 'kW' then value
            when 'MW' then value * 1000
            when 'kWh' then value * 60 / interval_minutes
            when 'MWh' then value * 60000 / interval_minutes
        end as power_kw,
        power_kw * interval_minutes / 60 as energy_kwh,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from clock
)

select * from final
