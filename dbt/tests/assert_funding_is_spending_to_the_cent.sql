-- What the phases have drawn is what the months have brought in, to the cent, and phases and
-- total agree; a month that falls between the phases would be lost here.
with

months as (
    select
        origin,
        sum(spent_eur) as spent_eur,
        sum(grant_eur) as drawn_eur
    from {{ ref('fct_spending_monthly') }}
    group by origin
),

phases as (
    select
        origin,
        sum(spent_eur) filter (part <> 'total') as spent_eur,
        sum(drawn_eur) filter (part <> 'total') as drawn_eur,
        sum(spent_eur) filter (part = 'total') as total_spent_eur,
        sum(drawn_eur) filter (part = 'total') as total_drawn_eur
    from {{ ref('fct_funding') }}
    group by origin
)

select months.origin
from months
inner join phases on months.origin = phases.origin
where
    months.spent_eur is distinct from phases.spent_eur
    or months.drawn_eur is distinct from phases.drawn_eur
    or months.spent_eur is distinct from phases.total_spent_eur
    or months.drawn_eur is distinct from phases.total_drawn_eur
