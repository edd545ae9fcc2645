with

bookings as (
    select * from {{ ref('int_sportpark__bookings') }}
    where facility_id is not null
),

-- days that any calendar of an origin speaks of
spans as (
    select
        origin,
        min(local_date) as first_day,
        max(local_date) as last_day
    from bookings
    where booking_group <> 'closure'
    group by origin
),

days as (
    select
        origin,
        cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as local_date
    from spans
),

open_hours as (
    select
        days.origin,
        days.local_date,
        hours.facility_id,
        days.local_date + hours.opens_local as opens,
        days.local_date + hours.closes_local as closes
    from days
    inner join {{ ref('facility_hours') }} as hours
        on isodow(days.local_date) = hours.iso_weekday
),

quarters as (
    select
        origin,
        facility_id,
        local_date,
        unnest(generate_series(opens, closes - interval 15 minute, interval 15 minute))
            as local_start
    from open_hours
),

instants as (
    select
        *,
        local_start at time zone 'Europe/Berlin' as quarter_at
    from quarters
),

-- each booking and closure, quarter by quarter
taken as (
    select
        origin,
        facility_id,
        booking_group,
        takes_place,
        starts_at,
        ends_at,
        unnest(generate_series(
            time_bucket(interval 15 minute, starts_at), ends_at - interval 1 second,
            interval 15 minute
        )) as quarter_at
    from bookings
    where takes_place or (booking_group = 'closure' and status = 'confirmed')
),

covered as (
    select
        origin,
        facility_id,
        quarter_at,
        bool_or(booking_group = 'closure') as is_closed,
        count(*) filter (where takes_place) as bookings,
        -- a quarter of an hour holds 15 minutes, however many share it
        least(15, coalesce(sum(date_diff(
            'minute',
            greatest(starts_at, quarter_at),
            least(ends_at, quarter_at + interval 15 minute)
        )) filter (where takes_place), 0)) as booked_minutes
    from taken
    group by origin, facility_id, quarter_at
),

final as (
    select
        instants.origin,
        instants.facility_id,
        instants.quarter_at,
        instants.local_date,
        hour(instants.local_start) as local_hour,
        coalesce(covered.is_closed, false) as is_closed,
        case when coalesce(covered.is_closed, false) then 0 else 15 end as bookable_minutes,
        case
            when coalesce(covered.is_closed, false) then 0
            else coalesce(covered.booked_minutes, 0)
        end as booked_minutes,
        coalesce(covered.bookings, 0) as bookings
    from instants
    left join covered
        on
            instants.origin = covered.origin
            and instants.facility_id = covered.facility_id
            and instants.quarter_at = covered.quarter_at
)

select * from final
