{#-
    Difference in differences on monthly values. The control is subtracted month by month, which
    takes out seasons and all that happens to both areas; the effect is the mean difference after
    the start less that before it. Its standard error is Welch's (variances before and after may
    differ), with the number of months reduced for their correlation with the month before. It
    covers the noise from month to month, not that two areas may part for other reasons.
-#}
{%- set min_months = 6 -%}

with

measured as (
    select * from {{ ref('int_impact__values') }}
    where period_kind = 'month'
),

comparisons as (
    select * from {{ ref('impact_comparisons') }}
),

years as (
    select distinct
        measured.origin,
        comparisons.code,
        year(measured.period_start) as year
    from measured
    inner join comparisons using (kpi_code)
    where measured.period_start >= comparisons.started_on
),

-- a comparison nobody has values for is listed once
frame as (
    select
        origins.origin,
        comparisons.*,
        coalesce(years.year, year(origins.newest_month)) as year
    from comparisons
    cross join (
        select
            origin,
            max(period_start) as newest_month
        from measured
        group by origin
    ) as origins
    left join years on origins.origin = years.origin and comparisons.code = years.code
),

pairs as (
    select
        frame.origin,
        frame.code,
        frame.year,
        pilot.period_start as month_start,
        pilot.period_start >= frame.started_on as is_after,
        pilot.value as pilot_value,
        control.value as control_value,
        pilot.value - control.value as difference
    from frame
    inner join measured as pilot
        on
            frame.origin = pilot.origin
            and frame.kpi_code = pilot.kpi_code
            and frame.pilot_area_id = pilot.area_id
            and (
                pilot.period_start < frame.started_on or year(pilot.period_start) = frame.year
            )
    inner join measured as control
        on
            pilot.origin = control.origin
            and pilot.kpi_code = control.kpi_code
            and pilot.period_start = control.period_start
            and frame.control_area_id = control.area_id
),

residuals as (
    select
        *,
        difference - avg(difference) over segment as residual,
        date_diff('month', min(month_start) over segment, month_start) as month_number
    from pairs
    window segment as (partition by origin, code, year, is_after)
),

lagged as (
    select
        *,
        case
            when lag(month_start) over segment = month_start - interval 1 month
                then lag(residual) over segment
        end as residual_before
    from residuals
    window segment as (partition by origin, code, year, is_after order by month_start)
),

-- correlation of neighbouring months, both sides together; only a positive one counts
correlated as (
    select
        origin,
        code,
        year,
        least(0.9, greatest(0.0, coalesce(
            sum(residual * residual_before)
            / nullif(sum(residual * residual) filter (where residual_before is not null), 0), 0
        ))) as correlation
    from lagged
    group by origin, code, year
),

sides as (
    select
        origin,
        code,
        year,
        count(*) filter (where not is_after) as months_before,
        count(*) filter (where is_after) as months_after,
        {{ exact_avg('pilot_value', 'not is_after') }} as pilot_before,
        {{ exact_avg('pilot_value', 'is_after') }} as pilot_after,
        {{ exact_avg('control_value', 'not is_after') }} as control_before,
        {{ exact_avg('control_value', 'is_after') }} as control_after,
        {{ exact_avg('difference', 'is_after') }}
        - {{ exact_avg('difference', 'not is_after') }} as effect,
        var_samp(difference) filter (where not is_after) as variance_before,
        var_samp(difference) filter (where is_after) as variance_after,
        regr_slope(difference, month_number) filter (where not is_after) as slope_before,
        sqrt(
            greatest(0, 1 - regr_r2(difference, month_number) filter (where not is_after))
            * var_samp(difference) filter (where not is_after)
            / nullif(var_samp(month_number) filter (where not is_after), 0)
            / nullif(count(*) filter (where not is_after) - 2, 0)
        ) as slope_error
    from residuals
    group by origin, code, year
),

errors as (
    select
        sides.*,
        correlated.correlation,
        variance_before / (months_before * (1 - correlation) / (1 + correlation)) as part_before,
        variance_after / (months_after * (1 - correlation) / (1 + correlation)) as part_after,
        months_before * (1 - correlation) / (1 + correlation) as worth_before,
        months_after * (1 - correlation) / (1 + correlation) as worth_after
    from sides
    inner join correlated using (origin, code, year)
),

freedom as (
    select
        *,
        sqrt(part_before + part_after) as standard_error,
        cast(greatest(1, floor(
            pow(part_before + part_after, 2) / nullif(
                pow(part_before, 2) / greatest(worth_before - 1, 0.5)
                + pow(part_after, 2) / greatest(worth_after - 1, 0.5), 0
            )
        )) as integer) as degrees_of_freedom
    from errors
),

tested as (
    select
        freedom.*,
        t.t_975,
        abs(freedom.slope_before) / nullif(freedom.slope_error, 0) > trend.t_975
            as is_trend_different
    from freedom
    asof left join {{ ref('t_quantiles') }} as t
        on freedom.degrees_of_freedom >= t.degrees_of_freedom
    asof left join {{ ref('t_quantiles') }} as trend
        on cast(freedom.months_before - 2 as integer) >= trend.degrees_of_freedom
),

judged as (
    select
        frame.*,
        tested.* exclude (origin, code, year),
        case
            when tested.code is null then 'keine Werte in beiden Gebieten'
            when tested.months_before < {{ min_months }}
                then 'weniger als {{ min_months }} Monate vor dem Beginn'
            when tested.months_after < {{ min_months }}
                then 'weniger als {{ min_months }} Monate nach dem Beginn'
            when tested.t_975 is null or tested.standard_error is null
                then 'Streuung nicht bestimmbar'
        end as reason_de
    from frame
    left join tested using (origin, code, year)
),

final as (
    select
        origin,
        code,
        year::integer as year,
        kpi_code,
        quarter_id,
        pilot_area_id,
        control_area_id,
        started_on,
        coalesce(months_before, 0) as months_before,
        coalesce(months_after, 0) as months_after,
        round(pilot_before, 4) as pilot_before,
        round(pilot_after, 4) as pilot_after,
        round(control_before, 4) as control_before,
        round(control_after, 4) as control_after,
        case when reason_de is null then round(effect, 4) end as effect,
        case when reason_de is null then round(effect - t_975 * standard_error, 4) end as low,
        case when reason_de is null then round(effect + t_975 * standard_error, 4) end as high,
        case when reason_de is null then round(standard_error, 4) end as standard_error,
        degrees_of_freedom,
        round(correlation, 4) as correlation,
        is_trend_different,
        case
            when reason_de is not null then 'nicht auswertbar'
            when is_trend_different then 'auswertbar, Gebiete liefen schon vorher auseinander'
            else 'auswertbar'
        end as status,
        reason_de,
        source,
        sureness
    from judged
)

select * from final
