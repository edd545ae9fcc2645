with

bookings as (
    select * from {{ ref('int_sportpark__bookings') }}
    where
        takes_place
        and status = 'confirmed'
        and not is_all_day
        and facility_id is not null
),

-- time up to which the counters of an origin have been heard at all
heard as (
    select
        origin,
        max(quarter_at) as until_at
    from {{ ref('int_sportpark__presence') }}
    group by origin
),

-- who comes early comes in the quarter before; the last quarter belongs to those who follow
counted as (
    select
        bookings.origin,
        bookings.booking_id,
        bookings.facility_id,
        count(presence.people_in) as quarters_heard,
        coalesce(sum(presence.people_in), 0) as people_in,
        max(presence.load_id) as load_id
    from bookings
    inner join {{ ref('int_sportpark__presence') }} as presence
        on
            bookings.origin = presence.origin
            and bookings.facility_id = presence.facility_id
            and presence.quarter_at >= bookings.starts_at - interval 15 minute
            and presence.quarter_at < bookings.ends_at - interval 15 minute
    group by bookings.origin, bookings.booking_id, bookings.facility_id
),

final as (
    select
        bookings.origin,
        bookings.booking_id,
        bookings.facility_id,
        bookings.booking_group,
        bookings.starts_at,
        bookings.ends_at,
        bookings.local_date,
        cast(ceil(bookings.minutes / 15.0) as integer) as quarters,
        coalesce(counted.quarters_heard, 0) as quarters_heard,
        case when counted.quarters_heard > 0 then counted.people_in end as people_in,
        case
            when bookings.ends_at > heard.until_at then 'ahead'
            when
                counted.people_in
                >= case bookings.booking_group
                    -- who books as a person may come alone
                    when 'person' then 1
                    else {{ var('sportpark_least_people') }}
                end
                then 'kept'
            when
                counted.quarters_heard
                >= bookings.minutes / 15.0 * {{ var('sportpark_least_heard_pct') }} / 100
                then 'absent'
            else 'unknown'
        end as outcome,
        greatest(bookings.load_id, coalesce(counted.load_id, 0)) as load_id
    from bookings
    left join heard on bookings.origin = heard.origin
    left join counted
        on
            bookings.origin = counted.origin
            and bookings.booking_id = counted.booking_id
            and bookings.facility_id = counted.facility_id
)

select * from final
