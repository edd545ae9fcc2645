{% set slice = ['origin', 'stop_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

departures as not materialized (
    select
        *,
        {{ local_date('scheduled_at') }} as local_date
    from {{ ref('stg_vvo_departures__departures') }}
),

slices as (
    {{ touched('departures', slice) }}
),

candidates as (
    select
        departures.*,
        slices.load_id
    from departures
    inner join slices using (origin, stop_id, local_date)
    {{ near_slices('departures.scheduled_at') }}
),

-- a departure is asked for again and again; what was said last is nearest to what happened
latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'stop_id', 'line', 'direction', 'departure_id', 'scheduled_at']) }}
),

final as (
    select
        origin,
        stop_id,
        arg_max(stop_name, scheduled_at) as stop_name,
        line,
        mode,
        local_date,
        count(*) as departures,
        count(*) filter (where is_cancelled) as cancelled,
        count(delay_s) as tracked,
        count(*) filter (where delay_s between -60 and 180) as within_3_min,
        count(*) filter (where delay_s between -60 and 300) as within_5_min,
        count(*) filter (where delay_s < -60) as early,
        sum(delay_s)::bigint as delay_sum_s,
        median(delay_s) as delay_median_s,
        max(load_id) as load_id
    from latest
    group by origin, stop_id, line, mode, local_date
)

select * from final
