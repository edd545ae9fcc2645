with

source as (
    select * from {{ source('csw', 'resources') }}
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
        issued_on,
        modified_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
