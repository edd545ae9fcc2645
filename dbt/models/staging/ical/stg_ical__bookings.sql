with

source as (
    select * from {{ source('ical', 'bookings') }}
),

final as (
    select
        _origin as origin,
        calendar as calendar_name,
        uid as booking_uid,
        occurrence as occurrence_id,
        coalesce(starts_at, starts_local at time zone 'Europe/Berlin') as starts_at,
        coalesce(ends_at, ends_local at time zone 'Europe/Berlin') as ends_at,
        is_all_day,
        starts_at is null and not is_all_day as is_zone_assumed,
        is_series,
        is_changed,
        lower(status) as stated_status,
        categories,
        location as location_name,
        is_transparent,
        sequence as revision,
        created_at,
        modified_at,
        requested_at,
        confirmed_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
