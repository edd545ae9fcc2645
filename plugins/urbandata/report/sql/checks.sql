-- What was checked for build $1: the build's own tests, and the checks at the door on payloads of
-- origin $2 so far.
WITH own AS (SELECT payload_id FROM ops.payloads WHERE origin = $2)

SELECT b.models, b.tests, b.failed, b.warned,
    (SELECT count(*) FROM ops.checks SEMI JOIN own USING (payload_id)) AS door_checks,
    (SELECT count(*) FROM ops.checks SEMI JOIN own USING (payload_id) WHERE NOT success)
        AS door_failed,
    (SELECT count(*) FROM ops.quarantine SEMI JOIN own USING (payload_id)) AS quarantined
FROM ops.builds AS b WHERE b.build_id = $1
