with

source as (
    select * from {{ source('programme_drop', 'components') }}
),

final as (
    select
        _origin as origin,
        measure,
        component,
        licence,
        repository,
        published_on,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
