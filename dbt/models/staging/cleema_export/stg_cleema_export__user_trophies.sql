with

source as (
    select * from {{ source('cleema_export', 'user_trophies') }}
),

final as (
    select
        _origin as origin,
        user_key,
        trophy_id,
        date as awarded_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
