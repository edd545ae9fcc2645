with

source as (
    select * from {{ source('adhocracy', 'ideas') }}
),

final as (
    select
        _origin as origin,
        idea_id,
        module_id,
        creator_key,
        created_at,
        comments as comment_count,
        positive_ratings as positive_rating_count,
        negative_ratings as negative_rating_count,
        category,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
