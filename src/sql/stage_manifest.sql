-- What a person or --resume must know of a staging schema, in tables of its own; made
-- under a search_path that has nothing but the schema. Like all staging tables they are
-- unlogged, so that no publication, FOR ALL TABLES or other, sends them to a subscriber.
CREATE UNLOGGED TABLE manifest_run (
    run pg_catalog.uuid NOT NULL,
    version pg_catalog.text NOT NULL,
    database pg_catalog.name NOT NULL,
    server_version pg_catalog.text NOT NULL,
    started pg_catalog.timestamptz NOT NULL,
    snapshot_time pg_catalog.timestamptz NOT NULL,
    options pg_catalog.jsonb NOT NULL,
    is_kept pg_catalog.bool NOT NULL,
    state pg_catalog.text NOT NULL
);
COMMENT ON TABLE manifest_run IS
    'the run of pg-sample that made this schema; state is sampling, complete or kept';
CREATE UNLOGGED TABLE manifest (
    source pg_catalog.text NOT NULL,
    staging pg_catalog.text,
    state pg_catalog.text NOT NULL,
    error pg_catalog.text,
    rows_picked pg_catalog.int8 NOT NULL,
    rows_children pg_catalog.int8 NOT NULL,
    rows_referenced pg_catalog.int8 NOT NULL,
    first_pass pg_catalog.int4,
    last_pass pg_catalog.int4
);
COMMENT ON TABLE manifest IS
    'one row for each staging table: rows picked by rules, children of roots, rows that others refer to, and the passes in which they came (0: picked)';
CREATE UNLOGGED TABLE manifest_keys (
    number pg_catalog.int4 NOT NULL,
    foreign_key pg_catalog.text NOT NULL,
    referencing pg_catalog.text NOT NULL,
    referenced pg_catalog.text NOT NULL,
    n_references pg_catalog.int8 NOT NULL,
    n_dangling pg_catalog.int8 NOT NULL,
    n_lost pg_catalog.int8 NOT NULL
);
COMMENT ON TABLE manifest_keys IS
    'one row for each foreign key: staged references, those without a row in the source, and those into tables that were lost';;
CREATE UNLOGGED TABLE manifest_references (
    number pg_catalog.int4 NOT NULL,
    reference pg_catalog.text NOT NULL,
    n_references pg_catalog.int8 NOT NULL,
    n_dangling pg_catalog.int8 NOT NULL,
    n_lost pg_catalog.int8 NOT NULL
);
COMMENT ON TABLE manifest_references IS
    'one row for each declared reference: rows that refer to anything, those without a row in the source, and those into tables that were lost';
