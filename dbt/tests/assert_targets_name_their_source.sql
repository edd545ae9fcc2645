-- No target without the decision or law it comes from, and no source without a target.
select code
from {{ ref('kpi_catalogue') }}
where (target_value is null) <> (target_source_de is null)
