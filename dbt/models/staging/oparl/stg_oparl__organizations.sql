with

source as (
    select * from {{ source('oparl', 'organizations') }}
),

final as (
    select
        _origin as origin,
        organization_id,
        name as organization_name,
        short_name,
        classification,
        start_date,
        end_date,
        modified_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
