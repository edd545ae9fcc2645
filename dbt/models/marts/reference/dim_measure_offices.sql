with

staged as (
    select * from {{ ref('stg_programme_drop__offices') }}
),

current_sheet as (
    {{ latest_sheet('staged', ['measure', 'office', 'valid_from']) }}
),

final as (
    select
        origin,
        measure,
        office,
        valid_from,
        valid_to,
        _payload_id as payload_id
    from current_sheet
)

select * from final
