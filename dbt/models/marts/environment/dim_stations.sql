with

known as (
    select * from {{ ref('known_stations') }}
),

districts as (
    select * from {{ ref('districts') }}
),

air_stations as (
    select
        station_code,
        max_by(station_name, _fetched_at) as name,
        max_by(latitude, _fetched_at) as latitude,
        max_by(longitude, _fetched_at) as longitude
    from {{ ref('stg_uba_air__stations') }}
    group by station_code
),

seen as (
    select distinct
        'gauge:' || station as station_id,
        'pegelonline' as source_key,
        station as name,
        'gauge' as kind,
        null::double as latitude,
        null::double as longitude
    from {{ ref('int_environment__gauge_readings') }}
    union all
    select distinct
        station_id,
        'dwd_rain' as source_key,
        station_id as name,
        'rain' as kind,
        null::double as latitude,
        null::double as longitude
    from (
        select station_id from {{ ref('int_environment__rain_10min') }}
        union
        select station_id from {{ ref('int_environment__rain_hourly') }}
        union
        select station_id from {{ ref('int_environment__dwd_days') }}
    )
    where station_id like 'dwd:%'
    union all
    select
        'air:' || codes.station_code as station_id,
        'uba_air' as source_key,
        coalesce(air_stations.name, codes.station_code) as name,
        'air' as kind,
        air_stations.latitude,
        air_stations.longitude
    from (
        select station_code from {{ ref('int_environment__air_hourly') }}
        union
        select station_code from {{ ref('int_environment__air_days') }}
    ) as codes
    left join air_stations on codes.station_code = air_stations.station_code
    union all
    select
        'klips:' || sensor_id as station_id,
        'dresden_ogc_features' as source_key,
        coalesce(max_by(sensor_name, measured_at), 'klips:' || sensor_id) as name,
        'heat' as kind,
        max_by(latitude, measured_at) as latitude,
        max_by(longitude, measured_at) as longitude
    from {{ ref('stg_dresden_ogc_features__klips') }}
    where temperature_c is not null or value is null
    group by sensor_id
    union all
    select
        'sensorthings:' || datastream_id as station_id,
        'sensorthings' as source_key,
        coalesce(max_by(thing_name, _fetched_at), 'sensorthings:' || datastream_id) as name,
        'rain' as kind,
        max_by(latitude, _fetched_at) as latitude,
        max_by(longitude, _fetched_at) as longitude
    from {{ ref('stg_sensorthings__datastreams') }}
    where observed_property = 'rain'
    group by datastream_id
),

-- names for people come from us, places from the source where it states them
stations as (
    select
        coalesce(known.station_id, seen.station_id) as station_id,
        coalesce(known.source_key, seen.source_key) as source_key,
        coalesce(known.name, seen.name) as name,
        coalesce(known.kind, seen.kind) as kind,
        coalesce(seen.latitude, known.latitude) as latitude,
        coalesce(seen.longitude, known.longitude) as longitude,
        known.note,
        known.is_in_city
    from known
    full join seen on known.station_id = seen.station_id
),

-- District outlines are not at hand: the nearest centre stands for the district. A station not
-- known to lie in the city must be within 3 km of it.
nearest as (
    select
        stations.station_id,
        districts.district_number
    from stations
    inner join districts
        on
            stations.is_in_city
            or (
                stations.is_in_city is null
                and {{ distance_km(
                    'stations.latitude', 'stations.longitude',
                    'districts.latitude', 'districts.longitude'
                ) }} <= 3
            )
    where stations.latitude is not null and districts.latitude is not null
    qualify row_number() over (
        partition by stations.station_id
        order by
            {{ distance_km(
                'stations.latitude', 'stations.longitude',
                'districts.latitude', 'districts.longitude'
            ) }},
            districts.district_number
    ) = 1
),

final as (
    select
        stations.station_id,
        stations.source_key,
        stations.name,
        stations.kind,
        stations.latitude,
        stations.longitude,
        nearest.district_number,
        stations.note
    from stations
    left join nearest on stations.station_id = nearest.station_id
)

select * from final
