with

events as (
    select * from {{ ref('int_environment__city_rain_events') }}
),

warnings as (
    select
        origin,
        warning_id,
        rain_warned_at,
        rain_onset_at - interval 1 hour as valid_from_at,
        coalesce(expires_at, timestamptz 'infinity') as valid_to_at,
        rain_onset_at,
        floor(epoch(expires_at) / 600) - floor(epoch(rain_onset_at - interval 1 hour) / 600)
            as valid_intervals
    from {{ ref('fct_weather_warnings') }}
    where
        rain_warned_at is not null
        and rain_onset_at is not null
        and (expires_at is null or expires_at >= rain_onset_at - interval 1 hour)
),

-- moments in which a station in the city, where events are looked for, had a value; those before
-- the first warning are judged by nobody and need not be read
rain_moments as (
    select distinct
        origin,
        interval_end_at
    from {{ ref('fct_rain_10min') }}
    semi join (
        select station_id
        from {{ ref('dim_stations') }}
        where district_number is not null
    ) using (station_id)
    where
        precipitation_mm is not null
        and interval_end_at >= (select min(valid_from_at) from warnings)
),

judged_events as (
    select
        events.origin,
        events.event_id,
        events.started_at,
        min(warnings.rain_warned_at) as rain_warned_at,
        min_by(warnings.warning_id, (warnings.rain_warned_at, warnings.warning_id)) as warning_id
    from events
    inner join {{ ref('int_environment__warning_windows') }} as windows
        on
            events.origin = windows.origin
            and events.started_at between windows.starts_at and windows.ends_at
    left join warnings
        on
            events.origin = warnings.origin
            and warnings.rain_warned_at <= events.started_at
            and events.started_at between warnings.valid_from_at and warnings.valid_to_at
    group by events.origin, events.event_id, events.started_at
),

-- a warning is judged once its time is over and rain was measured throughout
measured_warnings as (
    select
        warnings.origin,
        warnings.warning_id,
        warnings.rain_onset_at,
        warnings.valid_from_at,
        warnings.valid_to_at
    from warnings
    inner join rain_moments
        on
            warnings.origin = rain_moments.origin
            and warnings.valid_from_at < rain_moments.interval_end_at
            and warnings.valid_to_at >= rain_moments.interval_end_at
    group by all
    having count(*) >= any_value(warnings.valid_intervals)
),

false_alarms as (
    select
        warnings.origin,
        warnings.warning_id,
        warnings.rain_onset_at
    from measured_warnings as warnings
    anti join events
        on
            warnings.origin = events.origin
            and events.started_at <= warnings.valid_to_at
            and events.ended_at >= warnings.valid_from_at
),

outcomes as (
    select
        origin,
        case when warning_id is null then 'miss' else 'hit' end as outcome,
        event_id,
        warning_id,
        date_diff('minute', rain_warned_at, started_at) as lead_time_min,
        started_at as judged_at
    from judged_events
    union all
    select
        origin,
        'false_alarm' as outcome,
        null as event_id,
        warning_id,
        null as lead_time_min,
        rain_onset_at as judged_at
    from false_alarms
),

final as (
    select
        origin,
        outcome || ':' || coalesce(event_id, warning_id) as verification_id,
        outcome,
        event_id,
        warning_id,
        lead_time_min,
        year({{ local_date('judged_at') }}) as year
    from outcomes
)

select * from final
