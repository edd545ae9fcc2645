with

days as (
    select * from {{ ref('fct_air_quality_daily') }}
),

assessments as (
    select * from {{ ref('fct_air_quality_assessment') }}
),

stations as (
    select * from {{ ref('dim_stations') }}
),

mean_codes as (
    select
        codes.kpi_code,
        codes.pollutant
    from (
        values ('M5.5a', 'NO2'), ('M5.5b', 'PM10'), ('M5.5c', 'PM2.5')
    ) as codes (kpi_code, pollutant)
),

count_codes as (
    select
        codes.kpi_code,
        codes.limit_code
    from (
        values ('M5.5d', 'eu_now_no2_hour'), ('M5.5e', 'eu_now_pm10_day')
    ) as codes (kpi_code, limit_code)
),

mean_sums as (
    select
        mean_codes.kpi_code,
        days.origin,
        days.station_code,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        round(
            {{ exact_sum('days.mean_ug_m3 * days.hours') }} / nullif(sum(days.hours), 0), 2
        ) as value,
        sum(days.hours)::bigint as n
    from days
    inner join mean_codes on days.pollutant = mean_codes.pollutant
    cross join {{ period_kinds() }}
    group by all
),

means as (
    select
        *,
        round(least(100.0, 100.0 * n / (24 * {{ period_days() }})), 2) as coverage_pct
    from mean_sums
),

counts as (
    select
        count_codes.kpi_code,
        assessments.origin,
        assessments.station_code,
        'year' as period_kind,
        make_date(assessments.year, 1, 1) as period_start,
        assessments.exceedances::double as value,
        null::bigint as n,
        assessments.capture_pct as coverage_pct
    from assessments
    inner join count_codes on assessments.limit_code = count_codes.limit_code
    where assessments.value is not null
),

measured as (
    select * from means
    union all
    select * from counts
),

station_values as (
    select
        kpi_code,
        period_start,
        period_kind,
        'station' as area_kind,
        'air:' || station_code as area_id,
        value,
        null::double as low,
        null::double as high,
        n,
        coverage_pct,
        origin
    from measured
),

-- limits hold at every station: the city's value is that of the worst valid one
city_values as (
    select
        station_values.kpi_code,
        station_values.period_start,
        station_values.period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        max(station_values.value) filter (
            where station_values.coverage_pct >= {{ var('min_air_capture_pct') }}
        ) as value,
        min(station_values.value) filter (
            where station_values.coverage_pct >= {{ var('min_air_capture_pct') }}
        ) as low,
        max(station_values.value) filter (
            where station_values.coverage_pct >= {{ var('min_air_capture_pct') }}
        ) as high,
        count(*) as n,
        max(station_values.coverage_pct) as coverage_pct,
        station_values.origin
    from station_values
    inner join stations on station_values.area_id = stations.station_id
    where stations.district_number is not null
    group by
        station_values.kpi_code,
        station_values.period_start,
        station_values.period_kind,
        station_values.origin
),

final as (
    select * from station_values
    union all
    select * from city_values
)

select * from final
