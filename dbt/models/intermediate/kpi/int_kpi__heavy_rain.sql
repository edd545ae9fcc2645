with

days as (
    select * from {{ ref('fct_rain_daily') }}
),

stations as (
    select * from {{ ref('dim_stations') }}
),

station_events as (
    select * from {{ ref('fct_heavy_rain_events') }}
),

city_events as (
    select * from {{ ref('int_environment__city_rain_events') }}
),

levels as (
    select
        codes.kpi_code,
        codes.level
    from (
        values ('M5.1a', 2), ('M5.1b', 3), ('M5.1c', 4)
    ) as codes (kpi_code, level)
),

-- only ten-minute sums can show an event; other days count as not watched
station_periods as (
    select
        days.origin,
        period_kind,
        {{ period_start('days.local_date') }} as period_start,
        'station' as area_kind,
        days.station_id as area_id,
        count(*) filter (where days.basis = '10min') as n,
        coalesce(
            {{ exact_sum('days.coverage_pct', "days.basis = '10min'") }}, 0
        ) as covered
    from days
    cross join {{ period_kinds() }}
    group by all
),

city_periods as (
    select
        origin,
        period_kind,
        period_start,
        'city' as area_kind,
        'dresden' as area_id,
        max(n) as n,
        {{ exact_avg('covered') }} as covered
    from station_periods
    inner join stations on station_periods.area_id = stations.station_id
    where stations.district_number is not null and n > 0
    group by origin, period_kind, period_start
),

periods as (
    select
        *,
        round(covered / {{ period_days() }}, 2) as coverage_pct
    from (
        select * from station_periods
        where n > 0
        union all
        select * from city_periods
    )
),

events as (
    select
        origin,
        'station' as area_kind,
        station_id as area_id,
        level,
        {{ local_date('started_at') }} as local_date
    from station_events
    union all
    select
        origin,
        'city' as area_kind,
        'dresden' as area_id,
        level,
        {{ local_date('started_at') }} as local_date
    from city_events
),

event_periods as (
    select
        events.origin,
        events.area_kind,
        events.area_id,
        events.level,
        period_kind,
        {{ period_start('events.local_date') }} as period_start
    from events
    cross join {{ period_kinds() }}
),

final as (
    select
        levels.kpi_code,
        periods.period_start,
        periods.period_kind,
        periods.area_kind,
        periods.area_id,
        count(event_periods.level)::double as value,
        null::double as low,
        null::double as high,
        periods.n,
        periods.coverage_pct,
        periods.origin
    from periods
    cross join levels
    left join event_periods
        on
            periods.origin = event_periods.origin
            and periods.area_kind = event_periods.area_kind
            and periods.area_id = event_periods.area_id
            and periods.period_kind = event_periods.period_kind
            and periods.period_start = event_periods.period_start
            and levels.level <= event_periods.level
    group by
        levels.kpi_code,
        periods.period_start,
        periods.period_kind,
        periods.area_kind,
        periods.area_id,
        periods.n,
        periods.coverage_pct,
        periods.origin
)

select * from final
