with

final as (
    select
        district_number,
        'district' as area_kind,
        'district:' || district_number as area_id
    from {{ ref('districts') }}
    union all
    select
        district_number,
        'borough' as area_kind,
        'borough:' || borough_number as area_id
    from {{ ref('districts') }}
)

select * from final
