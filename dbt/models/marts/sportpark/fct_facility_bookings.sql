with

bookings as (
    select *
    from {{ ref('int_sportpark__bookings') }}
    where facility_id is not null and booking_group <> 'closure'
),

attendance as (
    select * from {{ ref('int_sportpark__attendance') }}
),

final as (
    select
        bookings.origin,
        bookings.booking_id,
        bookings.facility_id,
        bookings.booking_uid as series_id,
        bookings.booking_group,
        bookings.team,
        bookings.status,
        bookings.takes_place,
        bookings.is_series,
        bookings.starts_at,
        bookings.ends_at,
        bookings.local_date,
        bookings.minutes,
        bookings.requested_at,
        bookings.confirmed_at,
        bookings.answer_h,
        attendance.outcome,
        attendance.people_in::bigint as people_in,
        bookings.payload_id
    from bookings
    left join attendance
        on
            bookings.origin = attendance.origin
            and bookings.booking_id = attendance.booking_id
            and bookings.facility_id = attendance.facility_id
)

select * from final
