with

source as (
    select * from {{ source('programme_drop', 'spending') }}
),

final as (
    select
        _origin as origin,
        measure,
        month as month_start,
        cast(planned_eur as decimal(14, 2)) as planned_eur,
        cast(spent_eur as decimal(14, 2)) as spent_eur,
        funded_share_pct,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
