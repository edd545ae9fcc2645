with

source as (
    select * from {{ source('dresden_portal', 'resources') }}
),

final as (
    select
        _origin as origin,
        catalogue,
        dataset_id,
        cast(null as varchar) as resource_id,
        format,
        cast(null as varchar) as media_type,
        url as access_url,
        -- the other kinds lead to views, services and pages
        case
            when upper(format) in ('CSV', 'JSON', 'GEOJSON', 'XLSX', 'XLS', 'XML', 'PDF', 'ZIP')
                then url
        end as download_url,
        cast(null as varchar) as licence,
        cast(null as varchar) as rights,
        cast(null as double) as byte_size,
        cast(null as date) as issued_on,
        cast(null as date) as modified_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
