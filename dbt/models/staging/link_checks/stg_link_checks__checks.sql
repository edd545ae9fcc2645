with

source as (
    select * from {{ source('link_checks', 'checks') }}
),

final as (
    select
        _origin as origin,
        url,
        method as method_name,
        status as http_status,
        error as error_kind,
        case
            when status < 400 then true
            when status in (429, 503) then null
            else false
        end as is_reachable,
        checked_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
