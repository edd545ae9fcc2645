with

months as (
    select distinct cast(date_trunc('month', activity_date) as date) as month_start
    from {{ ref('int_cleema__answers') }}
    where activity_date is not null
),

factors as (
    select
        months.month_start,
        actions.action_group,
        factors.*
    from {{ ref('emission_factors') }} as factors
    inner join {{ ref('cleema_actions') }} as actions using (action_code)
    inner join months
        on
            months.month_start >= factors.valid_from
            and months.month_start <= coalesce(factors.valid_to, date '9999-12-31')
    where factors.usage = 'saving'
),

carriers as (
    select
        factors.action_code,
        factors.month_start,
        carriers.carrier,
        carriers.low,
        carriers.value_kg_per_kwh as central,
        carriers.high
    from factors
    inner join {{ ref('energy_carriers') }} as carriers
        on
            factors.carrier = carriers.carrier
            and carriers.usage = 'saving'
            and factors.month_start >= carriers.valid_from
            and factors.month_start <= coalesce(carriers.valid_to, date '9999-12-31')
),

-- the narrowest scope counts: the action before its group before default
assumed as (
    select
        factors.action_code,
        factors.month_start,
        assumptions.assumption,
        assumptions.scope,
        assumptions.low,
        assumptions.central,
        assumptions.high
    from factors
    inner join {{ ref('cleema_assumptions') }} as assumptions
        on
            assumptions.scope in (factors.action_code, factors.action_group, 'default')
            and factors.month_start >= assumptions.valid_from
            and factors.month_start <= coalesce(assumptions.valid_to, date '9999-12-31')
    where assumptions.assumption in ('additionality', 'substitution', 'rebound')
    qualify row_number() over (
        partition by factors.action_code, factors.month_start, assumptions.assumption
        order by
            assumptions.scope = factors.action_code desc,
            assumptions.scope = factors.action_group desc
    ) = 1
),

final as (
    select
        action_code,
        month_start,
        'factor:' || action_code as parameter,
        true as is_factor,
        low,
        value as central,
        high
    from factors
    union all
    select
        action_code,
        month_start,
        'carrier:' || carrier as parameter,
        true as is_factor,
        low,
        central,
        high
    from carriers
    union all
    -- of a rebound the share that is left counts, so a high rebound is a low multiplier
    select
        action_code,
        month_start,
        assumption || ':' || scope as parameter,
        false as is_factor,
        case when assumption = 'rebound' then 1 - high else low end as low,
        case when assumption = 'rebound' then 1 - central else central end as central,
        case when assumption = 'rebound' then 1 - low else high end as high
    from assumed
)

select * from final
