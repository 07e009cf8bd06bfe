package PgSample::Test::LoadIds;

# What loading must do, and which test shows it. 000 is the staging-table pattern, 001 the
# safe sync, 003 the defensive upsert, 004 batches of JSON records: F features, O options, M
# metrics, L log lines, E error cases, N numbers that were claimed, P practices. B are mistakes
# of the originals, and what is done instead; C the lines of the contract.

use strict;
use warnings;

# Each entry: id, what it is, then the tests that show it, as FILE: NAME. FILE is that of tests/t
# that begins so, or of tests/unit. Where there are several, each shows another part.
our $TABLE = <<'TABLE';
000-F01 large load into a table in use | 341: readers see the old rows or the new ones
    | 394: locks of the commit
000-F02 staging table like the target, no lock on it | 394: before the commit ACCESS SHARE is enough
000-F03 names <table>_staging_<hash>_<timestamp> | 370: temporary, unlogged or no staging
    | 372: two runs in the same second do not meet | 370: --stage-only and --commit-staged
000-F04 staging tables are cleaned up | 370: staging tables are dropped however a run ends
000-F05 the target must exist | 321: odd names
000-F06 only staging is written before the commit | 394: before the commit ACCESS SHARE is enough
    | 341: the table is not locked before the commit
000-F07 batches, and several connections | 394: rows are sent by COPY, --batch-size at a time
    | 394: --jobs connections stage at once | 370: --jobs gives the same result
000-F08 one transaction, counts compared | 394: one transaction, one statement for each kind of change
    | 331: BEFORE triggers | 381: dropped columns, columns in another order
000-F09 the slice is replaced, not the table | 320: slice: only rows of the slice are replaced
000-F10 staged rows can be queried before the commit | 370: --stage-only and --commit-staged
000-F11 automatic, or by hand | 370: --stage-only and --commit-staged
000-F12 staging is the default | 370: temporary, unlogged or no staging
000-F13 fallback to a direct write, logged | 370: fallback where staging cannot be created
    | 372: only some reasons let a load fall back
000-F14 columns of any type | 321: types: exact values, equal and different ones
000-F15 connection by the environment | 372: connection by the environment, and a file of the password
000-O01 attempts to stage | 372: a server that is starting
000-O02 attempts to commit | 341: a lock that is not obtained | 394: defaults
000-O03 exponential back-off | 372: attempts back off
000-M01 result fields | 371: metrics: names and types | 371: metrics on standard output, and of failures
    | 394: times are measured, and add up
000-M02 lock time and its alert | unit/test_load_metrics: 60 seconds are no alert
000-L01 Using STAGING TABLE pattern | 371: log lines of a slice
000-L02 Step 1/3 | 371: log lines of a slice
000-L03 Step 2/3 | 371: log lines of a slice
000-L04 Step 3/3 | 371: log lines of a slice
000-L05 Staging approach failed | 370: fallback where staging cannot be created
000-E01 no right to stage: which privilege | 370: fallback where staging cannot be created
000-E02 slow delete: advice for an index | 372: advice: an index on the column of the slice
000-E03 Row count mismatch | 331: BEFORE triggers
000-E04 the commit fails: rolled back, with details | 331: a trigger that raises an error
000-E05 nothing is staged: refused | 330: guards
000-N01 lock time is measured, not claimed | 394: times are measured, and add up
000-N02 the table is locked for the commit only | 394: before the commit ACCESS SHARE is enough
    | 394: locks of the commit
000-P01 small loads need no staging tables | 370: temporary, unlogged or no staging
000-P02 counts are always compared | 331: BEFORE triggers
000-P03 nobody manages staging tables by hand | 370: --status and --gc
000-P04 a fallback is always logged | 370: fallback where staging cannot be created
001-F01 whole or not at all, at every point | 340: the client is killed $place->[0], $staging
001-F02 unlogged staging without keys | 394: before the commit ACCESS SHARE is enough
    | 370: temporary, unlogged or no staging
001-F03 the whole table is replaced | 320: full: absent rows are deleted
    | 394: one transaction, one statement for each kind of change
001-F04 modes full and incremental | 320: full: absent rows are deleted
    | 320: incremental: new, changed and equal rows
