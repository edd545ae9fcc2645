-- Checks at the door on the tables behind the KPI, summed over all batches.
select
    checks.source,
    checks.table_name,
    checks.check_name,
    checks.column_name,
    checks.severity,
    sum(checks.element_count) as checked,
    sum(checks.unexpected_count) as unexpected,
    any_value(checks.why) as why
from ops.checks as checks
inner join (
    select distinct source, table_name
    from marts.kpi_lineage
    where kpi_code = $code and source is not null
) as used on checks.source = used.source and checks.table_name = used.table_name
group by all
order by all
