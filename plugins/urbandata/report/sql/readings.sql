-- The rows of kpi_values the report shows: origin $1, periods that end by $2 (none: the newest),
-- at most $3 areas per KPI. Without $2 these are the periods kpi_status judges; an earlier one is
-- judged only where kpi_status happens to judge it.
WITH judged AS (
    SELECT kpi_code, origin, area_kind, area_id, period_kind, period_start, value_before, trend,
        is_improving, target, status, true AS is_judged
    FROM marts.kpi_status
),

ended AS (
    SELECT v.*, c.evidence_class,
        CASE v.period_kind
            WHEN 'day' THEN v.period_start + INTERVAL 1 DAY
            WHEN 'month' THEN v.period_start + INTERVAL 1 MONTH
            WHEN 'quarter' THEN v.period_start + INTERVAL 3 MONTH
            WHEN 'year' THEN v.period_start + INTERVAL 1 YEAR
            ELSE v.period_start
        END::DATE AS period_end,
        v.value IS NOT NULL
        AND NOT contains(coalesce(v.quality_flags, ''), 'low_coverage')
        AND NOT contains(coalesce(v.quality_flags, ''), 'running_period') AS is_usable
    FROM marts.kpi_values AS v
    INNER JOIN marts.kpi_catalogue AS c ON v.kpi_code = c.code AND v.period_kind = c.status_period
    WHERE v.origin = $1
),

newest AS (
    SELECT e.*, s.value_before, coalesce(s.trend, '') AS trend, s.is_improving, s.target,
        coalesce(s.status, '') AS status
    FROM ended AS e
    LEFT JOIN judged AS s USING (kpi_code, origin, area_kind, area_id, period_kind, period_start)
    WHERE $2::DATE IS NULL OR e.period_end <= $2::DATE
    QUALIFY row_number() OVER (
        PARTITION BY e.kpi_code, e.area_kind, e.area_id
        ORDER BY $2::DATE IS NULL AND coalesce(s.is_judged, false) DESC, e.is_usable DESC,
            e.period_start DESC
    ) = 1
),

kinds AS (
    SELECT kpi_code, area_kind, count(*) AS areas, count(value) = 0 AS is_empty
    FROM newest GROUP BY kpi_code, area_kind
),

shown AS (
    SELECT kpi_code, area_kind FROM kinds
    QUALIFY row_number() OVER (
        PARTITION BY kpi_code ORDER BY is_empty, area_kind <> 'city', areas, area_kind
    ) = 1
)

SELECT n.*
FROM newest AS n
INNER JOIN shown AS k ON n.kpi_code = k.kpi_code AND n.area_kind = k.area_kind
QUALIFY row_number() OVER (PARTITION BY n.kpi_code ORDER BY n.area_id) <= $3
ORDER BY n.kpi_code, n.area_kind, n.area_id
