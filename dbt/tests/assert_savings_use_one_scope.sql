-- Direct and CO2e factors, inventory and substitution factors are never counted together.
select
    action_code as code,
    gas_scope,
    boundary,
    factor_kind
from {{ ref('emission_factors') }}
where
    usage = 'saving'
    and (gas_scope <> 'CO2e' or boundary = 'direct' or factor_kind <> 'inventory')
union all
select
    carrier as code,
    gas_scope,
    boundary,
    factor_kind
from {{ ref('energy_carriers') }}
where
    usage = 'saving'
    and (gas_scope <> 'CO2e' or boundary = 'direct' or factor_kind <> 'inventory')
