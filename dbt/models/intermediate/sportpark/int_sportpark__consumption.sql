with

meter_intervals as (
    select * from {{ ref('int_energy__meter_intervals') }}
),

sites as (
    select distinct name as meter_site
    from {{ ref('facility_names') }}
    where source_key = 'mscons'
),

final as (
    select
        meter_intervals.origin,
        meter_intervals.site as meter_site,
        meter_intervals.quantity,
        meter_intervals.local_date,
        {{ exact_sum('meter_intervals.energy_kwh') }} as energy_kwh,
        {{ exact_sum('meter_intervals.volume_m3') }} as volume_m3,
        count(coalesce(meter_intervals.energy_kwh, meter_intervals.volume_m3))
            as intervals_with_value,
        cast({{ local_day_hours('meter_intervals.local_date') }} * 4 as integer)
            as intervals_expected,
        max(meter_intervals.load_id) as load_id
    from meter_intervals
    inner join sites on meter_intervals.site = sites.meter_site
    group by
        meter_intervals.origin, meter_intervals.site, meter_intervals.quantity,
        meter_intervals.local_date
)

select * from final
