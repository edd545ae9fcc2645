with

source as (
    select * from {{ source('cleema_export', 'joined_challenge_ids') }}
),

final as (
    select
        _origin as origin,
        id as join_id,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
