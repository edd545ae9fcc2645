with

source as (
    select * from {{ source('decidim', 'contributions') }}
),

final as (
    select
        _origin as origin,
        external_id as proposal_id,
        process_id,
        created_at,
        published_at,
        votes as vote_count,
        comments as comment_count,
        scope as scope_name,
        state,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
