with

source as (
    select * from {{ source('programme_drop', 'offices') }}
),

final as (
    select
        _origin as origin,
        measure,
        office,
        valid_from,
        valid_to,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
