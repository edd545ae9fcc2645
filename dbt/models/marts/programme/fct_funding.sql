with

phases as (
    select * from {{ ref('funding_phases') }}
),

spending as (
    select * from {{ ref('fct_spending_monthly') }}
),

-- the council's figures stand even before any sheet has come
origins as (
    select distinct origin from spending
    union
    select 'real' as origin
),

documented as (
    select
        spending.origin,
        phases.part,
        sum(spending.planned_eur) as planned_eur,
        sum(spending.spent_eur) as spent_eur,
        sum(spending.grant_eur) as drawn_eur,
        max(spending.month_start) filter (spending.spent_eur is not null) as last_month
    from spending
    inner join phases
        on
            phases.part = 'total'
            or spending.month_start between phases.starts_on
            and coalesce(phases.optional_ends_on, phases.ends_on)
    group by spending.origin, phases.part
),

final as (
    select
        origins.origin,
        phases.part,
        phases.name_de,
        phases.name_en,
        phases.starts_on,
        phases.ends_on,
        phases.optional_ends_on,
        phases.cost_eur,
        phases.grant_eur,
        (phases.cost_eur - phases.grant_eur)::decimal(14, 2) as own_share_eur,
        documented.planned_eur::decimal(14, 2) as planned_eur,
        documented.spent_eur::decimal(14, 2) as spent_eur,
        documented.drawn_eur::decimal(14, 2) as drawn_eur,
        (phases.grant_eur - documented.drawn_eur)::decimal(14, 2) as remaining_eur,
        (100.0 * documented.drawn_eur / phases.grant_eur)::double as drawn_pct,
        documented.last_month,
        phases.source,
        phases.sureness
    from origins
    cross join phases
    left join documented
        on
            origins.origin = documented.origin
            and phases.part = documented.part
)

select * from final
