with

sections as (
    select *
    from {{ ref('stg_zeb__sections') }}
    {{ keep_last(['origin', 'section_id']) }}
),

surveys as (
    select * from {{ ref('fct_road_surveys') }}
),

districts as (
    select * from {{ ref('districts') }}
),

-- a drive that brought no grade (setts, a blocked road) leaves the older one in place
rated as (
    select *
    from surveys
    where method = 'measuring_vehicle' and total_grade is not null
    qualify row_number() over (
        partition by origin, section_id
        order by surveyed_on desc, campaign_id desc
    ) = 1
),

by_sensor as (
    select *
    from surveys
    where method = 'sensor' and usability_grade is not null
    qualify row_number() over (
        partition by origin, section_id
        order by surveyed_on desc, campaign_id desc
    ) = 1
),

driven as (
    select
        origin,
        section_id,
        max(surveyed_on) as last_surveyed_on
    from surveys
    group by origin, section_id
),

-- deliveries are asked for every day: until then nothing newer is known
asked as (
    select
        origin,
        max({{ local_date('_fetched_at') }}) as as_of_date
    from {{ ref('stg_zeb__surveys') }}
    group by origin
),

final as (
    select
        sections.origin,
        sections.section_id,
        sections.street_name,
        sections.road_class,
        sections.surface,
        sections.district_number,
        districts.borough_number,
        sections.length_m,
        sections.width_m,
        round(sections.area_m2, 1) as area_m2,
        sections.latitude,
        sections.longitude,
        rated.campaign_id,
        rated.surveyed_on,
        rated.usability_grade,
        rated.substance_grade,
        rated.total_grade,
        case
            when rated.total_grade >= 4.5 then 'critical'
            when rated.total_grade >= 3.5 then 'warning'
            when rated.total_grade > 1.5 then 'fair'
            when rated.total_grade is not null then 'good'
            else 'unrated'
        end as condition,
        by_sensor.usability_grade as sensor_usability_grade,
        by_sensor.surveyed_on as sensor_surveyed_on,
        driven.last_surveyed_on,
        asked.as_of_date,
        sections._payload_id as payload_id
    from sections
    left join rated
        on sections.origin = rated.origin and sections.section_id = rated.section_id
    left join by_sensor
        on sections.origin = by_sensor.origin and sections.section_id = by_sensor.section_id
    left join driven
        on sections.origin = driven.origin and sections.section_id = driven.section_id
    left join asked on sections.origin = asked.origin
    left join districts on sections.district_number = districts.district_number
)

select * from final
