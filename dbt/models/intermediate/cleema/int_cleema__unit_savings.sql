with

parameters as (
    select * from {{ ref('int_cleema__parameters') }}
),

final as (
    select
        action_code,
        month_start,
        product(central order by parameter) filter (where is_factor) as gross_kg_per_unit,
        product(low order by parameter) as low_kg_per_unit,
        product(central order by parameter) as central_kg_per_unit,
        product(high order by parameter) as high_kg_per_unit
    from parameters
    group by action_code, month_start
)

select * from final
