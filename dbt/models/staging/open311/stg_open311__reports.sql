with

source as (
    select * from {{ source('open311', 'reports') }}
),

states as (
    select
        *,
        case lower(status)
            when 'open' then 'open'
            when 'closed' then 'closed'
            else 'unknown'
        end as known_status
    from source
),

closings as (
    select
        *,
        case when known_status = 'closed' then updated_at end as closed_at
    from states
),

final as (
    select
        _origin as origin,
        service_request_id as report_id,
        known_status as status,
        service_code,
        service_name,
        requested_at as reported_at,
        closed_at,
        expected_at,
        date_diff('second', requested_at, closed_at) / 3600 as hours_to_close,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from closings
)

select * from final
