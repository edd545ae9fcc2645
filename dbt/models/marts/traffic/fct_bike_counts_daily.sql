{% set slice = ['origin', 'site_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

counts as not materialized (
    select
        *,
        {{ local_date('started_at') }} as local_date
    from {{ ref('stg_eco_counter__counts') }}
    where is_site_total
),

slices as (
    {{ touched('counts', slice) }}
),

candidates as (
    select
        counts.*,
        slices.load_id
    from counts
    inner join slices using (origin, site_id, local_date)
    {{ near_slices('counts.measured_local') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'site_id', 'started_at']) }}
),

-- the files do not tell the length of their interval
gaps as (
    select
        *,
        {{ minutes_between('lag(started_at) over site_day', 'started_at') }}
            as minutes_since_last
    from latest
    window site_day as (partition by origin, site_id, local_date order by started_at)
),

days as (
    select
        origin,
        site_id,
        arg_max(site_name, started_at) as site_name,
        local_date,
        sum(bicycles)::bigint as bicycles,
        count(bicycles) as counted_intervals,
        coalesce(quantile_disc(minutes_since_last, 0.5), 60) as interval_minutes,
        max(load_id) as load_id
    from gaps
    group by origin, site_id, local_date
),

final as (
    select
        origin,
        site_id,
        site_name,
        local_date,
        bicycles,
        interval_minutes,
        counted_intervals,
        {{ local_day_hours('local_date') }} * 60 // interval_minutes as expected_intervals,
        round(
            least(100, 100.0 * counted_intervals / expected_intervals), 2
        )::double as coverage_pct,
        coverage_pct >= {{ var('min_count_day_pct') }} as is_complete,
        load_id
    from days
)

select * from final
