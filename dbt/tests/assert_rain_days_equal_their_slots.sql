-- A day's rain is the sum of its ten minutes. A late value that reached only one of the two
-- tables would show here; days that neither has built since the last published build cannot.
with

all_days as not materialized (
    select * from {{ ref('fct_rain_daily') }}
),

all_slots as not materialized (
    select * from {{ ref('fct_rain_10min') }}
),

slices as (
    select
        origin,
        station_id,
        local_date
    from all_days
    where {{ is_unpublished() }}
    union
    select
        origin,
        station_id,
        local_date
    from all_slots
    where {{ is_unpublished() }}
),

slots as (
    select
        origin,
        station_id,
        local_date,
        sum(precipitation_mm) as precipitation_mm
    from all_slots
    semi join slices using (origin, station_id, local_date)
    group by origin, station_id, local_date
)

select
    days.origin,
    days.station_id,
    days.local_date,
    days.precipitation_mm,
    slots.precipitation_mm as sum_of_slots_mm
from all_days as days
semi join slices using (origin, station_id, local_date)
left join slots
    on
        days.origin = slots.origin
        and days.station_id = slots.station_id
        and days.local_date = slots.local_date
where
    days.basis = '10min'
    and abs(coalesce(days.precipitation_mm, 0) - coalesce(slots.precipitation_mm, 0)) > 0.006
