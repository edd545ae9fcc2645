with

source as (
    select * from {{ source('cleema_export', 'joined_challenges_answers') }}
),

final as (
    select
        _origin as origin,
        id as answer_id,
        joined_challenge_id as join_id,
        answer,
        day_index,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
