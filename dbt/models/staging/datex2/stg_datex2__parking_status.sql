with

source as (
    select * from {{ source('datex2', 'parking_status') }}
),

final as (
    select
        _origin as origin,
        facility_id,
        case
            when list_contains(string_split(status, '|'), 'closed') then false
            when list_contains(string_split(status, '|'), 'open') then true
        end as is_open,
        published_at,
        status_time as status_at,
        coalesce(status_time < published_at - interval 1 day, true) as is_stale,
        occupied,
        vacant,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
