with

section_years as (
    select * from {{ ref('int_roads__section_years') }}
),

areas as (
    select * from {{ ref('int_reference__district_areas') }}
),

-- sections without a known district still count for the city
placed as (
    select
        *,
        'city' as area_kind,
        'dresden' as area_id
    from section_years
    union all
    select
        section_years.*,
        areas.area_kind,
        areas.area_id
    from section_years
    inner join areas on section_years.district_number = areas.district_number
),

sums as (
    select
        origin,
        year,
        area_kind,
        area_id,
        max(state_on) as state_on,
        count(*) as sections,
        {{ exact_sum('length_m') }} / 1000 as length_km,
        {{ exact_sum('area_m2') }} as area_m2,
        count(total_grade) as rated_sections,
        {{ exact_sum('length_m', 'total_grade is not null') }} / 1000 as rated_length_km,
        {{ exact_sum('area_m2', 'total_grade is not null') }} as rated_area_m2,
        {{ exact_sum('total_grade * area_m2') }} as grade_area,
        {{ exact_sum('total_grade * length_m') }} / 1000 as grade_length,
        {{ exact_sum('(substance_grade - usability_grade) * area_m2') }} as gap_area,
        {{ exact_sum(
            'area_m2', 'substance_grade is not null and usability_grade is not null'
        ) }} as gap_area_m2,
        {%- for name, grade in [('1_5', 1.5), ('3_5', 3.5), ('4_5', 4.5)] %}
        coalesce({{ exact_sum('area_m2', 'total_grade >= ' ~ grade) }}, 0) as area_{{ name }}_m2,
        coalesce(
            {{ exact_sum('length_m', 'total_grade >= ' ~ grade) }}, 0
        ) / 1000 as length_{{ name }}_km,
        {%- endfor %}
        {%- for bound in ['low', 'central', 'high'] %}
        coalesce(
            {{ exact_sum('area_m2 * ' ~ bound ~ '_eur_m2', 'total_grade >= 4.5') }}, 0
        ) as backlog_{{ bound }}_eur,
        {%- endfor %}
        count(sensor_usability_grade) as sensor_sections,
        {{ exact_sum('sensor_usability_grade * area_m2') }}
        / {{ exact_sum('area_m2', 'sensor_usability_grade is not null') }}
            as sensor_usability_grade,
        median(vehicle_age_months) as vehicle_age_months,
        median(age_months) as age_months,
        count(age_months) as surveyed_sections
    from placed
    group by origin, year, area_kind, area_id
),

final as (
    select
        origin,
        year,
        area_kind,
        area_id,
        state_on,
        sections,
        round(length_km, 3) as length_km,
        round(area_m2, 1) as area_m2,
        rated_sections,
        round(coalesce(rated_length_km, 0), 3) as rated_length_km,
        round(coalesce(rated_area_m2, 0), 1) as rated_area_m2,
        round(100 * coalesce(rated_area_m2, 0) / area_m2, 2) as rated_area_pct,
        round(grade_area / rated_area_m2, 3) as mean_grade_by_area,
        round(grade_length / rated_length_km, 3) as mean_grade_by_length,
        round(gap_area / gap_area_m2, 3) as substance_minus_usability,
        {%- for name in ['1_5', '3_5', '4_5'] %}
        round(area_{{ name }}_m2, 1) as area_{{ name }}_m2,
        round(length_{{ name }}_km, 3) as length_{{ name }}_km,
        round(100 * area_{{ name }}_m2 / rated_area_m2, 2) as area_{{ name }}_pct,
        round(100 * length_{{ name }}_km / rated_length_km, 2) as length_{{ name }}_pct,
        {%- endfor %}
        {%- for bound in ['low', 'central', 'high'] %}
        case when rated_sections > 0 then round(backlog_{{ bound }}_eur, 0) end
            as backlog_{{ bound }}_eur,
        {%- endfor %}
        sensor_sections,
        round(sensor_usability_grade, 3) as sensor_usability_grade,
        round(vehicle_age_months, 1) as vehicle_age_months,
        round(age_months, 1) as age_months,
        round(100.0 * surveyed_sections / sections, 2)::double as surveyed_sections_pct
    from sums
)

select * from final
