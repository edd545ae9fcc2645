with

quarters as (
    select * from {{ ref('pilot_quarters') }}
),

final as (
    select
        'quarter:' || quarter as quarter_id,
        'district:' || district_number as district_id,
        district_number,
        source,
        sureness
    from quarters
)

select * from final
