-- Nearest first, with what the build of this very file says about them.
select
    lineage.depth,
    lineage.node_kind,
    lineage.node,
    results.status,
    results.rows_affected
from marts.kpi_lineage as lineage
left join ops.dbt_results as results
    on lineage.node = results.name
        and results.resource_type in ('model', 'seed')
        and results.build_id = (select max(build_id) from marts.kpi_values)
where lineage.kpi_code = $code and lineage.node_kind <> 'source'
order by lineage.depth, lineage.node
