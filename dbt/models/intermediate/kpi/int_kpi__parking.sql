with

hours as (
    select occupancy.*
    from {{ ref('fct_parking_occupancy_hourly') }} as occupancy
    left join {{ ref('dim_parking_lots') }} as lots
        on occupancy.origin = lots.origin and occupancy.lot_id = lots.lot_id
    -- bicycles and coaches park elsewhere
    where coalesce(lots.is_for_cars, true)
),

lot_periods as (
    select
        hours.origin,
        hours.lot_id,
        period_kind,
        {{ period_start('hours.local_date') }} as period_start,
        {{ exact_sum(
            'hours.occupancy_pct * hours.capacity', 'hours.local_hour between 8 and 19'
        ) }} as taken,
        sum(hours.capacity) filter (
            where hours.local_hour between 8 and 19 and hours.occupancy_pct is not null
        ) as offered,
        count(*) filter (
            where hours.local_hour between 8 and 19 and hours.state <> 'unknown'
        ) as known_day_hours,
        count(*) filter (where hours.occupancy_pct > 95)::double as full_hours,
        count(*) filter (where hours.state <> 'unknown') as known_hours
    from hours
    cross join {{ period_kinds() }}
    group by all
),

city_periods as (
    select
        origin,
        period_kind,
        period_start,
        count(*) as lots,
        {{ exact_sum('taken') }} / sum(offered) as occupancy_pct,
        min(taken / offered) as occupancy_low,
        max(taken / offered) as occupancy_high,
        sum(known_day_hours)::bigint as known_day_hours,
        avg(full_hours) as full_hours,
        min(full_hours) as full_low,
        max(full_hours) as full_high,
        sum(known_hours)::bigint as known_hours
    from lot_periods
    group by origin, period_kind, period_start
),

final as (
    select
        'M4.4a' as kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(occupancy_pct, 2) as value,
        round(occupancy_low, 2) as low,
        round(occupancy_high, 2) as high,
        known_day_hours as n,
        round(
            least(100.0, 100.0 * known_day_hours / (12 * lots * {{ period_days() }})), 2
        ) as coverage_pct,
        origin
    from city_periods
    where occupancy_pct is not null
    union all
    select
        'M4.4b' as kpi_code,
        period_start,
        period_kind,
        'city' as area_kind,
        'dresden' as area_id,
        round(full_hours, 2) as value,
        full_low as low,
        full_high as high,
        known_hours as n,
        round(
            least(100.0, 100.0 * known_hours / (24 * lots * {{ period_days() }})), 2
        ) as coverage_pct,
        origin
    from city_periods
)

select * from final
