with

source as (
    select * from {{ source('cleema_export', 'up_users') }}
),

final as (
    select
        _origin as origin,
        user_key,
        created_on,
        confirmed as is_confirmed,
        blocked as is_blocked,
        is_anonymous,
        accepts_surveys,
        is_supporter,
        region_id,
        borough_number,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
