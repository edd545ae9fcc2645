{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}
{% if var('event_gap_hours') | int > 24 %}
    {{ exceptions.raise_compiler_error(
        'event_gap_hours: an event may not pass over a whole day, whose slots are not kept'
    ) }}
{% endif %}

with

all_slots as not materialized (
    select * from {{ ref('fct_rain_10min') }}
),

changed as (
    {{ touched('all_slots', slice, 'load_id') }}
),

-- a day is kept for the sake of the next one, so the day before a changed day changes too
slices as (
    select distinct
        origin,
        station_id,
        unnest([local_date, local_date - 1]) as local_date
    from changed
),

needed as (
    select
        origin,
        station_id,
        unnest([local_date, local_date + 1]) as local_date
    from slices
),

near as not materialized (
    select *
    from all_slots
    {{ near_slices('all_slots.local_date') }}
),

days as (
    select
        origin,
        station_id,
        local_date,
        max(greatest(rolling_60min_mm, rolling_6h_mm)) as most_mm,
        max(load_id) as load_id
    from near
    semi join needed using (origin, station_id, local_date)
    group by origin, station_id, local_date
),

judged as (
    select
        today.origin,
        today.station_id,
        today.local_date,
        greatest(today.load_id, tomorrow.load_id) as load_id,
        greatest(today.most_mm, tomorrow.most_mm) >= (
            select min(threshold_mm) from {{ ref('heavy_rain_levels') }}
        ) as is_kept
    from days as today
    semi join slices
        on
            today.origin = slices.origin
            and today.station_id = slices.station_id
            and today.local_date = slices.local_date
    left join days as tomorrow
        on
            today.origin = tomorrow.origin
            and today.station_id = tomorrow.station_id
            and today.local_date = tomorrow.local_date - 1
),

kept as (
    select
        origin,
        station_id,
        local_date
    from judged
    where is_kept
),

slots as (
    select
        origin,
        station_id,
        local_date,
        list_sort(list({
            'interval_end_at': interval_end_at,
            'precipitation_mm': precipitation_mm,
            'rolling_60min_mm': rolling_60min_mm,
            'rolling_6h_mm': rolling_6h_mm
        })) as slots
    from near
    semi join kept using (origin, station_id, local_date)
    group by origin, station_id, local_date
),

-- a row for dry days too: it tells how far this table has come, and replaces a wet one
final as (
    select
        judged.origin,
        judged.station_id,
        judged.local_date,
        slots.slots,
        judged.load_id
    from judged
    left join slots
        on
            judged.origin = slots.origin
            and judged.station_id = slots.station_id
            and judged.local_date = slots.local_date
)

select * from final
