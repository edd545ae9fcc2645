{% set slice = ['origin', 'local_date'] %}
{{ config(materialized='incremental', unique_key=slice) }}

with

reports as not materialized (
    select
        *,
        {{ local_date('reported_at') }} as local_date
    from {{ ref('stg_open311__reports') }}
),

services as (
    select * from {{ ref('damage_services') }}
),

districts as (
    select * from {{ ref('districts') }}
),

slices as (
    {{ touched('reports', slice) }}
),

candidates as (
    select
        reports.*,
        slices.load_id
    from reports
    inner join slices using (origin, local_date)
),

latest as (
    select *
    from candidates
    {{ keep_last(['origin', 'report_id']) }}
),

-- District outlines are not at hand: the nearest centre within 5 km stands for the district.
places as (
    select distinct
        latitude,
        longitude
    from latest
),

located as (
    select
        places.latitude,
        places.longitude,
        arg_min(
            districts.district_number,
            {{ distance_km(
                'places.latitude', 'places.longitude', 'districts.latitude', 'districts.longitude'
            ) }}
        ) as district_number
    from places
    inner join districts
        on
            abs(places.latitude - districts.latitude) <= 0.045
            and abs(places.longitude - districts.longitude) <= 0.072
    group by places.latitude, places.longitude
),

final as (
    select
        latest.origin,
        latest.report_id,
        latest.local_date,
        latest.service_code,
        latest.service_name,
        coalesce(services.is_road_damage, false) as is_road_damage,
        latest.status,
        latest.reported_at,
        latest.closed_at,
        latest.hours_to_close,
        latest._fetched_at as seen_at,
        latest.latitude,
        latest.longitude,
        located.district_number,
        districts.borough_number,
        latest._payload_id as payload_id,
        latest.load_id
    from latest
    left join services on latest.service_name = services.service_name
    left join located
        on latest.latitude = located.latitude and latest.longitude = located.longitude
    left join districts on located.district_number = districts.district_number
)

select * from final
