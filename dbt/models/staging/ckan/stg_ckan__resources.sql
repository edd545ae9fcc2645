with

source as (
    select * from {{ source('ckan', 'resources') }}
),

sized as (
    select
        *,
        try_cast(regexp_extract(size, '^[0-9]+(\.[0-9]+)?') as double) as number,
        lower(regexp_extract(size, '^[0-9.]+ *([A-Za-z]*)$', 1)) as unit
    from source
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
        case
            when unit in ('', 'byte', 'bytes') then number
            when unit = 'kb' then number * 1024
            when unit = 'mb' then number * 1024 * 1024
            when unit = 'gb' then number * 1024 * 1024 * 1024
        end as byte_size,
        {{ local_date('issued_at') }} as issued_on,
        {{ local_date('modified_at') }} as modified_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from sized
)

select * from final
