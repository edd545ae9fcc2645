with

source as (
    select * from {{ source('cleema_api', 'surveys') }}
),

final as (
    select
        _origin as origin,
        uuid as survey_uuid,
        published_at,
        finished as is_finished,
        target,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
