with

savings as (
    select
        origin,
        min(month_start) as first_month,
        max(month_start) as last_month,
        {{ exact_sum('gross_kg_co2e') }} as gross_kg_co2e,
        {{ exact_sum('saving_low_kg_co2e') }} as saving_low_kg_co2e,
        {{ exact_sum('saving_kg_co2e') }} as saving_kg_co2e,
        {{ exact_sum('saving_high_kg_co2e') }} as saving_high_kg_co2e
    from {{ ref('public_cleema_savings_monthly') }}
    where
        not is_suppressed
        and month_start >= (select max(starts_on) from {{ ref('funding_phases') }})
    group by origin
),

activity as (
    select
        origin,
        sum(answers) as answers,
        sum(successes) as successes,
        sum(successes * self_reported_pct) / sum(successes) as self_reported_pct,
        max(observed_until) as observed_until
    from {{ ref('fct_cleema_activity_monthly') }}
    where area_kind = 'city' and not is_suppressed
    group by origin
),

challenges as (
    select
        challenges.origin,
        count(*) as challenges,
        count(*) filter (where challenges.assessment = 'assessed') as assessed_challenges
    from {{ ref('dim_cleema_challenges') }} as challenges
    inner join activity using (origin)
    where challenges.start_date <= activity.observed_until
    group by challenges.origin
),

final as (
    select
        savings.origin,
        savings.first_month,
        savings.last_month,
        activity.observed_until,
        savings.gross_kg_co2e,
        savings.saving_low_kg_co2e,
        savings.saving_kg_co2e,
        savings.saving_high_kg_co2e,
        uncertainty.p5_kg_co2e,
        uncertainty.p95_kg_co2e,
        activity.answers::bigint as answers,
        round(activity.self_reported_pct, 2)::double as self_reported_pct,
        challenges.challenges,
        challenges.assessed_challenges
    from savings
    inner join activity using (origin)
    inner join challenges using (origin)
    left join {{ ref('fct_cleema_uncertainty') }} as uncertainty
        on savings.origin = uncertainty.origin and uncertainty.period_kind = 'phase'
)

select * from final
