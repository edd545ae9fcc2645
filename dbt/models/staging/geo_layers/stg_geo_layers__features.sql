with

source as (
    select * from {{ source('geo_layers', 'features') }}
),

final as (
    select
        _origin as origin,
        layer as layer_name,
        feature_id,
        name as feature_name,
        geometry_type,
        longitude,
        latitude,
        west as west_longitude,
        south as south_latitude,
        east as east_longitude,
        north as north_latitude,
        cast(attributes as json) as attributes,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
