with

source as (
    select * from {{ source('cleema_export', 'quiz_responses') }}
),

final as (
    select
        _origin as origin,
        user_key,
        quiz_id,
        answer,
        date as answered_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