001-F05 one table or all of them | 360: plain, compressed, from standard input
001-F06 four ways to write, to choose from | 370: all ways end with the same rows
001-F07 counts are compared with what is expected | 371: log lines of a full load | 330: guards
001-F08 several tables are staged at once, and committed together | 394: one transaction, one statement for each kind of change
001-F09 incremental loads are staged as well | 320: incremental: new, changed and equal rows
001-F10 checks before the commit | 330: all findings at once | 330: assertions of the user
001-F11 constraints are deferred in the commit | 370: delete-insert: referenced tables, metrics
001-F12 staging tables and runs can be listed | 370: --status and --gc
001-O01 thresholds | 394: defaults | 370: temporary, unlogged or no staging
    | 370: all ways end with the same rows
001-O02 timeouts | 394: defaults | 372: settings of the commit | 340: the server never answers
001-L01 Creating, loading, swap | 371: log lines of a full load
001-L02 committed, or failed and safe | 371: log lines of a full load
001-E01 staging fails: nothing changes | 340: the connection is lost $place->[0], $staging
001-E02 the swap fails: rolled back | 331: a trigger that raises an error
001-E03 the connection is lost in the swap | 340: the connection is lost $place->[0], $staging
001-E04 a staging table of that name is there | 370: --status and --gc
    | 372: two runs in the same second do not meet
001-E05 the server is out of space or gone | 372: a server without space
    | 340: the server is killed $place->[0]
001-E06 statement timeout: which option to raise | 372: a commit that takes too long
001-N01 readers do not wait | 394: locks of the commit | 341: readers see the old rows or the new ones
001-N02 a lost connection does not leave an empty table | 340: the connection is lost $place->[0], $staging
003-F01 older rows never overwrite newer ones | 320: scenarios of the defensive upsert
003-F02 a second run changes nothing | 320: unchanged rows are not rewritten
003-F03 backfills leave live rows alone | 320: scenarios of the defensive upsert
003-F04 two workers in any order | 341: two loaders end the same in 50 of 50 races
003-F05 on by default, off for all or one table | 320: scenarios of the defensive upsert
003-F06 settings of each table | 371: --config
003-F07 keys of several columns | 320: natural keys
003-F08 tables with a schema | 321: odd names
003-F09 the rules can be tested without a server | unit/test_load_query: older never overwrites newer, and NULL is oldest
003-F10 tables of dead runs are found and dropped | 370: --status and --gc
003-F12 the timestamp column of each table | 320: scenarios of the defensive upsert | 371: --config
003-F15 a key without an index: a warning | 320: natural keys
003-O01 captured_at is the default | 320: scenarios of the defensive upsert
003-O02 no key: append | 320: without a key
003-M01 counts of the metrics | 371: metrics: names and types
003-L01 Upserting, Executing, complete | 371: log lines of an upsert
003-P01 alerts | 371: alerts
003-E01 all rows are older | 371: alerts
003-E02 equal timestamps | 320: scenarios of the defensive upsert
003-E03 tables that a dead run left | 340: the client is killed $place->[0], $staging
003-S01 scenarios: new, newer, older, equal | 320: scenarios of the defensive upsert
003-S02 scenario: two workers, both orders | 320: two workers, both orders
004-F01 fragments of JSON, with the record in data | 356: fragments of JSON, one record a file
    | 366: a batch of several tables, formats and compressions
004-F02 batches are discovered, grouped by table | 356: a batch of several tables in one commit
    | 356: the validation queue | 366: more keys than a page has
004-F03 several tables in a batch | 356: a batch of several tables in one commit
004-F04 a batch is validated before it is loaded | 356: the validation queue
    | 356: what does not fit into the layout
004-F05 fragments are read many at a time | 355: JSON
004-F06 a fragment that cannot be read aborts the load | 355: one that cannot be read
    | 352: where records are not certain | 356: fragments of JSON, one record a file
004-F07 natural keys of one or several columns | 320: natural keys
004-F08 immutable_fields are never updated | 353: immutable columns keep their values, NULL as well
004-F09 upsert, insert_only, update_only | 320: strategies
004-F10 merge, replace, skip; merge is the default | 358: conflict resolution of batches
004-F11 merge: new values that are not NULL win | 353: merge: NULL does not overwrite, in updates; new rows have it
    | 353: immutable columns keep their values, NULL as well | 358: conflict resolution of batches
004-F12 a changed immutable field rejects its record | 353: immutable columns: examples, hostile values, timestamps, several records
004-F13 updated_at is set by updates | 353: updated_at is set where something else differs
    | 358: the configuration of the original
004-F14 inserts and updates are told apart | 320: incremental: new, changed and equal rows
004-F15 pure inserts | 320: strategies | 394: one transaction, one statement for each kind of change
004-F16 all or nothing | 357: the client is killed $place->[0]
    | 394: one transaction, one statement for each kind of change
