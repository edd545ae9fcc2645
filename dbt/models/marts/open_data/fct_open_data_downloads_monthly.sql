with

downloads as (
    select * from {{ ref('stg_matomo__downloads') }}
    {{ keep_last(['origin', 'local_date', 'file_label']) }}
),

-- an address that several datasets share says nothing about either
addresses as (
    select
        origin,
        address,
        any_value(dataset_id) as dataset_id
    from (
        select distinct
            origin,
            coalesce(download_url, access_url) as address,
            dataset_id
        from {{ ref('stg_ckan__resources') }}
    )
    group by origin, address
    having count(*) = 1
),

final as (
    select
        downloads.origin,
        cast(date_trunc('month', downloads.local_date) as date) as month_start,
        downloads.file_label,
        any_value(addresses.dataset_id) as dataset_id,
        sum(downloads.downloads)::bigint as downloads,
        sum(downloads.visits)::bigint as visits
    from downloads
    left join addresses
        on
            downloads.origin = addresses.origin
            and downloads.file_url = addresses.address
    group by downloads.origin, month_start, downloads.file_label
)

select * from final
