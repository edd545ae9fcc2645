with

source as (
    select * from {{ source('cleema_export', 'projects_users_joined') }}
),

final as (
    select
        _origin as origin,
        project_id,
        user_key,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
