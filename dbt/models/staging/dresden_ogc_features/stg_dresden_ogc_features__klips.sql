with

source as (
    select * from {{ source('dresden_ogc_features', 'klips') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as (
    select
        *,
        {{ local_instant('measured_local') }} as measured_at
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
            {{ local_clock('measured_at - interval 1 hour') }} = measured_local
            or {{ local_clock('measured_at') }} <> measured_local
        ) as is_clock_ambiguous,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from instants
)

select * from final
