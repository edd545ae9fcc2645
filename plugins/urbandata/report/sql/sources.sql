-- One row per source: facts and how it stands in origin $1.
SELECT s.source, s.measure, s.title_de, s.title_en, s.producer, s.licence_id, s.attribution,
    s.licence_verified, s.caveats_de, s.caveats_en,
    coalesce(t.state, 'never') AS state, t.last_success_at, t.newest_event_at,
    coalesce(t.rows, 0) AS rows, coalesce(t.quarantined, 0) AS quarantined,
    coalesce(t.held_or_refused, 0) AS held_or_refused, coalesce(t.gaps, 0) AS gaps
FROM ops.sources AS s
LEFT JOIN ops.source_status AS t ON s.source = t.source AND t.origin = $1
ORDER BY s.source
