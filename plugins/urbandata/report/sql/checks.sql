-- What was checked for build $1: the build's own tests and the checks at the door so far.
SELECT b.models, b.tests, b.failed, b.warned,
    (SELECT count(*) FROM ops.checks) AS door_checks,
    (SELECT count(*) FROM ops.checks WHERE NOT success) AS door_failed,
    (SELECT count(*) FROM ops.quarantine) AS quarantined
FROM ops.builds AS b WHERE b.build_id = $1
