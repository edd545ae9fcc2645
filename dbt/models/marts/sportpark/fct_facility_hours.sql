with

quarters as (
    select * from {{ ref('int_sportpark__quarters') }}
),

presence as (
    select * from {{ ref('int_sportpark__presence') }}
),

-- calendars reach into the future: what is ahead is not used yet
asked as (
    select
        origin,
        {{ local_date('max(_fetched_at)') }} as as_of_date
    from {{ ref('stg_ical__bookings') }}
    group by origin
),

final as (
    select
        quarters.origin,
        quarters.facility_id,
        quarters.local_date,
        quarters.local_hour,
        sum(quarters.bookable_minutes)::bigint as bookable_minutes,
        sum(quarters.booked_minutes)::bigint as booked_minutes,
        sum(presence.people_in)::bigint as people_in,
        count(presence.people_in) as quarters_heard
    from quarters
    inner join asked
        on quarters.origin = asked.origin and quarters.local_date < asked.as_of_date
    left join presence
        on
            quarters.origin = presence.origin
            and quarters.facility_id = presence.facility_id
            and quarters.quarter_at = presence.quarter_at
    group by
        quarters.origin, quarters.facility_id, quarters.local_date, quarters.local_hour
)

select * from final
