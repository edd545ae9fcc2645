with

source as (
    select * from {{ source('adhocracy', 'projects') }}
),

final as (
    select
        _origin as origin,
        project_id,
        idea_module_id,
        poll_module_id,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
