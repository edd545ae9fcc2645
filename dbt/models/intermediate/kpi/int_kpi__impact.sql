{#- HF3.4 how many measures can be judged, HF3.5 effect against the control area. -#}
with

baselines as (
    select * from {{ ref('fct_impact_baseline') }}
),

measures as (
    select count(distinct measure) as measures
    from {{ ref('measures') }}
    where valid_to is null
),

phase as (
    select max(starts_on) as starts_on
    from {{ ref('funding_phases') }}
),

origins as (
    select distinct
        origin,
        observed_until
    from baselines
),

quarters as (
    select
        origins.origin,
        cast(unnest(generate_series(
            date_trunc('quarter', phase.starts_on),
            date_trunc('quarter', origins.observed_until),
            interval 3 month
        )) as date) as period_start,
        origins.observed_until
    from origins
    cross join phase
),

evaluated as (
    select
        'HF3.4' as kpi_code,
        quarters.period_start,
        'quarter' as period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        100.0 * count(distinct baselines.measure) / any_value(measures.measures) as value,
        null::double as low,
        null::double as high,
        any_value(measures.measures) as n,
        quarters.observed_until,
        quarters.origin
    from quarters
    cross join measures
    left join baselines
        on
            quarters.origin = baselines.origin
            and baselines.evaluable_since
            <= {{ period_end("'quarter'", 'quarters.period_start') }}
    group by quarters.period_start, quarters.observed_until, quarters.origin
),

effects as (
    select
        effects.code as kpi_code,
        make_date(effects.year, 1, 1) as period_start,
        'year' as period_kind,
        'quarter' as area_kind,
        effects.quarter_id as area_id,
        effects.effect as value,
        effects.low,
        effects.high,
        effects.months_after as n,
        origins.observed_until,
        effects.origin
    from {{ ref('fct_impact_did') }} as effects
    inner join origins using (origin)
),

combined as (
    select * from evaluated
    union all
    select * from effects
),

final as (
    select
        kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round(value, 4)::double as value,
        round(low, 4)::double as low,
        round(high, 4)::double as high,
        n::bigint as n,
        {{ observed_pct('period_start', 'observed_until') }} as coverage_pct,
        origin
    from combined
)

select * from final
