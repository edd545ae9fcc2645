-- On any day one value counts, spans begin with a month, and low <= central <= high.
with

spans as (
    select
        'factor ' || action_code as code,
        valid_from,
        valid_to,
        low,
        value as central,
        high
    from {{ ref('emission_factors') }}
    where usage = 'saving'
    union all
    select
        'carrier ' || carrier as code,
        valid_from,
        valid_to,
        low,
        value_kg_per_kwh as central,
        high
    from {{ ref('energy_carriers') }}
    where usage = 'saving'
    union all
    select
        assumption || ' ' || scope as code,
        valid_from,
        valid_to,
        low,
        central,
        high
    from {{ ref('cleema_assumptions') }}
),

ordered as (
    select
        *,
        lead(valid_from) over (partition by code order by valid_from) as next_from
    from spans
)

select *
from ordered
where
    coalesce(valid_to, date '9999-12-31') >= next_from
    or day(valid_from) <> 1
    or day(coalesce(valid_to, date '2000-12-31') + 1) <> 1
    or not (low <= central and central <= high)
