{#- Outcome KPIs as their parts compute them. Not kpi_values: the impact KPIs go back into it.
    A part is added here as soon as an outcome KPI comes from it; a data test notices. -#}
{%- set parts = [
    'int_kpi__cleema',
    'int_kpi__cleema_savings',
    'int_kpi__damage_reports',
    'int_kpi__energy_quarter',
    'int_kpi__hospital_energy',
    'int_kpi__open_data',
    'int_kpi__participation',
    'int_kpi__punctuality',
    'int_kpi__sportpark',
    'int_kpi__warnings',
] -%}

with

measured as (
    {%- for part in parts %}
    select * from {{ ref(part) }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
),

named as (
    select kpi_code from {{ ref('impact_outcomes') }}
    union
    select kpi_code from {{ ref('impact_comparisons') }}
),

usable as (
    select
        measured.kpi_code,
        measured.origin,
        measured.area_kind,
        measured.area_id,
        measured.period_kind,
        measured.period_start,
        {{ period_end('measured.period_kind', 'measured.period_start') }} as period_end,
        measured.value,
        measured.n,
        newest.newest_day as observed_until
    from measured
    inner join named using (kpi_code)
    inner join {{ ref('kpi_catalogue') }} as catalogue on measured.kpi_code = catalogue.code
    inner join {{ ref('int_kpis__newest_day') }} as newest on measured.origin = newest.origin
    where
        measured.value is not null
        and measured.coverage_pct >= catalogue.min_coverage_pct
        and measured.n >= catalogue.min_n
),

final as (
    select * from usable
    where period_end <= observed_until
)

select * from final
