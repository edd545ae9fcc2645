with

source as (
    select * from {{ source('cleema_export', 'challenges_goal_type_steps') }}
),

final as (
    select
        _origin as origin,
        challenge_id,
        count as goal_steps,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
