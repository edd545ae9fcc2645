with

source as (
    select * from {{ source('limesurvey', 'surveys') }}
),

final as (
    select
        _origin as origin,
        survey_id,
        title,
        (is_active = 'Y') as is_active,
        starts_at at time zone 'Europe/Berlin' as starts_at,
        expires_at at time zone 'Europe/Berlin' as expires_at,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
