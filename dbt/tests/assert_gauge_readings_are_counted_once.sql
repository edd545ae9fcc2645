-- Every time stamp a gauge has answered is in the fact exactly once: nothing lost in the slices.
with

answered as (
    select
        origin,
        station,
        count(distinct measured_at) as readings
    from {{ ref('stg_pegelonline__measurements') }}
    group by origin, station
),

kept as (
    select
        origin,
        station,
        count(*) as readings
    from {{ ref('fct_gauge_levels') }}
    group by origin, station
)

select
    coalesce(answered.origin, kept.origin) as origin,
    coalesce(answered.station, kept.station) as station,
    answered.readings as answered,
    kept.readings as kept
from answered
full join kept on answered.origin = kept.origin and answered.station = kept.station
where answered.readings is distinct from kept.readings
