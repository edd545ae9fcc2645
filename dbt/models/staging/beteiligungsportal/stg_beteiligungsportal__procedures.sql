with

source as (
    select * from {{ source('beteiligungsportal', 'procedures') }}
),

final as (
    select
        _origin as origin,
        procedure_id,
        mode as mode_name,
        state as state_name,
        begins_on,
        ends_on,
        borough as borough_name,
        participants,
        organisations,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
