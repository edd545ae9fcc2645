with

source as (
    select * from {{ source('cleema_api', 'offers') }}
),

final as (
    select
        _origin as origin,
        uuid as offer_uuid,
        store_type,
        discount,
        cast(valid_from as date) as valid_from,
        cast(valid_until as date) as valid_until,
        is_regional,
        redeem_interval_days,
        views,
        lower(region_uuid) as region_uuid,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
