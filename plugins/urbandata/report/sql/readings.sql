-- The rows of kpi_values the report shows: origin $1, periods that end by $2 (none: the newest),
-- at most $3 areas per KPI. Judged is only what kpi_status judges: the newest usable period.
WITH ended AS (
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
    SELECT * FROM ended
    WHERE $2::DATE IS NULL OR period_end <= $2::DATE
    QUALIFY row_number() OVER (
        PARTITION BY kpi_code, area_kind, area_id ORDER BY is_usable DESC, period_start DESC
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

SELECT n.*, s.value_before, coalesce(s.trend, '') AS trend, s.is_improving,
    s.target, coalesce(s.status, '') AS status
FROM newest AS n
INNER JOIN shown AS k ON n.kpi_code = k.kpi_code AND n.area_kind = k.area_kind
LEFT JOIN marts.kpi_status AS s
    ON n.kpi_code = s.kpi_code AND n.origin = s.origin AND n.area_kind = s.area_kind
    AND n.area_id = s.area_id AND n.period_kind = s.period_kind
    AND n.period_start = s.period_start
QUALIFY row_number() OVER (PARTITION BY n.kpi_code ORDER BY n.area_id) <= $3
ORDER BY n.kpi_code, n.area_kind, n.area_id
