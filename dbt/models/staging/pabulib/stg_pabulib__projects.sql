with

source as (
    select * from {{ source('pabulib', 'projects') }}
),

final as (
    select
        _origin as origin,
        election_id,
        project_id,
        cost as cost_amount,
        votes as stated_votes,
        score as stated_points,
        selected = 1 as is_selected,
        ballots,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
