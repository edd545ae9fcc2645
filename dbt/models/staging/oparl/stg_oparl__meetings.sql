with

source as (
    select * from {{ source('oparl', 'meetings') }}
),

final as (
    select
        _origin as origin,
        meeting_id,
        organization_id,
        starts_at,
        ends_at,
        state as meeting_state,
        is_cancelled,
        item_count,
        modified_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
