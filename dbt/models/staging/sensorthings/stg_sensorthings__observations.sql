with

source as (
    select * from {{ source('sensorthings', 'observations') }}
),

final as (
    select
        _origin as origin,
        datastream_id,
        phenomenon_start as started_at,
        -- an instant begins and ends at once
        coalesce(phenomenon_end, phenomenon_start) as ended_at,
        result,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
