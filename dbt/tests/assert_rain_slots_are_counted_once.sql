-- Every ten minutes a DWD station has published are in the fact exactly once.
with

published as (
    select
        origin,
        'dwd:' || station_id as station_id,
        count(distinct interval_end_at) as slots
    from {{ ref('stg_dwd_rain__ten_minutes') }}
    group by origin, station_id
),

kept as (
    select
        origin,
        station_id,
        count(*) as slots
    from {{ ref('fct_rain_10min') }}
    where station_id like 'dwd:%'
    group by origin, station_id
)

select
    coalesce(published.origin, kept.origin) as origin,
    coalesce(published.station_id, kept.station_id) as station_id,
    published.slots as published,
    kept.slots as kept
from published
full join kept on published.origin = kept.origin and published.station_id = kept.station_id
where published.slots is distinct from kept.slots
