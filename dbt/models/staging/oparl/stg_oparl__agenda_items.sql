with

source as (
    select * from {{ source('oparl', 'agenda_items') }}
),

final as (
    select
        _origin as origin,
        agenda_item_id,
        meeting_id,
        number as agenda_number,
        position as agenda_position,
        is_public,
        result_category,
        consultation_id,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
