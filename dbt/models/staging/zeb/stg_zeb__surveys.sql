with

source as (
    select * from {{ source('zeb', 'surveys') }}
),

final as (
    select
        _origin as origin,
        campaign_id,
        case lower(method)
            when 'messfahrzeug' then 'measuring_vehicle'
            when 'sensorik' then 'sensor'
            else 'unknown'
        end as method,
        surveyed_on,
        section_id,
        unevenness_mm,
        rut_depth_mm,
        cracks_pct,
        patches_pct,
        usability_value as usability_grade,
        substance_value as substance_grade,
        total_value as total_grade,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
