with

station_events as (
    select *
    from {{ ref('fct_heavy_rain_events') }}
    semi join (
        select station_id
        from {{ ref('dim_stations') }}
        where district_number is not null
    ) using (station_id)
),

-- an event begins where no earlier one has ended within the gap before it
marked as (
    select
        *,
        coalesce(
            started_at > max(ended_at) over (
                partition by origin
                order by started_at, event_id
                rows between unbounded preceding and 1 preceding
            ) + interval {{ var('event_gap_hours') }} hours,
            true
        ) as is_first
    from station_events
),

numbered as (
    select
        *,
        sum(cast(is_first as integer)) over (
            partition by origin
            order by started_at, event_id
        ) as city_event
    from marked
),

final as (
    select
        origin,
        min_by(event_id, (started_at, event_id)) as event_id,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(level) as level,
        count(distinct station_id) as stations
    from numbered
    group by origin, city_event
)

select * from final
