with

source as (
    select * from {{ source('dresden_ogc_features', 'klips') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as (
    select
        *,
        measured_local at time zone 'Europe/Berlin' as measured_at
    from source
),

final as (
    select
        _origin as origin,
        sensor_id,
        sensor_name,
        measured_at,
        parameter,
        value,
        unit,
        case
            when parameter ilike '%lufttemperatur%' and unit ilike '%c' then value
        end as temperature_c,
        latitude,
        longitude,
        (
            (measured_at - interval 1 hour) at time zone 'Europe/Berlin' = measured_local
            or measured_at at time zone 'Europe/Berlin' <> measured_local
        ) as is_clock_ambiguous,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from instants
)

select * from final
