with

days as (
    select * from {{ ref('fct_heat_daily') }}
),

stations as (
    select * from {{ ref('dim_stations') }}
),

periods as (
    select
        days.origin,
        days.station_id,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        count(*) filter (where days.is_hot_day)::double as hot_days,
        count(*) filter (where days.is_tropical_night)::double as tropical_nights,
        count(*) filter (where days.coverage_pct >= {{ var('min_coverage_pct') }}) as n
    from days
    cross join {{ period_kinds() }}
    group by all
),

long as (
    select *
    from periods
    unpivot (value for kpi_code in (hot_days as 'M5.7a', tropical_nights as 'M5.7b'))
),

station_values as (
    select
        kpi_code,
        period_start,
        period_kind,
        'station' as area_kind,
        station_id as area_id,
        value,
        null::double as low,
        null::double as high,
        n,
        round(100.0 * n / {{ period_days() }}, 2) as coverage_pct,
        origin
    from long
),

-- mean over the sensors in the city that watched enough of the period, with its range
city_values as (
    select
        station_values.kpi_code,
        station_values.period_start,
        station_values.period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round({{ exact_avg(
            'station_values.value',
            'station_values.coverage_pct >= ' ~ var('min_coverage_pct')
        ) }}, 1) as value,
        min(station_values.value) filter (
            where station_values.coverage_pct >= {{ var('min_coverage_pct') }}
        ) as low,
        max(station_values.value) filter (
            where station_values.coverage_pct >= {{ var('min_coverage_pct') }}
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
