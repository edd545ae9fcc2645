with

source as (
    select * from {{ source('beteiligungsportal', 'contributions') }}
),

final as (
    select
        _origin as origin,
        contribution_id,
        procedure_id,
        received_on,
        answered_on,
        decision as decision_name,
        borough as borough_name,
        supports,
        comments,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
