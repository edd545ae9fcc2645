{#- Periods a mean needs: half a year of months, or one year. -#}
{%- set needed = "case when outcomes.period_kind = 'month' then 6 else 1 end" -%}

with

measured as (
    select * from {{ ref('int_impact__values') }}
),

origins as (
    select
        origin,
        max(observed_until) as observed_until
    from measured
    group by origin
),

outcomes as (
    select
        origins.origin,
        origins.observed_until,
        outcomes.*,
        {{ needed }} as needed
    from {{ ref('impact_outcomes') }} as outcomes
    cross join origins
),

matched as (
    select
        outcomes.origin,
        outcomes.kpi_code,
        outcomes.area_id,
        outcomes.baseline_from,
        outcomes.baseline_to,
        outcomes.started_on,
        outcomes.needed,
        measured.period_start,
        measured.period_end,
        measured.value,
        row_number() over (
            partition by
                outcomes.origin, outcomes.kpi_code, outcomes.area_id,
                measured.period_start >= outcomes.started_on
            order by measured.period_start
        ) as place,
        max(measured.period_end) over (
            partition by outcomes.origin, outcomes.kpi_code, outcomes.area_id
        ) as newest_end
    from outcomes
    inner join measured
        on
            outcomes.origin = measured.origin
            and outcomes.kpi_code = measured.kpi_code
            and outcomes.period_kind = measured.period_kind
            and outcomes.area_kind = measured.area_kind
            and outcomes.area_id = measured.area_id
),

-- the baseline against the newest twelve months, so that both hold every season
compared as (
    select
        origin,
        kpi_code,
        area_id,
        {{ exact_avg('value', 'is_before') }} as baseline_value,
        count(*) filter (where is_before) as baseline_periods,
        min(period_start) filter (where is_after) as after_from,
        max(period_end) filter (where is_after) - 1 as after_to,
        {{ exact_avg('value', 'is_after') }} as after_value,
        count(*) filter (where is_after) as after_periods,
        min(period_end) filter (where period_start >= started_on and place = needed)
            as enough_since
    from (
        select
            *,
            period_start >= baseline_from and period_end <= baseline_to + 1 as is_before,
            period_start >= started_on and period_end > newest_end - interval 1 year as is_after
        from matched
    )
    group by origin, kpi_code, area_id
),

judged as (
    select
        outcomes.*,
        compared.baseline_value,
        coalesce(compared.baseline_periods, 0) as baseline_periods,
        compared.after_from,
        compared.after_to,
        compared.after_value,
        coalesce(compared.after_periods, 0) as after_periods,
        greatest(compared.enough_since, outcomes.baseline_to + 1) as enough_since,
        case
            when compared.origin is null then 'keine Werte'
            when compared.baseline_periods < outcomes.needed then 'zu wenige Werte vor dem Beginn'
            when compared.after_periods < outcomes.needed then 'zu wenige Werte nach dem Beginn'
        end as reason_de
    from outcomes
    left join compared using (origin, kpi_code, area_id)
),

final as (
    select
        origin,
        kpi_code,
        measure,
        area_kind,
        area_id,
        baseline_from,
        baseline_to,
        baseline_periods,
        case when reason_de is null then round(baseline_value, 3) end as baseline_value,
        started_on,
        after_from,
        after_to,
        after_periods,
        case when reason_de is null then round(after_value, 3) end as after_value,
        case when reason_de is null then round(after_value - baseline_value, 3) end as change,
        case
            when reason_de is null and baseline_value <> 0
                then round(100 * (after_value - baseline_value) / abs(baseline_value), 1)
        end as change_pct,
        case when reason_de is null then 'auswertbar' else 'nicht auswertbar' end as status,
        reason_de,
        case when reason_de is null then enough_since end as evaluable_since,
        source,
        sureness,
        observed_until
    from judged
)

select * from final
