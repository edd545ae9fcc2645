-- Every model and test of the build and how it ended.
SELECT name, resource_type, status, failures
FROM ops.dbt_results
WHERE build_id = $build_id
ORDER BY resource_type, name, unique_id
