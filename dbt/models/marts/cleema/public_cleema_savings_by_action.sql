with

final as (
    select
        savings.origin,
        cast(date_trunc('year', savings.month_start) as date) as year_start,
        savings.action_code,
        actions.name_de,
        actions.name_en,
        actions.boundary,
        sum(savings.successes)::bigint as successes,
        {{ exact_sum('savings.gross_kg_co2e') }} as gross_kg_co2e,
        {{ exact_sum('savings.saving_low_kg_co2e') }} as saving_low_kg_co2e,
        {{ exact_sum('savings.saving_kg_co2e') }} as saving_kg_co2e,
        {{ exact_sum('savings.saving_high_kg_co2e') }} as saving_high_kg_co2e
    from {{ ref('fct_cleema_savings_monthly') }} as savings
    inner join {{ ref('dim_cleema_actions') }} as actions using (action_code)
    where savings.area_kind = 'city' and not savings.is_suppressed
    group by all
)

select * from final
