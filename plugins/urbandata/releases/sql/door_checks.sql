-- The checks at the door, summed over all batches of one origin.
SELECT c.source, c.table_name, c.check_name, c.column_name, c.severity, c.why,
    count(*) AS batches, count(*) FILTER (NOT c.success) AS batches_failed,
    sum(c.element_count) AS values_checked, sum(c.unexpected_count) AS values_failed
FROM ops.checks AS c
INNER JOIN ops.payloads AS p ON c.source = p.source AND c.payload_id = p.payload_id
WHERE p.origin = $origin
GROUP BY ALL
ORDER BY ALL
