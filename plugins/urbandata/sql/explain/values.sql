select
    origin,
    period_kind,
    period_start,
    area_kind,
    area_id,
    value,
    low,
    high,
    n,
    coverage_pct,
    quality_flags,
    model,
    build_id
from marts.kpi_values
where kpi_code = $code
    and period_kind = $kind
    and period_start = coalesce($start, period_start)
    and area_id = $area
order by origin, period_start
