with

source as (
    select * from {{ source('limesurvey', 'answers') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        question as question_code,
        answer as answer_code,
        responses,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
