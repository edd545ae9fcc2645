with

source as (
    select * from {{ source('road_works', 'restrictions') }}
),

final as (
    select
        _origin as origin,
        work_id,
        layer = 'L150' as is_announced,
        kind,
        coalesce(kind ilike '%vollsperrung%', false) as is_full_closure,
        reason,
        valid_from,
        valid_to,
        {{ local_date('_fetched_at') }} as snapshot_date,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
