{%- set parts = [
    'int_kpi__heavy_rain',
    'int_kpi__warnings',
    'int_kpi__air',
    'int_kpi__gauge',
    'int_kpi__heat',
] -%}

with

measured as (
    {%- for part in parts %}
    select * from {{ ref(part) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

catalogue as (
    select * from {{ ref('kpi_catalogue') }}
),

-- the newest day any of our facts reaches, per origin: later days of a period are still to come
newest as (
    select
        origin,
        max(local_date) as newest_day
    from (
        select
            origin,
            local_date
        from {{ ref('fct_gauge_daily') }}
        union all
        select
            origin,
            local_date
        from {{ ref('fct_rain_daily') }}
        union all
        select
            origin,
            local_date
        from {{ ref('fct_air_quality_daily') }}
        union all
        select
            origin,
            local_date
        from {{ ref('fct_heat_daily') }}
    )
    group by origin
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
                when
                    date_add(
                        measured.period_start,
                        case measured.period_kind
                            when 'month' then interval 1 month
                            else interval 1 year
                        end
                    ) > newest.newest_day + 1
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
    left join newest on measured.origin = newest.origin
)

select * from final
