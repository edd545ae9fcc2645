with

source as (
    select * from {{ source('consul', 'contributions') }}
),

final as (
    select
        _origin as origin,
        kind as contribution_kind,
        external_id,
        created_at,
        created_precision,
        votes as vote_count,
        comments as comment_count,
        geozone as geozone_name,
        state,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
