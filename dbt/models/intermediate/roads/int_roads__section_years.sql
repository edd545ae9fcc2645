with

sections as (
    select * from {{ ref('fct_road_sections') }}
),

surveys as (
    select * from {{ ref('fct_road_surveys') }}
),

costs as (
    select * from {{ ref('road_unit_costs') }}
),

years as (
    select
        surveys.origin,
        unnest(range(year(min(surveys.surveyed_on)), year(max(sections.as_of_date)) + 1)) as year
    from surveys
    inner join sections
        on surveys.origin = sections.origin and surveys.section_id = sections.section_id
    group by surveys.origin
),

dated as (
    select
        sections.*,
        years.year,
        least(make_date(years.year, 12, 31), sections.as_of_date) as state_on
    from sections
    inner join years on sections.origin = years.origin
),

rated as (
    select *
    from surveys
    where method = 'measuring_vehicle' and total_grade is not null
),

by_vehicle as (
    select
        dated.origin,
        dated.section_id,
        dated.year,
        max(surveys.surveyed_on) filter (
            where surveys.method = 'measuring_vehicle'
        ) as vehicle_on,
        max(surveys.surveyed_on) as driven_on,
        max(surveys.usability_grade) filter (
            where surveys.method = 'sensor' and year(surveys.surveyed_on) = dated.year
        ) as sensor_usability_grade
    from dated
    inner join surveys
        on
            dated.origin = surveys.origin
            and dated.section_id = surveys.section_id
            and dated.state_on >= surveys.surveyed_on
    group by dated.origin, dated.section_id, dated.year
),

graded as (
    select
        dated.origin,
        dated.section_id,
        dated.year,
        arg_max(rated.usability_grade, (rated.surveyed_on, rated.campaign_id)) as usability_grade,
        arg_max(rated.substance_grade, (rated.surveyed_on, rated.campaign_id)) as substance_grade,
        arg_max(rated.total_grade, (rated.surveyed_on, rated.campaign_id)) as total_grade
    from dated
    inner join rated
        on
            dated.origin = rated.origin
            and dated.section_id = rated.section_id
            and dated.state_on >= rated.surveyed_on
    group by dated.origin, dated.section_id, dated.year
),

final as (
    select
        dated.origin,
        dated.section_id,
        dated.year,
        dated.state_on,
        dated.surface,
        dated.road_class,
        dated.district_number,
        dated.length_m,
        dated.area_m2,
        graded.usability_grade,
        graded.substance_grade,
        graded.total_grade,
        by_vehicle.sensor_usability_grade,
        -- mean length of a month: an age is a span of days, not of calendar pages
        date_diff('day', by_vehicle.vehicle_on, dated.state_on) / 30.4375 as vehicle_age_months,
        date_diff('day', by_vehicle.driven_on, dated.state_on) / 30.4375 as age_months,
        costs.low_eur_m2,
        costs.central_eur_m2,
        costs.high_eur_m2
    from dated
    left join by_vehicle using (origin, section_id, year)
    left join graded using (origin, section_id, year)
    left join costs on dated.surface = costs.surface
)

select * from final
