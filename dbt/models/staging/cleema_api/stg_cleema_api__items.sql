with

source as (
    select * from {{ source('cleema_api', 'items') }}
),

final as (
    select
        _origin as origin,
        resource,
        uuid as item_uuid,
        cast(item_date as date) as item_date,
        published_at,
        lower(region_uuid) as region_uuid,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
