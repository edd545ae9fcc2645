with

factors as (
    select * from {{ ref('emission_factors') }}
),

carriers as (
    select * from {{ ref('energy_carriers') }}
),

-- spans in which both the factor and its carrier keep their value
final as (
    select
        factors.action_code,
        factors.usage,
        greatest(factors.valid_from, coalesce(carriers.valid_from, factors.valid_from))
            as valid_from,
        nullif(least(
            coalesce(factors.valid_to, date '9999-12-31'),
            coalesce(carriers.valid_to, date '9999-12-31')
        ), date '9999-12-31') as valid_to,
        actions.unit,
        factors.value * coalesce(carriers.value_kg_per_kwh, 1) as value_kg_co2e,
        factors.low * coalesce(carriers.low, 1) as low_kg_co2e,
        factors.high * coalesce(carriers.high, 1) as high_kg_co2e,
        factors.carrier,
        case when factors.carrier is not null then factors.value end as value_kwh,
        carriers.value_kg_per_kwh as carrier_kg_per_kwh,
        factors.gas_scope,
        factors.boundary,
        factors.factor_kind,
        factors.base_year,
        factors.edition,
        factors.source,
        factors.source_url,
        factors.page,
        carriers.edition as carrier_edition,
        carriers.source as carrier_source,
        greatest(factors.evidence_class, coalesce(carriers.evidence_class, 'A'))
            as evidence_class,
        case
            when 'unverified' in (factors.sureness, carriers.sureness) then 'unverified'
            when 'secondary' in (factors.sureness, carriers.sureness) then 'secondary'
            else factors.sureness
        end as sureness,
        factors.note_de
    from factors
    inner join {{ ref('cleema_actions') }} as actions using (action_code)
    left join carriers
        on
            factors.carrier = carriers.carrier
            and factors.usage = carriers.usage
            and carriers.valid_from <= coalesce(factors.valid_to, date '9999-12-31')
            and coalesce(carriers.valid_to, date '9999-12-31') >= factors.valid_from
)

select * from final
