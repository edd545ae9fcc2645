with

cases as (
    select * from {{ ref('int_time_gains__cases') }}
),

steps as (
    select * from {{ ref('service_steps') }}
),

services as (
    select * from {{ ref('services') }}
),

-- minutes won per case of the old kind; the ends take the unfavourable of all four corners
valued as (
    select
        cases.origin,
        cases.month_start,
        cases.service_code,
        services.measure,
        steps.step_code,
        steps.side,
        steps.time_kind,
        cases.cases,
        services.replaced,
        steps.before as minutes_before,
        steps.after as minutes_after,
        steps.evidence,
        cases.cases * services.replaced * (steps.before - steps.after) / 60 as hours,
        cases.cases * least(
            services.replaced_low * (steps.before_low - steps.after_high),
            services.replaced_high * (steps.before_low - steps.after_high)
        ) / 60 as hours_low,
        cases.cases * greatest(
            services.replaced_low * (steps.before_high - steps.after_low),
            services.replaced_high * (steps.before_high - steps.after_low)
        ) / 60 as hours_high,
        cases.cases * services.replaced_low * steps.outlay_saved_low_eur as outlay_low,
        cases.cases * services.replaced * steps.outlay_saved_eur as outlay,
        cases.cases * services.replaced_high * steps.outlay_saved_high_eur as outlay_high,
        cases.last_day
    from cases
    inner join services using (service_code)
    inner join steps
        on
            cases.service_code = steps.service_code
            and cases.month_start >= steps.valid_from
            and cases.month_start <= coalesce(steps.valid_to, date '9999-12-31')
),

final as (
    select
        origin,
        month_start,
        service_code,
        measure,
        step_code,
        side,
        time_kind,
        cases,
        replaced as replaced_share,
        minutes_before,
        minutes_after,
        round(hours_low, 4)::double as hours_gained_low,
        round(hours, 4)::double as hours_gained,
        round(hours_high, 4)::double as hours_gained_high,
        round(outlay_low, 2)::double as outlay_saved_low_eur,
        round(outlay, 2)::double as outlay_saved_eur,
        round(outlay_high, 2)::double as outlay_saved_high_eur,
        evidence,
        last_day
    from valued
)

select * from final
