with

uplinks as (
    select
        *,
        -- without a session the day stands in: frame numbers begin anew some time
        coalesce(session_key_id, cast(cast(received_at as date) as varchar)) as session_id
    from {{ ref('stg_people_counters__uplinks') }}
),

-- a frame counts once, however often it was sent, heard or fetched
frames as (
    select *
    from uplinks
    qualify row_number() over (
        partition by origin, device_id, session_id, frame_number
        order by received_at, _fetched_at, _payload_id, _row
    ) = 1
),

-- a late frame was sent before the frames after it were received
ordered as (
    select
        *,
        min(received_at) over (
            partition by origin, device_id, session_id order by frame_number
            rows between current row and unbounded following
        ) as sent_before_at,
        lag(frame_number) over session as frame_before,
        lag(total_people_in) over session as total_in_before,
        lag(total_people_out) over session as total_out_before
    from frames
    window session as (partition by origin, device_id, session_id order by frame_number)
),

spaced as (
    select
        *,
        least(
            coalesce(
                sent_before_at - lag(sent_before_at) over (
                    partition by origin, device_id order by sent_before_at, frame_number
                ),
                interval 15 minute
            ),
            interval 15 minute
        ) as interval_length
    from ordered
),

final as (
    select
        spaced.origin,
        spaced.device_id,
        names.facility_id,
        spaced.session_id,
        spaced.frame_number,
        spaced.received_at,
        time_bucket(
            interval 15 minute, spaced.sent_before_at - spaced.interval_length / 2
        ) as quarter_at,
        case
            when spaced.people_in is not null then spaced.people_in
            when spaced.frame_before is null and spaced.frame_number > 0 then null
            when spaced.total_people_in >= coalesce(spaced.total_in_before, 0)
                then spaced.total_people_in - coalesce(spaced.total_in_before, 0)
            -- the counter has begun anew without a new session
            else spaced.total_people_in
        end as people_in,
        case
            when spaced.people_out is not null then spaced.people_out
            when spaced.frame_before is null and spaced.frame_number > 0 then null
            when spaced.total_people_out >= coalesce(spaced.total_out_before, 0)
                then spaced.total_people_out - coalesce(spaced.total_out_before, 0)
            else spaced.total_people_out
        end as people_out,
        coalesce(spaced.frame_number - spaced.frame_before - 1, 0) as frames_missed,
        spaced.received_at > spaced.sent_before_at as is_late,
        spaced._payload_id as payload_id,
        spaced._load_id as load_id
    from spaced
    left join {{ ref('facility_names') }} as names
        on names.source_key = 'people_counters' and spaced.device_id = names.name
)

select * from final
