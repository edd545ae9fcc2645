with

source as (
    select * from {{ source('programme_drop', 'milestones') }}
),

final as (
    select
        _origin as origin,
        measure,
        milestone,
        planned_on,
        done_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
