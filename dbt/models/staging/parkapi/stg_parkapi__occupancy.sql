with

source as (
    select * from {{ source('parkapi', 'occupancy') }}
),

-- Without data v1 says 0 free spaces: unknown is not full.
states as (
    select
        *,
        case lower(state)
            when 'open' then 'open'
            when 'closed' then 'closed'
            else 'unknown'
        end as known_state
    from source
),

final as (
    select
        _origin as origin,
        lot_id,
        lot_name,
        coalesce(measured_at, {{ local_instant('measured_local') }}) as measured_at,
        known_state as state,
        -- greatest() ignores nulls, so a missing number would become 0
        case when known_state = 'open' and free is not null then greatest(free, 0) end as free,
        nullif(total, 0) as capacity,
        case
            when known_state = 'open' and free is not null and total > 0
                then 100 * (total - least(greatest(free, 0), total)) / total
        end as occupancy_pct,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from states
)

select * from final
