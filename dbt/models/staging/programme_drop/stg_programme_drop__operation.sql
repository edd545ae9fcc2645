with

source as (
    select * from {{ source('programme_drop', 'operation') }}
),

final as (
    select
        _origin as origin,
        measure,
        paper_number,
        decided_on,
        starts_on,
        cast(budget_eur_per_year as decimal(14, 2)) as budget_eur_per_year,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
