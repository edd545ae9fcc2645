with

terms as (
    select * from {{ ref('int_cleema__terms') }}
    where period_kind in ('year', 'phase')
),

parameters as (
    select * from {{ ref('int_cleema__parameters') }}
),

valued as (
    select
        terms.*,
        terms.amount * savings.central_kg_per_unit as saving
    from terms
    inner join {{ ref('int_cleema__unit_savings') }} as savings using (action_code, month_start)
),

totals as (
    select
        origin,
        period_kind,
        period_start,
        sum(saving) as total
    from valued
    group by origin, period_kind, period_start
),

-- one parameter at its lower and upper end, all others central
moved as (
    select
        valued.origin,
        valued.period_kind,
        valued.period_start,
        parameters.parameter,
        bool_or(parameters.high > parameters.low) as is_uncertain,
        sum(valued.saving * (parameters.low / parameters.central - 1)) as change_low,
        sum(valued.saving * (parameters.high / parameters.central - 1)) as change_high
    from valued
    inner join parameters using (action_code, month_start)
    group by valued.origin, valued.period_kind, valued.period_start, parameters.parameter
),

named as (
    select
        moved.*,
        split_part(moved.parameter, ':', 1) as kind,
        split_part(moved.parameter, ':', 2) as scope
    from moved
    where moved.is_uncertain
),

scopes as (
    select
        action_code as scope,
        name_de,
        name_en
    from {{ ref('cleema_actions') }}
    union all
    select
        carrier as scope,
        max(name_de) as name_de,
        carrier as name_en
    from {{ ref('energy_carriers') }}
    group by carrier
    union all
    select
        groups.scope,
        groups.name_de,
        groups.name_en
    from (
        values
        ('mobility', 'Mobilität', 'mobility'),
        ('energy', 'Energie', 'energy'),
        ('food', 'Ernährung', 'food'),
        ('water', 'Wasser', 'water'),
        ('consumption', 'Konsum', 'consumption'),
        ('default', null, null)
    ) as groups (scope, name_de, name_en)
),

kinds as (
    select
        words.kind,
        words.name_de,
        words.name_en
    from (
        values
        ('factor', 'Faktor', 'Factor'),
        ('carrier', 'Energieträger', 'Energy carrier'),
        ('additionality', 'Anteil, der ohne App nicht geschähe', 'Share due to the app'),
        ('substitution', 'Anteil, der etwas ersetzt', 'Share that replaces something'),
        ('rebound', 'Rebound', 'Rebound')
    ) as words (kind, name_de, name_en)
),

final as (
    select
        named.origin,
        named.period_kind,
        named.period_start,
        named.parameter,
        concat_ws(': ', kinds.name_de, scopes.name_de) as label_de,
        concat_ws(': ', kinds.name_en, scopes.name_en) as label_en,
        round(totals.total + named.change_low, 3) as saving_at_low_kg_co2e,
        round(totals.total, 3) as saving_kg_co2e,
        round(totals.total + named.change_high, 3) as saving_at_high_kg_co2e,
        round(named.change_high - named.change_low, 3) as swing_kg_co2e,
        row_number() over (
            partition by named.origin, named.period_kind, named.period_start
            order by round(named.change_high - named.change_low, 3) desc, named.parameter
        ) as place
    from named
    inner join totals using (origin, period_kind, period_start)
    left join kinds on named.kind = kinds.kind
    left join scopes on named.scope = scopes.scope
)

select * from final
