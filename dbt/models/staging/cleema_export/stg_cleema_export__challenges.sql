with

source as (
    select * from {{ source('cleema_export', 'challenges') }}
),

final as (
    select
        _origin as origin,
        id as challenge_id,
        uuid as challenge_uuid,
        title,
        interval as answer_interval,
        kind,
        goal_type,
        start_date,
        end_date,
        is_public,
        collective_goal_amount,
        region_id,
        created_at,
        published_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
