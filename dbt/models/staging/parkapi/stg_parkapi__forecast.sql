with

source as (
    select * from {{ source('parkapi', 'forecast') }}
),

-- Of a clock reading that occurs twice, DuckDB takes the later instant (winter time).
instants as (
    select
        *,
        forecast_local at time zone 'Europe/Berlin' as forecast_at
    from source
),

final as (
    select
        _origin as origin,
        lot_id,
        forecast_at,
        occupancy_pct,
        (
            (forecast_at - interval 1 hour) at time zone 'Europe/Berlin' = forecast_local
            or forecast_at at time zone 'Europe/Berlin' <> forecast_local
        ) as is_clock_ambiguous,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from instants
)

select * from final
