with

final as (
    select
        facility_id,
        name_de,
        name_en,
        kind,
        is_outdoor,
        is_bookable,
        site_id,
        latitude,
        longitude,
        sureness
    from {{ ref('facilities') }}
)

select * from final
