with

source as (
    select * from {{ source('occupancy', 'openings') }}
),

final as (
    select
        _origin as origin,
        facility_name,
        facility_type,
        read_at,
        coalesce(method = 'ai_fallback', false) as is_read_by_model,
        status = 'open' as is_open,
        weekday,
        opens as opens_local,
        closes as closes_local,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
