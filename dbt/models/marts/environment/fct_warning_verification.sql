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
        rain_onset_at
    from {{ ref('fct_weather_warnings') }}
    where
        rain_warned_at is not null
        and rain_onset_at is not null
        and (expires_at is null or expires_at >= rain_onset_at - interval 1 hour)
),

-- warnings are known from the first to the last message of the archive, whatever its area
warning_archive as (
    select
        origin,
        min(sent_at) as starts_at,
        max(sent_at) as ends_at
    from {{ ref('stg_dwd_warnings__messages') }}
    group by origin
),

rain_archive as (
    select
        origin,
        min(interval_end_at) as starts_at,
        max(interval_end_at) as ends_at
    from {{ ref('fct_rain_10min') }}
    where precipitation_mm is not null
    group by origin
),

judged_events as (
    select
        events.origin,
        events.event_id,
        events.started_at,
        min(warnings.rain_warned_at) as rain_warned_at,
        min_by(warnings.warning_id, (warnings.rain_warned_at, warnings.warning_id)) as warning_id
    from events
    inner join warning_archive
        on
            events.origin = warning_archive.origin
            and events.started_at between warning_archive.starts_at and warning_archive.ends_at
    left join warnings
        on
            events.origin = warnings.origin
            and warnings.rain_warned_at <= events.started_at
            and events.started_at between warnings.valid_from_at and warnings.valid_to_at
    group by events.origin, events.event_id, events.started_at
),

-- a warning is judged once its time is over and rain was measured throughout
false_alarms as (
    select
        warnings.origin,
        warnings.warning_id,
        warnings.rain_onset_at
    from warnings
    inner join rain_archive
        on
            warnings.origin = rain_archive.origin
            and warnings.rain_onset_at >= rain_archive.starts_at
            and warnings.valid_to_at <= rain_archive.ends_at
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
