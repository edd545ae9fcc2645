with

savings as (
    select * from {{ ref('fct_cleema_savings_monthly') }}
    where area_kind = 'borough' and action_code = 'all'
),

final as (
    select
        savings.origin,
        cast(date_trunc('year', savings.month_start) as date) as year_start,
        savings.area_id,
        case savings.area_id
            when 'borough:unknown' then 'keine Bezirksangabe'
            when 'borough:under_k' then 'unter {{ var('min_group_people') }} Personen'
            else boroughs.name
        end as name_de,
        case savings.area_id
            when 'borough:unknown' then 'no borough given'
            when 'borough:under_k' then 'fewer than {{ var('min_group_people') }} people'
            else boroughs.name
        end as name_en,
        {{ exact_sum('savings.saving_low_kg_co2e') }} as saving_low_kg_co2e,
        {{ exact_sum('savings.saving_kg_co2e') }} as saving_kg_co2e,
        {{ exact_sum('savings.saving_high_kg_co2e') }} as saving_high_kg_co2e,
        bool_and(savings.is_complete) as is_complete
    from savings
    left join {{ ref('boroughs') }} as boroughs
        on savings.area_id = 'borough:' || boroughs.borough_number
    group by all
)

select * from final
