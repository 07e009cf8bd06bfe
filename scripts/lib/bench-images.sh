# shellcheck shell=bash
# A part of scripts/bench-load: what images of changed rows cost, for audit and undo.

make_images_table()
{
    createdb images
    run_sql -v "rows=$n_changed" images <<SQL
CREATE TABLE original (
    id bigint PRIMARY KEY,
    code text NOT NULL,
    region text NOT NULL,
    rank integer NOT NULL,
    name text NOT NULL,
    amount numeric(12, 2),
    payload text,
    changed_at timestamptz NOT NULL);
INSERT INTO original
SELECT n, 'C' || n, 'region-' || n % 50, n % 1000, 'entity, number ' || n, n % 1000000 / 100.0,
       md5(n::text), timestamptz '2024-01-01 UTC' + n * interval '7 seconds'
  FROM generate_series(1, :rows::bigint) AS n;
CREATE TABLE t (LIKE original INCLUDING ALL);
\\copy (SELECT id, code, region, rank + 1 AS rank, name, amount, payload, changed_at FROM original) TO '$work/images.csv' WITH (FORMAT csv, HEADER)
SQL
    "$pg_sample_load" --init -d images 2>"$work/errors"
}

# Nothing of the run before is left.
reset_images()
{
    run_sql -Atc "SELECT format('DROP TABLE _pg_sample_load.%I', undo_table)
                    FROM _pg_sample_load.undo WHERE undo_table IS NOT NULL" images |
        run_sql -f - images
    run_sql images <<'SQL'
TRUNCATE t, _pg_sample_load.audit_log, _pg_sample_load.undo;
INSERT INTO t SELECT * FROM original;
VACUUM ANALYZE t;
CHECKPOINT;
SQL
}

load_images()
{
    if ! "$pg_sample_load" -d images "$@" --metrics-file="$work/metrics.json" \
        "t=$work/images.csv" 2>"$work/errors"; then
        cat "$work/errors" >&2
        exit 1
    fi
}

# By this program, of this number of rows, with files in this folder.
measure_images()
{
    local pg_sample_load=$1 n_changed=$2 work=$3 i options name plain plain_locked
    make_images_table
    for ((i = 0; i < ${REPEAT:-3}; i++)); do
        for options in '' --undo --audit '--audit --undo'; do
            reset_images
            # shellcheck disable=SC2086 # none, one or two options
            timed load_images $options >>"$work/images$options.total"
            read_metrics lock.row_ms | awk '{ print $1 / 1000 }' >>"$work/images$options.locked"
        done
    done
    plain=$(median <"$work/images.total")
    plain_locked=$(median <"$work/images.locked")
    for options in '' --undo --audit '--audit --undo'; do
        name=${options:-plain}
        printf 'images: %s changed rows, %s: %s, %s times; rows locked for %s, %s times\n' \
            "$n_changed" "$name" "$(seconds "$(median <"$work/images$options.total")")" \
            "$(ratio "$(median <"$work/images$options.total")" "$plain")" \
            "$(seconds "$(median <"$work/images$options.locked")")" \
            "$(ratio "$(median <"$work/images$options.locked")" "$plain_locked")"
    done
}
