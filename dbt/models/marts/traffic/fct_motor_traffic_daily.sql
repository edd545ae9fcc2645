{% set slice = ['origin', 'site_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

measurements as not materialized (
    select
        *,
        {{ local_date('measured_at') }} as local_date
    from {{ ref('stg_datex2__traffic_measurements') }}
    where quantity in ('flow', 'speed')
),

slices as (
    {{ touched('measurements', slice) }}
),

candidates as (
    select
        measurements.*,
        slices.load_id
    from measurements
    inner join slices using (origin, site_id, local_date)
    {{ near_slices('measurements.measured_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'site_id', 'measured_at', 'value_index']) }}
),

-- Further indexes count classes or lanes of the same vehicles; which, the feed does not tell.
intervals as (
    select
        origin,
        site_id,
        local_date,
        measured_at,
        arg_min(flow_veh_h, value_index) filter (where quantity = 'flow') as flow_veh_h,
        arg_min(speed_kmh, value_index) filter (where quantity = 'speed') as speed_kmh,
        {{ minutes_between('lag(measured_at) over site_day', 'measured_at') }}
            as minutes_since_last,
        max(load_id) as load_id
    from latest
    group by origin, site_id, local_date, measured_at
    window site_day as (partition by origin, site_id, local_date order by measured_at)
),

days as (
    select
        origin,
        site_id,
        local_date,
        coalesce(quantile_disc(minutes_since_last, 0.5), 60) as interval_minutes,
        {{ exact_sum('flow_veh_h') }} as flow_sum,
        {{ exact_sum('speed_kmh * flow_veh_h') }} / nullif(
            {{ exact_sum('flow_veh_h', 'speed_kmh is not null') }}, 0
        ) as mean_speed_kmh,
        count(flow_veh_h) as counted_intervals,
        max(load_id) as load_id
    from intervals
    group by origin, site_id, local_date
),

final as (
    select
        origin,
        site_id,
        local_date,
        round(flow_sum * interval_minutes / 60, 1) as vehicles,
        round(mean_speed_kmh, 1) as mean_speed_kmh,
        interval_minutes,
        counted_intervals,
        {{ local_day_hours('local_date') }} * 60 // interval_minutes as expected_intervals,
        round(
            least(100, 100.0 * counted_intervals / expected_intervals), 2
        )::double as coverage_pct,
        load_id
    from days
)

select * from final
