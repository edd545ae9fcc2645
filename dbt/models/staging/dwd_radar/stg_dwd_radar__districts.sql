with

source as (
    select * from {{ source('dwd_radar', 'districts') }}
),

final as (
    select
        _origin as origin,
        product,
        district_number,
        interval_end_at,
        interval_min,
        precipitation_mm,
        precipitation_max_mm,
        cells,
        cells_missing,
        forecast_min,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
