with

areas as (
    select
        *,
        make_date(year, 1, 1) as period_start
    from {{ ref('fct_road_condition_by_area') }}
),

{% set parts = [
    ('M3.1a', 'mean_grade_by_area', 'rated_sections', 'rated_area_pct', none),
    ('M3.1b', 'sensor_usability_grade', 'sensor_sections', none, none),
    ('M3.2a', 'area_4_5_pct', 'rated_sections', 'rated_area_pct', none),
    ('M3.2b', 'length_4_5_km', 'rated_sections', 'rated_area_pct', none),
    ('M3.3', 'area_3_5_pct', 'rated_sections', 'rated_area_pct', none),
    ('M3.4', 'substance_minus_usability', 'rated_sections', 'rated_area_pct', none),
    ('M3.6', 'backlog_central_eur', 'rated_sections', 'rated_area_pct', 'backlog'),
    ('M3.7a', 'vehicle_age_months', 'sections', 'surveyed_sections_pct', none),
    ('M3.7b', 'age_months', 'sections', 'surveyed_sections_pct', none),
] %}

final as (
    {%- for code, column, cases, coverage, range in parts %}
    select
        '{{ code }}' as kpi_code,
        period_start,
        'year' as period_kind,
        area_kind,
        area_id,
        {{ column }}::double as value,
        {{ range ~ '_low_eur' if range else 'null' }}::double as low,
        {{ range ~ '_high_eur' if range else 'null' }}::double as high,
        {{ cases }} as n,
        {{ coverage if coverage else 'round(100.0 * sensor_sections / sections, 2)' }}::double
            as coverage_pct,
        origin
    from areas
    where {{ column }} is not null and rated_sections > 0
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
