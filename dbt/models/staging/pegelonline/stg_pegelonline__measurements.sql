with

source as (
    select * from {{ source('pegelonline', 'measurements') }}
),

final as (
    select
        _origin as origin,
        station,
        series,
        measured_at,
        case when series = 'W' and unit = 'cm' then value end as water_level_cm,
        case when series = 'W' and unit = 'm+NN' then value end as water_level_m_nn,
        case when series = 'Q' then value end as discharge_m3_s,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
