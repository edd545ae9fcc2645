-- The phases add up to the programme to the cent, and every grant is 65 % of its cost.
with

sums as (
    select
        sum(cost_eur) filter (part <> 'total') as cost_eur,
        sum(grant_eur) filter (part <> 'total') as grant_eur
    from {{ ref('funding_phases') }}
),

total as (
    select * from {{ ref('funding_phases') }}
    where part = 'total'
)

select
    'sum' as failure,
    total.part
from total
cross join sums
where total.cost_eur <> sums.cost_eur or total.grant_eur <> sums.grant_eur
union all
select
    'share' as failure,
    part
from {{ ref('funding_phases') }}
where round(cost_eur * 0.65, 2) <> grant_eur
union all
select
    'no total' as failure,
    'total' as part
where not exists (select 1 from total)
