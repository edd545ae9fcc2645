with

source as (
    select * from {{ source('programme_drop', 'decisions') }}
),

final as (
    select
        _origin as origin,
        paper_number,
        decided_on,
        title,
        measure,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
