with

source as (
    select * from {{ source('cleema_export', 'joined_challenges') }}
),

final as (
    select
        _origin as origin,
        id as join_id,
        user_key,
        challenge_id,
        created_at as joined_at,
        updated_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
