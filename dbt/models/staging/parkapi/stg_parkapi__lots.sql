with

source as (
    select * from {{ source('parkapi', 'lots') }}
),

final as (
    select
        _origin as origin,
        coalesce(
            lot_id,
            regexp_replace(strip_accents(lower(concat(city, name))), '[^a-z0-9]', '', 'g')
        ) as lot_id,
        name,
        city,
        address,
        case lower(lot_type)
            when 'parkhaus' then 'car_park'
            when 'car_park' then 'car_park'
            when 'tiefgarage' then 'underground'
            when 'underground' then 'underground'
            when 'parkplatz' then 'open_air'
            when 'off_street_parking_ground' then 'open_air'
            when 'on_street' then 'on_street'
            else 'other'
        end as lot_type,
        coalesce(purpose, 'CAR') = 'CAR' and name not ilike '% bus' as is_for_cars,
        region,
        nullif(total, 0) as capacity,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
