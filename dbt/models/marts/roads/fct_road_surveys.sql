with

surveys as (
    select *
    from {{ ref('stg_zeb__surveys') }}
    {{ keep_last(['origin', 'campaign_id', 'section_id']) }}
),

final as (
    select
        origin,
        section_id,
        campaign_id,
        method,
        surveyed_on,
        unevenness_mm,
        rut_depth_mm,
        cracks_pct,
        patches_pct,
        usability_grade,
        substance_grade,
        total_grade,
        _payload_id as payload_id
    from surveys
)

select * from final
