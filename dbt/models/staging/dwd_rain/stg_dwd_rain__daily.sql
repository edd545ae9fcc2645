with

source as (
    select * from {{ source('dwd_rain', 'daily') }}
),

final as (
    select
        _origin as origin,
        lpad(station_id, 5, '0') as station_id,
        observed_on,
        precipitation as precipitation_mm,
        temperature_mean as temperature_mean_c,
        temperature_max as temperature_max_c,
        temperature_min as temperature_min_c,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
