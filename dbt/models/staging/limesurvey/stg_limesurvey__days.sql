with

source as (
    select * from {{ source('limesurvey', 'days') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        day as local_date,
        started,
        completed,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
