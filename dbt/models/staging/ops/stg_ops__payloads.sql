with

source as (
    select * from {{ source('ops', 'payloads') }}
),

final as (
    select
        payload_id,
        source,
        origin,
        resource,
        fetched_at,
        state,
        parsed,
        accepted,
        quarantined
    from source
    where source <> '_unknown'
)

select * from final
