-- The overview shows one KPI per measure: two would compete, none would leave a hole.
select
    measure,
    count(*) filter (where is_headline) as headlines
from {{ ref('kpi_catalogue') }}
where code like 'M%'
group by measure
having count(*) filter (where is_headline) <> 1
