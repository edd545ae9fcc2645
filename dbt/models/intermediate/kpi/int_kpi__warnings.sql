with

outcomes as (
    select * from {{ ref('fct_warning_verification') }}
),

messages as (
    select * from {{ ref('stg_dwd_warnings__messages') }}
),

warning_archive as (
    select
        origin,
        {{ local_date('min(sent_at)') }} as first_day,
        {{ local_date('max(sent_at)') }} as last_day
    from messages
    group by origin
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

-- share of the year for which warnings were kept
covered as (
    select
        years.*,
        make_date(years.year, 1, 1) as period_start,
        round(least(100.0, 100.0 * (
            1 + date_diff(
                'day',
                greatest(warning_archive.first_day, make_date(years.year, 1, 1)),
                least(warning_archive.last_day, make_date(years.year, 12, 31))
            )
        ) / {{ days_in_year('years.year') }}), 2) as coverage_pct
    from years
    inner join warning_archive on years.origin = warning_archive.origin
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
