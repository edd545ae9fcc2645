with

source as (
    select * from {{ source('cleema_export', 'surveys_participants') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        user_key,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
