with

lots as (
    select *
    from {{ ref('stg_parkapi__lots') }}
    {{ keep_last(['origin', 'lot_id']) }}
),

final as (
    select
        origin,
        lot_id,
        name,
        city,
        lot_type,
        is_for_cars,
        region,
        capacity,
        latitude,
        longitude
    from lots
)

select * from final
