with

source as (
    select * from {{ source('ops', 'fetches') }}
),

final as (
    select
        attempt_id,
        run_id,
        source,
        origin,
        resource,
        started_at,
        finished_at,
        outcome
    from source
    where source <> '_unknown'
)

select * from final
