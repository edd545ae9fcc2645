with

source as (
    select * from {{ source('beteiligungsportal', 'participants') }}
),

final as (
    select
        _origin as origin,
        procedure_id,
        age_group as age_group_name,
        borough as borough_name,
        people,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
