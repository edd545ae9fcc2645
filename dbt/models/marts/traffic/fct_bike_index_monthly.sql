with

days as (
    select *
    from {{ ref('fct_bike_counts_daily') }}
    where is_complete
),

rain as (
    select
        origin,
        local_date,
        precipitation_mm
    from {{ ref('fct_rain_daily') }}
    where
        station_id = '{{ var("weather_station") }}'
        and coverage_pct >= {{ var('min_coverage_pct') }}
),

months as (
    select
        days.origin,
        days.site_id,
        cast(date_trunc('month', days.local_date) as date) as month,
        count(*) as complete_days,
        count(*) filter (where rain.precipitation_mm < 1) as dry_days,
        avg(days.bicycles) as mean_daily,
        avg(days.bicycles) filter (where rain.precipitation_mm < 1) as mean_dry_daily
    from days
    left join rain on days.origin = rain.origin and days.local_date = rain.local_date
    group by days.origin, days.site_id, month
),

-- 2019 or, where counting began later, the first year with a site that counted all of it
base_years as (
    select
        origin,
        min(year) as base_year
    from (
        select
            origin,
            year(month) as year
        from months
        where complete_days >= {{ var('min_count_month_days') }} and year(month) >= 2019
        group by origin, site_id, year
        having count(*) = 12
    )
    group by origin
),

base as (
    select months.*
    from months
    inner join base_years
        on months.origin = base_years.origin and year(months.month) = base_years.base_year
    where months.complete_days >= {{ var('min_count_month_days') }}
),

final as (
    select
        months.origin,
        months.site_id,
        months.month,
        base_years.base_year,
        months.complete_days,
        months.dry_days,
        round(months.mean_daily, 2) as mean_daily,
        round(months.mean_dry_daily, 2) as mean_dry_daily,
        case
            when months.complete_days >= {{ var('min_count_month_days') }}
                then round(base.mean_daily, 2)
        end as base_mean_daily,
        case
            when months.dry_days >= 5 and base.dry_days >= 5
                then round(base.mean_dry_daily, 2)
        end as base_mean_dry_daily,
        round(100 * months.mean_daily / base_mean_daily, 2) as index,
        round(100 * months.mean_dry_daily / base_mean_dry_daily, 2) as dry_index
    from months
    left join base_years on months.origin = base_years.origin
    left join base
        on
            months.origin = base.origin
            and months.site_id = base.site_id
            and month(months.month) = month(base.month)
)

select * from final
