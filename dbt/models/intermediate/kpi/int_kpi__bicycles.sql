with

site_months as (
    select * from {{ ref('fct_bike_index_monthly') }}
),

-- site and month both in the period and in the base year: the same sites on both sides
matched as (
    select
        'M4.2a' as kpi_code,
        origin,
        site_id,
        month,
        base_year,
        mean_daily,
        base_mean_daily
    from site_months
    where base_mean_daily is not null
    union all
    select
        'M4.2b' as kpi_code,
        origin,
        site_id,
        month,
        base_year,
        mean_dry_daily as mean_daily,
        base_mean_dry_daily as base_mean_daily
    from site_months
    where base_mean_dry_daily is not null
),

-- how many site-months the base year has of each calendar month
base as (
    select
        kpi_code,
        origin,
        month(month) as calendar_month,
        count(*) as site_months
    from matched
    where year(month) = base_year
    group by kpi_code, origin, calendar_month
),

base_periods as (
    select
        kpi_code,
        origin,
        null::integer as calendar_month,
        sum(site_months) as site_months
    from base
    group by kpi_code, origin
    union all
    select
        kpi_code,
        origin,
        calendar_month,
        site_months
    from base
),

periods as (
    select
        matched.kpi_code,
        matched.origin,
        period_kind,
        {{ period_start('matched.month') }} as period_start,
        {{ exact_sum('matched.mean_daily * day(last_day(matched.month))') }} as counted,
        {{ exact_sum('matched.base_mean_daily * day(last_day(matched.month))') }} as counted_before,
        count(*) as matched_months,
        count(distinct matched.site_id) as n
    from matched
    cross join {{ period_kinds() }}
    group by all
),

final as (
    select
        periods.kpi_code,
        periods.period_start,
        periods.period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(100 * periods.counted / periods.counted_before, 1) as value,
        null::double as low,
        null::double as high,
        periods.n,
        round(
            least(100.0, 100.0 * periods.matched_months / base_periods.site_months), 2
        ) as coverage_pct,
        periods.origin
    from periods
    inner join base_periods
        on
            periods.kpi_code = base_periods.kpi_code
            and periods.origin = base_periods.origin
            and base_periods.calendar_month is not distinct from case periods.period_kind
                when 'month' then month(periods.period_start)
            end
)

select * from final
