with

source as (
    select * from {{ source('dcat', 'resources') }}
),

final as (
    select
        _origin as origin,
        catalogue,
        dataset_id,
        resource_id,
        format,
        media_type,
        access_url,
        download_url,
        licence,
        rights,
        byte_size,
        {{ local_date('issued_at') }} as issued_on,
        {{ local_date('modified_at') }} as modified_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
