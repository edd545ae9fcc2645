-- An outcome KPI that has values must be read by int_impact__values: add its part to the list.
-- A KPI whose first period is not over yet, as in the first weeks of a city, has none there.
with

named as (
    select kpi_code from {{ ref('impact_outcomes') }}
    union
    select kpi_code from {{ ref('impact_comparisons') }}
)

select distinct measured.kpi_code
from {{ ref('kpi_values') }} as measured
inner join named using (kpi_code)
inner join {{ ref('kpi_catalogue') }} as catalogue on measured.kpi_code = catalogue.code
left join {{ ref('int_impact__values') }} as reached using (kpi_code, origin)
inner join {{ ref('int_kpis__newest_day') }} as newest on measured.origin = newest.origin
where
    measured.value is not null
    and measured.coverage_pct >= catalogue.min_coverage_pct
    and measured.n >= catalogue.min_n
    and {{ period_end('measured.period_kind', 'measured.period_start') }} <= newest.newest_day
    and reached.kpi_code is null
