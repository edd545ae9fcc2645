-- Boroughs, those without one and the hidden ones together are the city, for each action and all.
with

sums as (
    select
        origin,
        month_start,
        action_code,
        sum(saving_kg_co2e) filter (where area_kind = 'city') as city,
        sum(saving_kg_co2e) filter (where area_kind = 'borough') as parts
    from {{ ref('fct_cleema_savings_monthly') }}
    group by origin, month_start, action_code
)

select *
from sums
where abs(coalesce(city, 0) - coalesce(parts, 0)) > 1e-6 * greatest(1, city)
