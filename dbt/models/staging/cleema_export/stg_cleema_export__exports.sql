with

source as (
    select * from {{ source('cleema_export', 'exports') }}
),

final as (
    select
        _origin as origin,
        exported_at,
        scope,
        changed_since,
        lists_all_joins,
        tables,
        dropped_tables,
        dropped_columns,
        unfit_cells,
        problems,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
