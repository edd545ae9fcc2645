with

source as (
    select * from {{ source('ops', 'checks') }}
),

final as (
    select
        payload_id,
        source,
        table_name,
        check_name,
        column_name,
        severity,
        success,
        element_count,
        unexpected_count
    from source
    where source <> '_unknown'
)

select * from final
