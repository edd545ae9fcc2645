select
    period_kind,
    min(period_start) as first_start,
    max(period_start) as last_start,
    list_sort(list(distinct area_id))[:12] as areas
from marts.kpi_values
where kpi_code = $code
group by period_kind
order by period_kind
