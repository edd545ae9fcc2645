with

source as (
    select * from {{ source('cleema_api', 'projects') }}
),

final as (
    select
        _origin as origin,
        uuid as project_uuid,
        goal_type,
        phase,
        start_date as start_at,
        current_participants,
        max_participants,
        lower(region_uuid) as region_uuid,
        published_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
