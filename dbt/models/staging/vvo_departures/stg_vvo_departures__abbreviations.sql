with

source as (
    select * from {{ source('vvo_departures', 'abbreviations') }}
),

final as (
    select
        _origin as origin,
        name,
        abbreviation,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
