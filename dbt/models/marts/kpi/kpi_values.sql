{#- A part, the facts it rests on, and the column with their days: periods that reach past
    the newest day of the facts are still running. -#}
{%- set parts = [
    ('int_kpi__heavy_rain', 'fct_rain_daily', 'local_date'),
    ('int_kpi__warnings', 'fct_rain_daily', 'local_date'),
    ('int_kpi__air', 'fct_air_quality_daily', 'local_date'),
    ('int_kpi__gauge', 'fct_gauge_daily', 'local_date'),
    ('int_kpi__heat', 'fct_heat_daily', 'local_date'),
    ('int_kpi__cleema', 'fct_cleema_activity_monthly', 'observed_until'),
    ('int_kpi__cleema_savings', 'fct_cleema_activity_monthly', 'observed_until'),
    ('int_kpi__time_gains', 'fct_time_gains', 'last_day'),
    ('int_kpi__impact', 'fct_impact_baseline', 'observed_until'),
] -%}

with

measured as (
    {%- for part, facts, day in parts %}
    select
        *,
        '{{ part }}' as part
    from {{ ref(part) }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
),

newest as (
    {%- for part, facts, day in parts %}
    select
        '{{ part }}' as part,
        origin,
        max({{ day }}) as newest_day
    from {{ ref(facts) }}
    group by origin
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
),

final as (
    select
        measured.kpi_code,
        measured.period_start,
        measured.period_kind,
        measured.area_kind,
        measured.area_id,
        measured.value,
        measured.low,
        measured.high,
        measured.n,
        measured.coverage_pct::double as coverage_pct,
        measured.origin,
        concat_ws(
            ',',
            case
                when {{ period_end('measured.period_kind', 'measured.period_start') }}
                    > newest.newest_day + 1
                    then 'running_period'
            end,
            case
                when measured.coverage_pct < catalogue.min_coverage_pct then 'low_coverage'
            end,
            case when measured.n < catalogue.min_n then 'few_cases' end
        ) as quality_flags,
        '{{ env_var("URBANDATA_BUILD_ID", "unset") }}' as build_id
    from measured
    inner join catalogue on measured.kpi_code = catalogue.code
    left join newest
        on measured.part = newest.part and measured.origin = newest.origin
)

select * from final
