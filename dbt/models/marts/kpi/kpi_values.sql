{%- set parts = kpi_parts() -%}

with

measured as (
    {%- for part, facts, day in parts %}
    select
        *,
        '{{ part }}' as model,
        {{ 'true' if day == 'snapshot_on' else 'false' }} as rests_on_snapshots
    from {{ ref(part) }}
    {%- if not loop.last %}
    union all by name
    {%- endif %}
    {%- endfor %}
),

ending as (
    select
        *,
        {{ period_end('period_kind', 'period_start') }} as ends_on
    from measured
),

newest as (
    select * from {{ ref('int_kpis__newest_day') }}
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
            -- over once a later day has facts; the day of a snapshot is whole when it was taken
            case
                when
                    measured.ends_on > newest.newest_day
                    and not (measured.rests_on_snapshots and measured.period_kind = 'day')
                    then 'running_period'
            end,
            case
                when measured.coverage_pct < catalogue.min_coverage_pct then 'low_coverage'
            end,
            case when measured.n < catalogue.min_n then 'few_cases' end
        ) as quality_flags,
        measured.model,
        '{{ env_var("URBANDATA_BUILD_ID", "unset") }}' as build_id
    from ending as measured
    inner join catalogue on measured.kpi_code = catalogue.code
    left join newest on measured.origin = newest.origin
)

select * from final
