with

source as (
    select * from {{ source('datex2', 'measurement_sites') }}
),

final as (
    select
        _origin as origin,
        site_id,
        name,
        case when latitude between -90 and 90 then latitude end as latitude,
        case
            when latitude between -90 and 90 and longitude between -180 and 180 then longitude
        end as longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
