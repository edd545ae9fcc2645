with

source as (
    select * from {{ source('vehicle_radar', 'vehicles') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as (
    select
        *,
        passed_local at time zone 'Europe/Berlin' as passed_at
    from source
),

final as (
    select
        _origin as origin,
        site,
        passed_at,
        speed_kmh,
        length,
        direction,
        (
            (passed_at - interval 1 hour) at time zone 'Europe/Berlin' = passed_local
            or passed_at at time zone 'Europe/Berlin' <> passed_local
        ) as is_clock_ambiguous,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from instants
)

select * from final
