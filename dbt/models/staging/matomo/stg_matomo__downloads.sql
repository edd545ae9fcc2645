with

source as (
    select * from {{ source('matomo', 'downloads') }}
),

final as (
    select
        _origin as origin,
        day as local_date,
        label as file_label,
        url as file_url,
        visits,
        hits as downloads,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
