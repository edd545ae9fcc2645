with

years as (
    select * from {{ ref('fct_air_quality_yearly') }}
),

days as (
    select
        *,
        year(local_date) as year
    from {{ ref('fct_air_quality_daily') }}
    where hours >= {{ var('min_air_day_hours') }}
),

hours as (
    select
        *,
        year(local_date) as year
    from {{ ref('int_environment__air_hourly') }}
    where value_ug_m3 is not null
),

limits as (
    select * from {{ ref('air_limits') }}
),

periods as (
    select
        origin,
        station_code,
        pollutant,
        year,
        'year' as averaging,
        mean_ug_m3 as value
    from years
    union all
    select
        origin,
        station_code,
        pollutant,
        year,
        'day' as averaging,
        mean_ug_m3 as value
    from days
    union all
    select
        origin,
        station_code,
        pollutant,
        year,
        'hour' as averaging,
        value_ug_m3 as value
    from hours
),

compared as (
    select
        years.origin,
        years.station_code,
        years.pollutant,
        years.year,
        limits.limit_code,
        limits.regime,
        limits.averaging,
        limits.limit_value_ug_m3,
        limits.allowed_exceedances,
        max(periods.value) as value,
        count(*) filter (where periods.value > limits.limit_value_ug_m3) as exceedances,
        any_value(years.capture_pct) as capture_pct,
        any_value(years.is_valid) as is_valid
    from years
    inner join limits on years.pollutant = limits.pollutant
    left join periods
        on
            years.origin = periods.origin
            and years.station_code = periods.station_code
            and years.pollutant = periods.pollutant
            and years.year = periods.year
            and limits.averaging = periods.averaging
    group by all
),

final as (
    select
        origin,
        station_code,
        pollutant,
        year,
        limit_code,
        regime,
        averaging,
        limit_value_ug_m3,
        allowed_exceedances,
        value,
        exceedances,
        capture_pct,
        case
            when not is_valid or value is null then 'not_assessable'
            when exceedances > coalesce(allowed_exceedances, 0) then 'exceeded'
            else 'met'
        end as status
    from compared
)

select * from final
