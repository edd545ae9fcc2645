with

source as (
    select * from {{ source('limesurvey', 'respondents') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        age_code,
        borough_code,
        respondents,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
