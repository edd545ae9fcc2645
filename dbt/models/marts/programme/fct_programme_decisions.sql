with

staged as (
    select * from {{ ref('stg_programme_drop__decisions') }}
),

current_sheet as (
    {{ latest_sheet('staged', ['paper_number', 'measure']) }}
),

final as (
    select
        origin,
        paper_number,
        coalesce(measure, 'programme') as measure,
        decided_on,
        title,
        _payload_id as payload_id
    from current_sheet
)

select * from final
