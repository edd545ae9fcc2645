-- The platform's own records. Written by the warehouse package only; published with every build.
CREATE SCHEMA IF NOT EXISTS ops;

CREATE TABLE IF NOT EXISTS ops.loads (
    load_id BIGINT PRIMARY KEY,
    loaded_at TIMESTAMPTZ NOT NULL,
    payloads BIGINT NOT NULL
);
ALTER TABLE ops.loads ADD COLUMN IF NOT EXISTS conflicts BIGINT;
COMMENT ON TABLE ops.loads IS 'One row per load that brought in payloads; conflicts: how often another writer came in between and it was repeated.';

CREATE TABLE IF NOT EXISTS ops.payloads (
    payload_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    filename VARCHAR,
    sha256 VARCHAR NOT NULL,
    raw_path VARCHAR NOT NULL,
    fetched_at TIMESTAMPTZ NOT NULL,
    state VARCHAR NOT NULL,
    message VARCHAR,
    parsed BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    newest_event_at TIMESTAMPTZ,
    processed_at TIMESTAMPTZ NOT NULL,
    load_id BIGINT NOT NULL,
    PRIMARY KEY (source, payload_id),
    CHECK (accepted + quarantined = parsed)
);
COMMENT ON TABLE ops.payloads IS 'One row per source and distinct payload, and what became of it.';

CREATE TABLE IF NOT EXISTS ops.loaded_files (
    payload_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    load_id BIGINT NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source, table_name, payload_id)
);
ALTER TABLE ops.loaded_files ADD COLUMN IF NOT EXISTS oldest_event_at TIMESTAMPTZ;
ALTER TABLE ops.loaded_files ADD COLUMN IF NOT EXISTS newest_event_at TIMESTAMPTZ;
COMMENT ON TABLE ops.loaded_files IS 'One row per payload and table in raw.*, exactly once, with its bronze file and the span of its event times.';

CREATE TABLE IF NOT EXISTS ops.checks (
    payload_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    check_name VARCHAR NOT NULL,
    column_name VARCHAR,
    severity VARCHAR NOT NULL,
    success BOOLEAN NOT NULL,
    element_count BIGINT NOT NULL,
    unexpected_count BIGINT NOT NULL,
    why VARCHAR NOT NULL,
    observed VARCHAR,
    checked_at TIMESTAMPTZ NOT NULL,
    payloads BIGINT NOT NULL
);
COMMENT ON TABLE ops.checks IS 'One row per check at the door and batch; payload_id is the first payload of the batch.';

CREATE TABLE IF NOT EXISTS ops.quarantine (
    payload_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    row BIGINT NOT NULL,
    reason VARCHAR NOT NULL,
    record VARCHAR
);
COMMENT ON TABLE ops.quarantine IS 'One row per record turned away, with the reason.';

CREATE TABLE IF NOT EXISTS ops.fetches (
    ledger_file VARCHAR NOT NULL,
    attempt_id VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    resource VARCHAR NOT NULL,
    url VARCHAR,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    status INTEGER,
    outcome VARCHAR NOT NULL,
    bytes BIGINT,
    sha256 VARCHAR,
    raw_path VARCHAR,
    payload_id VARCHAR,
    error_kind VARCHAR,
    error VARCHAR,
    tries INTEGER,
    window_start TIMESTAMPTZ,
    window_end TIMESTAMPTZ
);
COMMENT ON TABLE ops.fetches IS 'One row per attempt to get one resource, failures included.';

CREATE TABLE IF NOT EXISTS ops.covered_windows (
    ledger_file VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    origin VARCHAR NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    window_end TIMESTAMPTZ NOT NULL,
    covered_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE ops.covered_windows IS 'One row per window of a source that was fetched completely.';

CREATE TABLE IF NOT EXISTS ops.ledger_files (
    path VARCHAR PRIMARY KEY,
    bytes BIGINT NOT NULL
);
COMMENT ON TABLE ops.ledger_files IS 'One row per ledger file and how much of it is in ops.fetches.';

CREATE TABLE IF NOT EXISTS ops.sources (
    source VARCHAR PRIMARY KEY,
    measure VARCHAR NOT NULL,
    title_de VARCHAR NOT NULL,
    title_en VARCHAR NOT NULL,
    office VARCHAR NOT NULL,
    producer VARCHAR NOT NULL,
    licence_id VARCHAR NOT NULL,
    licence_url VARCHAR NOT NULL,
    attribution VARCHAR NOT NULL,
    licence_verified BOOLEAN NOT NULL,
    homepage VARCHAR NOT NULL,
    protocol VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    every_s DOUBLE NOT NULL,
    promise_s DOUBLE NOT NULL,
    promise_on VARCHAR NOT NULL,
    caveats_de VARCHAR[] NOT NULL,
    caveats_en VARCHAR[] NOT NULL
);
COMMENT ON TABLE ops.sources IS 'One row per source, as declared in its source.yml.';

CREATE TABLE IF NOT EXISTS ops.builds (
    build_id VARCHAR PRIMARY KEY,
    started_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ NOT NULL,
    state VARCHAR NOT NULL,
    models BIGINT NOT NULL,
    tests BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    message VARCHAR,
    code_hash VARCHAR NOT NULL
);
ALTER TABLE ops.builds ADD COLUMN IF NOT EXISTS snapshot_id BIGINT;
ALTER TABLE ops.builds ADD COLUMN IF NOT EXISTS load_id BIGINT;
COMMENT ON TABLE ops.builds IS 'One row per build, published or failed; load_id: the newest load in it; snapshot_id: the state of the lake it left, empty where the warehouse is a file.';

CREATE TABLE IF NOT EXISTS ops.dbt_results (
    build_id VARCHAR NOT NULL,
    unique_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    resource_type VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    execution_s DOUBLE NOT NULL,
    rows_affected BIGINT,
    failures BIGINT,
    message VARCHAR
);
COMMENT ON TABLE ops.dbt_results IS 'One row per dbt node and build, of the newest 100 builds.';
