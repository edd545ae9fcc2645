with

periods as (
    select *
    from {{ ref('int_energy__periods') }}
    where site = 'quarter'
),

sites as (
    select * from {{ ref('energy_sites') }}
),

measured as (
    select
        periods.*,
        sites.area_kind,
        sites.area_id,
        -- a share of the year: shown for whole years only
        case
            when periods.period_kind = 'year'
                then periods.electricity_kg_co2e / sites.net_floor_area_m2
        end as kg_co2e_per_m2
    from periods
    inner join sites
        on periods.site = sites.site and sites.is_demo = (periods.origin = 'demo')
),

{% set parts = [
    ('M7.1', 'autarky_pct', 'balance'),
    ('M7.2', 'self_consumption_pct', 'balance'),
    ('M7.3a', 'peak_kw', 'load'),
    ('M7.3b', 'load_factor_pct', 'load'),
    ('M7.5', 'performance_factor', 'pump'),
    ('M7.6', 'kg_co2e_per_m2', 'balance'),
    ('M7.7', 'island_pct', 'balance'),
] %}

final as (
    {%- for code, column, basis in parts %}
    select
        '{{ code }}' as kpi_code,
        period_start,
        period_kind,
        area_kind,
        area_id,
        round({{ column }}, 2)::double as value,
        null::double as low,
        null::double as high,
        {{ basis }}_intervals as n,
        {{ basis }}_coverage_pct as coverage_pct,
        origin
    from measured
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
