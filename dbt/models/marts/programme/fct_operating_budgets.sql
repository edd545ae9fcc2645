with

staged as (
    select * from {{ ref('stg_programme_drop__operation') }}
),

current_sheet as (
    {{ latest_sheet('staged', ['measure', 'paper_number']) }}
),

final as (
    select
        origin,
        measure,
        paper_number,
        decided_on,
        starts_on,
        budget_eur_per_year,
        _payload_id as payload_id
    from current_sheet
)

select * from final
