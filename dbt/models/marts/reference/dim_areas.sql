with

districts as (
    select * from {{ ref('districts') }}
),

boroughs as (
    select * from {{ ref('boroughs') }}
),

quarters as (
    select * from {{ ref('pilot_quarters') }}
),

borough_centres as (
    select
        borough_number,
        any_value(borough_name) as borough_name,
        avg(latitude) as latitude,
        avg(longitude) as longitude
    from districts
    group by borough_number
),

city as (
    select
        'city' as area_kind,
        'dresden' as area_id,
        'Dresden' as name_de,
        'Dresden' as name_en,
        null::varchar as parent_area_id,
        51.05 as latitude,
        13.74 as longitude
),

borough_areas as (
    select
        'borough' as area_kind,
        'borough:' || boroughs.borough_number as area_id,
        borough_centres.borough_name as name_de,
        borough_centres.borough_name as name_en,
        'dresden' as parent_area_id,
        borough_centres.latitude,
        borough_centres.longitude
    from boroughs
    inner join borough_centres on boroughs.borough_number = borough_centres.borough_number
),

district_areas as (
    select
        'district' as area_kind,
        'district:' || district_number as area_id,
        name as name_de,
        name as name_en,
        'borough:' || borough_number as parent_area_id,
        latitude,
        longitude
    from districts
),

quarter_areas as (
    select
        'quarter' as area_kind,
        'quarter:' || quarters.quarter as area_id,
        any_value(quarters.name_de) as name_de,
        any_value(quarters.name_en) as name_en,
        case
            when count(distinct districts.borough_number) = 1
                then 'borough:' || any_value(districts.borough_number)
            else 'dresden'
        end as parent_area_id,
        avg(districts.latitude) as latitude,
        avg(districts.longitude) as longitude
    from quarters
    inner join districts on quarters.district_number = districts.district_number
    group by quarters.quarter
),

site_areas as (
    select
        'site' as area_kind,
        'site:' || site as area_id,
        name_de,
        name_en,
        'district:' || district_number as parent_area_id,
        latitude,
        longitude
    from {{ ref('sites') }}
),

station_areas as (
    select
        'station' as area_kind,
        station_id as area_id,
        name as name_de,
        name as name_en,
        'district:' || district_number as parent_area_id,
        latitude,
        longitude
    from {{ ref('dim_stations') }}
),

measure_areas as (
    select
        'measure' as area_kind,
        'measure:' || measure as area_id,
        title_de as name_de,
        title_en as name_en,
        null::varchar as parent_area_id,
        null::double as latitude,
        null::double as longitude
    from {{ ref('measures') }}
    qualify row_number() over (partition by measure order by valid_from desc) = 1
),

source_areas as (
    select
        'source' as area_kind,
        'source:' || source as area_id,
        title_de as name_de,
        title_en as name_en,
        null::varchar as parent_area_id,
        null::double as latitude,
        null::double as longitude
    from {{ ref('stg_ops__sources') }}
),

final as (
    {%- set parts = ['city', 'borough_areas', 'district_areas', 'quarter_areas', 'site_areas',
        'station_areas', 'measure_areas', 'source_areas'] %}
    {%- for part in parts %}
    select
        area_kind,
        area_id,
        name_de,
        name_en,
        parent_area_id,
        round(latitude, 5)::double as latitude,
        round(longitude, 5)::double as longitude
    from {{ part }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
