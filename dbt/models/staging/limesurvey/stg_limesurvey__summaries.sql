with

source as (
    select * from {{ source('limesurvey', 'summaries') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        completed,
        incomplete,
        all_responses,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
