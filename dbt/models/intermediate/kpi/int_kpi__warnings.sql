with

outcomes as (
    select * from {{ ref('fct_warning_verification') }}
),

years as (
    select
        origin,
        year,
        count(*) filter (where outcome = 'hit') as hits,
        count(*) filter (where outcome = 'miss') as misses,
        count(*) filter (where outcome = 'false_alarm') as false_alarms,
        median(lead_time_min) as lead_median_min,
        quantile_cont(lead_time_min, 0.25) as lead_lower_min,
        quantile_cont(lead_time_min, 0.75) as lead_upper_min
    from outcomes
    group by origin, year
),

spans as (
    select
        *,
        make_date(year, 1, 1) as period_start,
        {{ local_day_start('make_date(year, 1, 1)') }} as starts_at,
        {{ local_day_start('make_date(year + 1, 1, 1)') }} as ends_at
    from years
),

-- share of the year for which our archive of warnings is complete
covered as (
    select
        spans.*,
        round(100.0 * sum(date_diff(
            'minute',
            greatest(windows.starts_at, spans.starts_at),
            least(windows.ends_at, spans.ends_at)
        )) / date_diff('minute', any_value(spans.starts_at), any_value(spans.ends_at)), 2)
            as coverage_pct
    from spans
    inner join {{ ref('int_environment__warning_windows') }} as windows
        on
            spans.origin = windows.origin
            and spans.starts_at < windows.ends_at
            and spans.ends_at > windows.starts_at
    group by all
),

measured as (
    select
        'M5.2' as kpi_code,
        period_start,
        lead_median_min::double as value,
        lead_lower_min::double as low,
        lead_upper_min::double as high,
        hits as n,
        coverage_pct,
        origin
    from covered
    where hits > 0
    union all
    select
        'M5.3a' as kpi_code,
        period_start,
        100.0 * hits / (hits + misses) as value,
        {{ wilson_pct('hits', '(hits + misses)', '-') }} as low,
        {{ wilson_pct('hits', '(hits + misses)', '+') }} as high,
        hits + misses as n,
        coverage_pct,
        origin
    from covered
    where hits + misses > 0
    union all
    select
        'M5.3b' as kpi_code,
        period_start,
        100.0 * false_alarms / (hits + false_alarms) as value,
        {{ wilson_pct('false_alarms', '(hits + false_alarms)', '-') }} as low,
        {{ wilson_pct('false_alarms', '(hits + false_alarms)', '+') }} as high,
        hits + false_alarms as n,
        coverage_pct,
        origin
    from covered
    where hits + false_alarms > 0
),

final as (
    select
        kpi_code,
        period_start,
        'year' as period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(value, 2) as value,
        round(low, 2) as low,
        round(high, 2) as high,
        n,
        coverage_pct,
        origin
    from measured
)

select * from final
