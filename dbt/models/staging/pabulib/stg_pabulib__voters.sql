with

source as (
    select * from {{ source('pabulib', 'voters') }}
),

final as (
    select
        _origin as origin,
        election_id,
        age_group,
        ballots,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
