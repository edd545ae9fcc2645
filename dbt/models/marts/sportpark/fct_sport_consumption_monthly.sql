with

consumption as (
    select * from {{ ref('int_sportpark__consumption') }}
),

hours as (
    select * from {{ ref('fct_facility_hours') }}
),

meters as (
    select
        name as meter_site,
        facility_id
    from {{ ref('facility_names') }}
    where source_key = 'mscons'
),

metered as (
    select
        origin,
        meter_site,
        cast(date_trunc('month', local_date) as date) as month,
        {{ exact_sum('energy_kwh', "quantity = 'load'") }} as electricity_kwh,
        {{ exact_sum('energy_kwh', "quantity = 'heat'") }} as heat_kwh,
        {{ exact_sum('volume_m3', "quantity = 'water'") }} as water_m3,
        sum(intervals_with_value) as intervals_with_value,
        count(distinct quantity) as quantities,
        max(local_date) as last_day
    from consumption
    group by origin, meter_site, month
),

-- all facilities behind a meter share it; a month counts up to the last metered day
used as (
    select
        metered.origin,
        metered.meter_site,
        metered.month,
        sum(hours.booked_minutes) / 60.0 as booked_hours
    from metered
    inner join meters on metered.meter_site = meters.meter_site
    inner join hours
        on
            metered.origin = hours.origin
            and meters.facility_id = hours.facility_id
            and date_trunc('month', hours.local_date) = metered.month
            and hours.local_date <= metered.last_day
    group by metered.origin, metered.meter_site, metered.month
),

final as (
    select
        metered.origin,
        metered.meter_site,
        metered.month,
        round(metered.electricity_kwh, 1) as electricity_kwh,
        round(metered.heat_kwh, 1) as heat_kwh,
        round(metered.water_m3, 2) as water_m3,
        round(used.booked_hours, 2)::double as booked_hours,
        round(least(100, 100.0 * metered.intervals_with_value / (
            metered.quantities * 4 * date_diff(
                'hour',
                {{ local_day_start('metered.month') }},
                {{ local_day_start('last_day(metered.month) + 1') }}
            )
        )), 2)::double as coverage_pct
    from metered
    left join used
        on
            metered.origin = used.origin
            and metered.meter_site = used.meter_site
            and metered.month = used.month
)

select * from final
