with

source as (
    select * from {{ source('cleema_export', 'challenges_goal_type_measurements') }}
),

final as (
    select
        _origin as origin,
        challenge_id,
        value as goal_value,
        unit as goal_unit,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
