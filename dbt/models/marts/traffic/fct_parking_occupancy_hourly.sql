{% set slice = ['origin', 'lot_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

-- the city's own page names lots without their number
readings as not materialized (
    select
        * exclude (lot_id),
        coalesce(
            lot_id,
            'dresden' || regexp_replace(strip_accents(lower(lot_name)), '[^a-z0-9]', '', 'g')
        ) as lot_id,
        {{ local_date('measured_at') }} as local_date
    from {{ ref('stg_parkapi__occupancy') }}
    where measured_at is not null
),

slices as (
    {{ touched('readings', slice) }}
),

candidates as (
    select
        readings.*,
        slices.load_id
    from readings
    inner join slices using (origin, lot_id, local_date)
    {{ near_slices('readings.measured_at') }}
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'lot_id', 'measured_at']) }}
),

final as (
    select
        origin,
        lot_id,
        date_trunc('hour', measured_at) as hour_start_at,
        local_date,
        {{ local_hour('any_value(measured_at)') }} as local_hour,
        case
            when count(occupancy_pct) > 0 then 'open'
            when bool_or(state = 'closed') then 'closed'
            else 'unknown'
        end as state,
        round({{ exact_avg('occupancy_pct') }}, 2) as occupancy_pct,
        count(occupancy_pct) as readings,
        max(capacity) as capacity,
        max(load_id) as load_id
    from latest
    group by origin, lot_id, hour_start_at, local_date
)

select * from final
