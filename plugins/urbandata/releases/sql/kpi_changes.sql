-- KPI values that differ between two releases, $1 before and $2 now; empty where there was none.
WITH old AS (SELECT * FROM read_parquet($1)), new AS (SELECT * FROM read_parquet($2))
SELECT kpi_code, period_kind, period_start, area_kind, area_id, old.value AS before,
    new.value AS now
FROM old
FULL JOIN new USING (kpi_code, period_kind, period_start, area_kind, area_id, origin)
WHERE old.value IS DISTINCT FROM new.value
ORDER BY ALL
