select
    origin,
    month_start,
    gross_kg_co2e,
    saving_low_kg_co2e,
    saving_kg_co2e,
    saving_high_kg_co2e,
    is_suppressed
from {{ ref('fct_cleema_savings_monthly') }}
where area_kind = 'city' and action_code = 'all'