004-F17 audit_changes | 362: each operation, in each mode | 358: the configuration of the original
004-F18 soft_delete | 353: absent rows are marked, returning ones unmarked
004-F19 dry runs write neither log nor queue | 356: the log | 356: the validation queue
004-F20 rollback of a batch | 363: a batch and back | 363: rows that have changed since
    | 364: seed $seed
004-F21 results for programs | 358: metrics of a batch
004-F22 settings by the environment, as in a container | 358: variables of the environment
004-F23 audit_log | 362: each operation, in each mode | 362: a table audit_log of the user
004-F24 batch_load_log | 356: the log | 358: metrics of a batch | 363: a batch and back
004-F25 validation_queue | 356: the validation queue
004-F26 a failure is logged after the rollback | 356: the log
004-O01 options of the command line | 356: some tables of a batch, and the others later
    | 356: a batch is loaded once | 356: fragments of JSON, one record a file
    | 358: options that do not go with a batch | 356: the log | 363: a batch and back
004-O02 variables of the environment | 358: variables of the environment | 358: the maximum number of records
    | 356: approval | 372: connection by the environment, and a file of the password
    | 394: defaults
    | 366: credentials, buckets
004-O03 the configuration file | 358: the configuration of the original
    | 358: settings of a table are followed
004-M01 results of a batch and its tables | 358: metrics of a batch
004-L01 Validating, Loading, complete, failed | 356: a batch of several tables in one commit
    | 356: what does not fit into the layout | 356: the log
004-E01 No fragments found | 356: what does not fit into the layout
004-E02 No pending queue entries | 356: the validation queue
004-E03 failed validations | 356: the validation queue
004-E04 Table not found in batch | 356: some tables of a batch, and the others later
004-E05 a fragment that cannot be loaded | 356: fragments of JSON, one record a file
004-E06 status partial | 356: the log
B01 staging tables that other sessions see | 394: --jobs connections stage at once
    | 370: --jobs gives the same result
B02 row locks and exclusive locks are two numbers | 394: locks of the commit
B03 lock time: only what is measured | 394: times are measured, and add up
B04 a count mismatch names its real causes | 331: BEFORE triggers
B05 no table is made by a typo | 321: odd names
B06 no fallback after a failed check or commit | 370: fallback where staging cannot be created
B07 one threshold for small loads | 394: defaults
B08 no ON COMMIT DROP | 370: temporary, unlogged or no staging
B09 never TRUNCATE CASCADE | 370: truncate: warning, no CASCADE
B10 truncate only when asked for, with a warning | 370: truncate: warning, no CASCADE
B11 keys that are not deferrable | 331: order: parents come before children, children go before parents
    | 370: delete-insert: referenced tables, metrics
B12 columns by name, generated ones left out | 381: dropped columns, columns in another order
    | 321: generated columns | 321: identities keep the values of the file
B13 COPY, and what it does not take | 394: rows are sent by COPY, --batch-size at a time
    | 330: bad rows at every place of a batch
B14 one schema for staging tables | 370: --status and --gc | 380: samples leave out what the loader made
B15 staging burns no values of sequences | 321: absent serial columns take values of the sequence
B16 equal rows are unchanged | 320: scenarios of the defensive upsert
B17 NULL timestamps are ordered | 320: NULL timestamps
B18 two rows with a key in one batch | 320: duplicates in the batch
B19 concurrent inserts of a key | 341: keys that others insert
B20 key and timestamp are two settings | 371: --config
B21 runs in the same second | 372: two runs in the same second do not meet
B22 an error in the commit ends it | 331: a trigger that raises an error
    | 357: the connection is lost $place->[0]
B23 a dry run has the counts of a load | 370: dry runs count what a load then does
B24 updated_at is set once, or not at all | 353: updated_at is set where something else differs
    | 358: the configuration of the original | 321: a table of key columns only
B25 merge is part of the update | 353: an absent member beside a concurrent writer: none of 1,000 values is lost
B26 absent is not NULL | 353: an absent member leaves the value, null overwrites it
B27 a batch is one transaction | 357: the client is killed $place->[0]
    | 394: one transaction, one statement for each kind of change
B28 what is configured is done | 358: settings of a table are followed | 358: the maximum number of records
    | 356: approval | 362: images are there exactly if the rows are
