with

sums as (
    select
        origin,
        station_id,
        local_date,
        slot.interval_end_at,
        slot.precipitation_mm,
        slot.rolling_60min_mm,
        slot.rolling_6h_mm
    from (
        select
            origin,
            station_id,
            local_date,
            unnest(slots) as slot
        from {{ ref('int_environment__heavy_rain_days') }}
    )
),

thresholds as (
    select * from {{ ref('heavy_rain_levels') }}
),

rolled as (
    select
        origin,
        station_id,
        interval_end_at,
        60 as window_minutes,
        rolling_60min_mm as rolling_mm
    from sums
    where rolling_60min_mm >= (select min(threshold_mm) from thresholds)
    union all
    select
        origin,
        station_id,
        interval_end_at,
        360 as window_minutes,
        rolling_6h_mm as rolling_mm
    from sums
    where rolling_6h_mm >= (select min(threshold_mm) from thresholds)
),

exceedances as (
    select
        rolled.origin,
        rolled.station_id,
        rolled.interval_end_at,
        max(thresholds.level) as level
    from rolled
    inner join thresholds
        on
            rolled.window_minutes = thresholds.window_minutes
            and (
                rolled.rolling_mm > thresholds.threshold_mm
                or (thresholds.is_inclusive and rolled.rolling_mm = thresholds.threshold_mm)
            )
    group by rolled.origin, rolled.station_id, rolled.interval_end_at
),

numbered as (
    select
        *,
        sum(is_first) over (
            partition by origin, station_id order by interval_end_at
        ) as event_number
    from (
        select
            *,
            cast(coalesce(
                interval_end_at - lag(interval_end_at) over (
                    partition by origin, station_id order by interval_end_at
                ) > interval {{ var('event_gap_hours') }} hours,
                true
            ) as integer) as is_first
        from exceedances
    )
),

events as (
    select
        origin,
        station_id,
        event_number,
        min(interval_end_at) as started_at,
        max(interval_end_at) as ended_at,
        max(level) as level
    from numbered
    group by origin, station_id, event_number
),

-- all rain that can have carried the event: the six hours before its start count too
event_days as (
    select
        *,
        unnest(generate_series(
            {{ local_date('started_at - interval 6 hours') }},
            {{ local_date('ended_at') }},
            interval 1 day
        ))::date as local_date
    from events
),

measured as (
    select
        events.origin,
        events.station_id,
        events.event_number,
        max(sums.rolling_60min_mm) filter (
            where sums.interval_end_at >= events.started_at
        ) as max_60min_mm,
        max(sums.rolling_6h_mm) filter (
            where sums.interval_end_at >= events.started_at
        ) as max_6h_mm,
        round(sum(sums.precipitation_mm), 2) as total_mm
    from event_days as events
    inner join sums
        on
            events.origin = sums.origin
            and events.station_id = sums.station_id
            and events.local_date = sums.local_date
            and sums.interval_end_at > events.started_at - interval 6 hours
            and sums.interval_end_at <= events.ended_at
    group by events.origin, events.station_id, events.event_number
),

level_names as (
    select distinct
        level,
        name_de
    from thresholds
),

final as (
    select
        events.origin,
        events.station_id
        || '@' || strftime(events.started_at at time zone 'UTC', '%Y-%m-%dT%H:%MZ') as event_id,
        events.station_id,
        events.started_at,
        events.ended_at,
        events.level,
        level_names.name_de as level_name_de,
        measured.max_60min_mm,
        measured.max_6h_mm,
        measured.total_mm
    from events
    inner join level_names on events.level = level_names.level
    inner join measured
        on
            events.origin = measured.origin
            and events.station_id = measured.station_id
            and events.event_number = measured.event_number
)

select * from final
