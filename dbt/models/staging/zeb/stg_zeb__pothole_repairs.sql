with

source as (
    select * from {{ source('zeb', 'pothole_repairs') }}
),

final as (
    select
        _origin as origin,
        city,
        trim(street_name) as street_name,
        section_id,
        repaired_local at time zone 'America/New_York' as repaired_at,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
