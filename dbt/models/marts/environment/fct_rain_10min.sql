{% set slice = ['origin', 'station_id', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

all_sums as not materialized (
    select * from {{ ref('int_environment__rain_10min') }}
),

changed as (
    {{ touched('all_sums', slice, 'load_id') }}
),

-- a rolling sum reaches over midnight: the day after a changed day changes too
slices as (
    select
        origin,
        station_id,
        unnest([local_date, local_date + 1]) as local_date
    from changed
),

-- and needs the hours before its own midnight
needed as (
    select
        origin,
        station_id,
        unnest([local_date, local_date - 1]) as local_date
    from slices
),

-- ten-minute intervals are numbered: frames over numbers are much faster than over instants
sums as (
    select
        *,
        epoch_us(interval_end_at) // 600000000 as slot
    from all_sums
    semi join needed using (origin, station_id, local_date)
),

loads as (
    select
        origin,
        station_id,
        local_date,
        max(load_id) as load_id
    from sums
    group by origin, station_id, local_date
),

rolled as (
    select
        *,
        count(precipitation_mm) over last_60min as values_60min,
        sum(precipitation_mm) over last_60min as sum_60min_mm,
        count(precipitation_mm) over last_6h as values_6h,
        sum(precipitation_mm) over last_6h as sum_6h_mm
    from sums
    window
        last_60min as (
            partition by origin, station_id order by slot
            range between 5 preceding and current row
        ),
        last_6h as (
            partition by origin, station_id order by slot
            range between 35 preceding and current row
        )
),

final as (
    select
        rolled.origin,
        rolled.station_id,
        rolled.interval_end_at,
        rolled.local_date,
        rolled.precipitation_mm,
        case when rolled.values_60min = 6 then round(rolled.sum_60min_mm, 2) end
            as rolling_60min_mm,
        case when rolled.values_6h = 36 then round(rolled.sum_6h_mm, 2) end as rolling_6h_mm,
        rolled.payload_id,
        greatest(today.load_id, yesterday.load_id) as load_id
    from rolled
    semi join slices
        on
            rolled.origin = slices.origin
            and rolled.station_id = slices.station_id
            and rolled.local_date = slices.local_date
    inner join loads as today
        on
            rolled.origin = today.origin
            and rolled.station_id = today.station_id
            and rolled.local_date = today.local_date
    left join loads as yesterday
        on
            rolled.origin = yesterday.origin
            and rolled.station_id = yesterday.station_id
            and rolled.local_date = yesterday.local_date + 1
)

select * from final
