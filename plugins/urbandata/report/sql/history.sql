-- The course of every KPI of origin $1 in the periods kpi_status judges, until $2 (none: all).
-- A period without a value stays in: it is a gap to be shown.
SELECT v.kpi_code, v.area_kind, v.area_id, v.period_kind, v.period_start, v.value, v.low, v.high,
    coalesce(v.quality_flags, '') AS quality_flags
FROM marts.kpi_values AS v
INNER JOIN marts.kpi_catalogue AS c ON v.kpi_code = c.code AND v.period_kind = c.status_period
WHERE v.origin = $1
    AND ($2::DATE IS NULL OR v.period_start < $2::DATE)
ORDER BY v.kpi_code, v.area_kind, v.area_id, v.period_start
