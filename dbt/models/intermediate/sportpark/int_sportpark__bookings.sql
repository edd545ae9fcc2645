with

bookings as (
    select * from {{ ref('stg_ical__bookings') }}
),

-- when each calendar was read
answers as (
    select distinct
        origin,
        calendar_name,
        _fetched_at as fetched_at
    from bookings
),

-- the last word on each occurrence; within one answer the highest revision
latest as (
    select *
    from bookings
    qualify row_number() over (
        partition by origin, calendar_name, booking_uid, occurrence_id
        order by
            _fetched_at desc, coalesce(revision, 0) desc, modified_at desc nulls last,
            _payload_id desc, _row desc
    ) = 1
),

-- the first answer in which an occurrence is no longer there
followed as (
    select
        latest.*,
        min(answers.fetched_at) as vanished_at
    from latest
    left join answers
        on
            latest.origin = answers.origin
            and latest.calendar_name = answers.calendar_name
            and latest._fetched_at < answers.fetched_at
    group by all
),

final as (
    select
        followed.origin,
        md5(concat_ws('|', followed.calendar_name, followed.booking_uid, followed.occurrence_id))
            as booking_id,
        names.facility_id,
        followed.calendar_name,
        followed.booking_uid,
        followed.location_name,
        followed.starts_at,
        followed.ends_at,
        {{ local_date('followed.starts_at') }} as local_date,
        date_diff('minute', followed.starts_at, followed.ends_at) as minutes,
        case
            when followed.stated_status = 'cancelled' then 'cancelled'
            -- gone from the calendar while still ahead; what has passed may age out of it
            when followed.vanished_at < followed.starts_at then 'withdrawn'
            else coalesce(followed.stated_status, 'confirmed')
        end as status,
        case
            when list_contains(words, 'closure') then 'closure'
            when list_contains(words, 'school') then 'school'
            when list_contains(words, 'club') then 'club'
            when list_contains(words, 'person') then 'person'
            when list_contains(words, 'event') then 'event'
            when list_contains(words, 'city') then 'city'
            else 'unknown'
        end as booking_group,
        case
            when list_contains(words, 'youth') then 'youth'
            when list_contains(words, 'women') then 'women'
        end as team,
        booking_group <> 'closure'
        and not followed.is_transparent
        and status in ('confirmed', 'tentative') as takes_place,
        followed.is_all_day,
        followed.is_series,
        followed.is_changed,
        followed.is_zone_assumed,
        followed.requested_at,
        followed.confirmed_at,
        case
            when followed.confirmed_at >= followed.requested_at
                then date_diff('second', followed.requested_at, followed.confirmed_at) / 3600.0
        end as answer_h,
        followed.created_at,
        followed.modified_at,
        followed._payload_id as payload_id,
        followed._load_id as load_id
    from (
        select
            *,
            coalesce(string_split(categories, ','), []) as words
        from followed
    ) as followed
    left join {{ ref('facility_names') }} as names
        on
            names.source_key = 'ical'
            and coalesce(followed.location_name, followed.calendar_name) = names.name
)

select * from final
