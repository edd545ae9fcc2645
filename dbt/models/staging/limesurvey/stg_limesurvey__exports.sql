with

source as (
    select * from {{ source('limesurvey', 'exports') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        responses,
        completed,
        columns_kept,
        columns_left_out,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