B29 a changed immutable field: kept or rejected, and counted | 353: immutable columns keep their values, NULL as well
B30 the exact depth of files | 356: what does not fit into the layout
B31 names of directories are not SQL | 356: names of directories are no SQL
B32 NULL in a natural key | 320: NULL in the key is rejected
B33 a natural key without a unique index | 320: natural keys | 394: locks of the commit
B34 values are texts that the server reads | 352: values
B35 parents come first | 356: a batch of several tables in one commit
B36 a loaded batch is not loaded again | 356: a batch is loaded once
B37 timeouts | 394: defaults | 372: settings of the commit
C-names schema, staging names, comments, advisory locks | 370: temporary, unlogged or no staging
    | 370: an advisory lock marks the live run
C-exit-statuses what ended a run | 371: exit statuses | 340: the client is killed $place->[0], $staging
    | 341: a lock that is not obtained | 331: a trigger that raises an error
    | 356: another session has the batch | 357: an outcome that stays unknown
C-metrics-names one object, with the names of all originals | 371: metrics: names and types
    | 358: metrics of a batch
C-concurrent-columns other columns keep concurrent changes | 341: 1,000 of 1,000 concurrent updates of other columns survive
C-concurrent-order rows are locked in the order of keys | unit/test_load_query: rows are locked in key order
C-concurrent-batch the same column without timestamp | 341: the same column: the batch wins without a timestamp
C-concurrent-newer the same column with timestamp | 341: the same column: the newer timestamp wins
C-concurrent-moved rows that moved are not deleted | 341: rows that moved are not deleted
C-concurrent-retry 23505 and 23503: another diff | 341: parents that others delete, unique values that others take
C-concurrent-loaders two loaders in any order | 341: two loaders end the same in 50 of 50 races
C-deadlock deadlocks are tried again | 341: a deadlock is tried again
C-cascade rows of other tables stop the run | 331: CASCADE, SET NULL and SET DEFAULT stop the run
C-cascade-delete-insert so they do for delete-insert | 370: delete-insert: referenced tables, metrics
C-input libcsv: no trimming, NULL, blank lines | 350: CSV as it may be
C-input-end-mark a line \. is data | 350: CSV as it may be
C-different json, point, TOAST, 1.0 and 1.00 | 321: types: exact values, equal and different ones
    | 321: long values out of line
C-commit-unknown the outcome is found out | 340: a commit whose answer never came
C-commit-unreachable or said to be unknown | 357: an outcome that stays unknown
C-crash emptied staging tables are not loaded | 340: staging tables that a crash emptied are not loaded
C-swap-unique unique values that swap | 330: unique values that swap
C-counts-partitioned counts of partitioned tables | 321: partitioned tables
C-partitions rows that move between partitions | 321: rows that move between partitions
C-sequences forward, never back | 321: sequences move forward, never back
C-row-security an error instead of wrong counts | 331: row security
C-staging-null an absent serial column in staging | 321: absent serial columns take values of the sequence
C-fallback unlogged, temporary, direct | 370: fallback where staging cannot be created
C-manual --stage-only, --commit-staged | 370: --stage-only and --commit-staged
C-defensive on by default with captured_at | 320: scenarios of the defensive upsert
    | 320: the timestamp column
C-slice rows outside, keys of another slice | 320: slice: rows outside of it are rejected, keys of another slice stop the run
C-slice-percent --max-delete-pct over the slice | 330: guards
C-slice-keyless delete-insert of the slice, and says so | 320: slice without a unique key: the slice is deleted and inserted
C-triggers BEFORE triggers: warnings | 331: BEFORE triggers
C-rules tables with INSTEAD rules are refused | 331: rules
C-ddl DDL between diff and commit | 341: DDL between diff and commit
C-cycles cycles that are not deferrable | 331: cycles of tables
C-swap what would be lost is listed | 370: swap: refused where something would be lost
C-swap-writers writers are kept out while it builds | 394: locks of the commit
D-roundtrip a sample makes a copy equal | 360: a differing copy becomes equal where the sample speaks
D-hostile broken input | 350: bytes that no text may have
D-dry-run exact counts | 370: dry runs count what a load then does
D-rejects reject table and file | 330: rejects: the file and the table
D-assertions assertions of the user | 330: assertions of the user
TABLE

# Records of id and tests, each a pair of file and name.
sub records
{
    my @records;
    for my $entry (split /\n(?! )/, $TABLE) {
        my ($what, @tests) = split /\s+\| /, $entry;
        my ($id) = $what =~ /\A(\S+) \S/ or die "unreadable entry: $entry\n";
        push @records, { id => $id, tests => [ map { [ split /: /, $_, 2 ] } @tests ] };
    }
    return @records;
}

1;

__END__

=head1 NAME

PgSample::Test::LoadIds - which test shows which requirement of loading

=cut
