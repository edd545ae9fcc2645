with

source as (
    select * from {{ source('dwd_warnings', 'messages') }}
),

final as (
    select
        _origin as origin,
        identifier,
        message_type,
        references_text,
        sent_at,
        onset_at,
        expires_at,
        event,
        event_code,
        severity,
        certainty,
        headline,
        warncell_id,
        area_name,
        case severity
            when 'Minor' then 1
            when 'Moderate' then 2
            when 'Severe' then 3
            when 'Extreme' then 4
        end as level,
        precipitation as precipitation_text,
        -- CAP counts heights in feet; the feet are rounded metres, so a millimetre is enough
        round(altitude * 0.3048, 3) as altitude_m,
        round(ceiling * 0.3048, 3) as ceiling_m,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
