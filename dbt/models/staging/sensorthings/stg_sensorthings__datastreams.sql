with

source as (
    select * from {{ source('sensorthings', 'datastreams') }}
),

final as (
    select
        _origin as origin,
        datastream_id,
        thing_id,
        thing_name,
        name,
        case
            when lower(trim(observed_property)) in (
                'niederschlag', 'niederschlagsmenge', 'niederschlagshöhe', 'regen',
                'precipitation', 'rain', 'rainfall'
            ) then 'rain'
            when lower(trim(observed_property)) in (
                'wasserstand', 'pegel', 'pegelstand', 'water level', 'water_level', 'waterlevel'
            ) then 'water_level'
            else observed_property
        end as observed_property,
        unit,
        latitude,
        longitude,
        _payload_id,
        _row,
        _fetched_at,
        _load_id
    from source
)

select * from final
