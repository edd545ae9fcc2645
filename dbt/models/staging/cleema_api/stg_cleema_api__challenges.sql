with

source as (
    select * from {{ source('cleema_api', 'challenges') }}
),

final as (
    select
        _origin as origin,
        uuid as challenge_uuid,
        title,
        interval as answer_interval,
        kind,
        goal_type,
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        goal_unit,
        goal_value,
        goal_steps,
        collective_goal_amount,
        collective_progress,
        users_joined,
        lower(region_uuid) as region_uuid,
        published_at,
        is_public,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
