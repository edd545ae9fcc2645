with

source as (
    select * from {{ source('$name', 'observations') }}
),

final as (
    select
        _origin as origin,
        place,
        observed_at,
        value,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
