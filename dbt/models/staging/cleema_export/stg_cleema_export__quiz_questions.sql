with

source as (
    select * from {{ source('cleema_export', 'quiz_questions') }}
),

final as (
    select
        _origin as origin,
        position,
        options,
        has_explanation,
        has_source,
        is_regional,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
