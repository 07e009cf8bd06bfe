/*
 * How a table is loaded, and whether it can be. Privileges, rules and row security are
 * checked before rows are read: standard input can be read only once, and a commit that
 * fails for a privilege would fail after hours.
 */
#include "load/plan/load_plan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "db/db.h"
#include "load/commit/diff_query.h"
#include "load/effective.h"
#include "load/plan/target.h"

#define DEFAULT_TIMESTAMP "captured_at"

enum
{
    LARGE_TABLE = 10000 /* rows: a sequential scan of fewer takes milliseconds */
};

/* An INSTEAD rule on a command that the load executes. */
static void
check_rules(const LoadTable *table)
{
    const Target *target = table->target;
    const TableSettings *settings = table->settings;
    const char *rule = NULL;

    if (settings->strategy != STRATEGY_UPDATE_ONLY)
        rule = target->insert_rule;
    if (rule == NULL && settings->mode != MODE_APPEND &&
        (settings->strategy != STRATEGY_INSERT_ONLY || settings->has_soft_delete))
        rule = target->update_rule;
    if (rule == NULL && batch_is_deleting(table) && !settings->has_soft_delete)
        rule = target->delete_rule;
    if (rule != NULL)
        die_hint(EXIT_SERVER,
                 "The rule would replace the commands of the load. Load the table that "
                 "it writes to.",
                 "table %s has the INSTEAD rule \"%s\"", table->name, rule);
}

/* Staging tables and diffs have them beside the table's own. */
static void
check_names(const LoadTable *table)
{
    const Relation *relation = table->target->relation;

    for (int i = 0; i < relation->n_columns; i++)
    {
        if (strncmp(relation->columns[i].name, OWN_COLUMNS, strlen(OWN_COLUMNS)) == 0)
            die_hint(EXIT_SERVER, "Rename the column.",
                     "table %s has a column \"%s\", and staging tables have columns of "
                     "such names",
                     table->name, relation->columns[i].name);
    }
}

void
load_plan_table_open(LoadBatch *batch, LoadTable *table)
{
    const Target *target = table->target;
    const Relation *relation = target->relation;
    char *name = mem_format("%s.%s", relation->schema, relation->name);
    char *rows = mem_format("ONLY %s", relation->qname);

    table->name = arena_copy_string(batch->arena, name);
    table->qname = relation->qname;
    table->rows =
        target->kind == 'p' ? relation->qname : arena_copy_string(batch->arena, rows);
    free(name);
    free(rows);
    check_names(table);
    check_rules(table);
    if (target->has_row_security)
        die_hint(EXIT_SERVER,
                 "Load it as a role with BYPASSRLS, or as the owner of the "
                 "table.",
                 "row-level security of table %s would hide rows from the load",
                 table->name);
}

/* ---- privileges */

static void
check_privilege(const LoadTable *table, const char *privilege, bool is_needed)
{
    const char *missing = table->target->missing_privilege;

    if (!is_needed || missing == NULL || strstr(missing, privilege) == NULL)
        return;
    die_hint(EXIT_SERVER,
             "A load needs SELECT, depending on mode and strategy INSERT, UPDATE and "
             "DELETE, and USAGE on the schema.",
             "permission denied for table %s: no %s privilege", table->name, privilege);
}

static void
check_privileges(const LoadTable *table)
{
    LoadMode mode = table->settings->mode;
    LoadStrategy strategy = table->settings->strategy;

    check_privilege(table, "USAGE", true);
    check_privilege(table, "SELECT", true);
    check_privilege(table, "INSERT", strategy != STRATEGY_UPDATE_ONLY);
    /* rows to be deleted are locked before, which needs UPDATE */
    check_privilege(table, "UPDATE",
                    table->key != NULL && mode != MODE_APPEND &&
                        (strategy != STRATEGY_INSERT_ONLY || batch_is_deleting(table)));
    check_privilege(table, "DELETE",
                    batch_is_deleting(table) && !table->settings->has_soft_delete);
}

static _Noreturn void
die_privilege(const LoadTable *table, const char *what)
{
    die_hint(
        EXIT_SERVER,
        "Privileges on columns are not enough for the commit, which locks the table, "
        "and for comparing rows.",
        "permission denied for table %s: %s", table->name, what);
}

/* Without the privilege on the table, each column of the batch needs it. */
static void
check_column_privileges(LoadBatch *batch, const LoadTable *table, bool is_update)
{
    static const char may_insert[] = "SELECT pg_catalog.has_column_privilege(%u, "
                                     "%d::pg_catalog.int2, 'INSERT')";
    static const char may_update[] = "SELECT pg_catalog.has_column_privilege(%u, "
                                     "%d::pg_catalog.int2, 'UPDATE')";
    const Relation *relation = table->target->relation;
    int n = table->n_columns;
    const int *columns = is_update ? batch_get_written(table, &n) : table->columns;

    for (int i = 0; i < n; i++)
    {
        const Column *column = &relation->columns[columns[i]];
        char *sql;
        char *answer;

        if (is_update && !diff_query_columns_is_updated(table, columns[i]) &&
            !effective_is_updated_at(table, columns[i]))
            continue;
        sql = mem_format(is_update ? may_update : may_insert, relation->oid,
                         column->attnum);
        answer = db_query_value(batch->db, sql);
        if (answer[0] != 't')
            die_hint(EXIT_SERVER, "The load writes all columns that the file has.",
                     "permission denied for column \"%s\" of table %s: no %s privilege",
                     column->name, table->name, is_update ? "UPDATE" : "INSERT");
        free(answer);
        free(sql);
    }
}

/* What the commit needs on the whole table, depending on the way to apply. */
static void
check_commit_privileges(const LoadTable *table)
{
    const Target *target = table->target;
    const TableSettings *settings = table->settings;

    if (!target->may_select && settings->mode != MODE_APPEND)
        die_privilege(table, "no SELECT privilege on the whole table");
    if (table->apply == APPLY_TRUNCATE && !target->may_truncate)
        die_privilege(table, "no TRUNCATE privilege");
    if (!target->may_lock &&
        (diff_query_rows_excludes_writers(table) || !target->may_insert))
        die_privilege(
            table, diff_query_rows_excludes_writers(table)
                       ? "LOCK TABLE needs UPDATE, DELETE or TRUNCATE on the whole table"
                       : "LOCK TABLE needs INSERT, UPDATE or DELETE on the whole table");
}

void
load_plan_table_check_columns(LoadBatch *batch, const LoadTable *table)
{
    const Target *target = table->target;
    const TableSettings *settings = table->settings;
    bool has_updates =
        table->apply == APPLY_DIFF && table->key != NULL &&
        settings->mode != MODE_APPEND &&
        (settings->strategy != STRATEGY_INSERT_ONLY || settings->has_soft_delete);

    if (settings->strategy != STRATEGY_UPDATE_ONLY && !target->may_insert)
        check_column_privileges(batch, table, false);
    if (has_updates && !target->may_update)
        check_column_privileges(batch, table, true);
}

/* ---- the timestamp */

/*
 * Can the order of the column's values decide which row is older? As text, "2026-1-10"
 * sorts before "2026-1-9".
 */
static bool
is_timestamp(const LoadTable *table, int column)
{
    const Column *found = &table->target->relation->columns[column];
    bool is_named = table->settings->timestamp_column != NULL;

    if (table->target->columns[column].is_time_or_number)
        return true;
    log_warning_hint(is_named ? "Values of other types can have another order than "
                                "time."
                              : "Use --timestamp-column to compare by it nevertheless.",
                     is_named ? "table %s: column \"%s\" is used as the timestamp, "
                                "although it is not a date, time or number"
                              : "table %s: column \"%s\" is not used as the timestamp, "
                                "since it is not a date, time or number",
                     table->name, found->name);
    return is_named;
}

static void
settle_timestamp(LoadBatch *batch, LoadTable *table)
{
    const TableSettings *settings = table->settings;
    const char *name = settings->timestamp_column;
    int column;

    if (settings->has_no_timestamp || settings->mode == MODE_APPEND || table->key == NULL)
        return;
    column = catalog_find_column(table->target->relation,
                                 name != NULL ? name : DEFAULT_TIMESTAMP);
    if (name != NULL && column < 0)
        die_hint(EXIT_USAGE, "Use --timestamp-column=none to load without one.",
                 "table %s has no column \"%s\" for timestamps", table->name, name);
    if (name != NULL && !batch_has_column(table, column))
        die_hint(EXIT_SERVER, "Use --timestamp-column=none to load without one.",
                 "the rows for table %s have no column \"%s\", which is the timestamp",
                 table->name, name);
    if (column < 0 || !batch_has_column(table, column) || !is_timestamp(table, column))
        return;
    table->timestamp_order = target_load_order(batch->db, table->target, column);
    if (table->timestamp_order.greater_or_equal == NULL)
        die_message(
            EXIT_USAGE,
            "column \"%s\" of table %s cannot be the timestamp: its type has no order",
            table->target->relation->columns[column].name, table->name);
    table->timestamp = column;
}

/* ---- the scope */

/* "(t.c = 'a'::type OR t.c = 'b'::type)" */
static void
append_term(LoadBatch *batch, const LoadTable *table, const ScopeTerm *term,
            PQExpBuffer sql)
{
    int i = catalog_find_column(table->target->relation, term->column);
    const Column *column;
    ColumnOrder order;

    if (i < 0)
        die_message(EXIT_USAGE, "table %s has no column \"%s\" for --slice", table->name,
                    term->column);
    column = &table->target->relation->columns[i];
    order = target_load_order(batch->db, table->target, i);
    if (order.equal == NULL)
        die_message(EXIT_USAGE, "values of column \"%s\" of table %s cannot be compared",
                    term->column, table->name);
    if (!batch_has_column(table, i))
        die_hint(EXIT_SERVER,
                 "A column of the slice with a single value can be missing "
                 "in the file.",
                 "the rows for table %s have no column \"%s\" of the slice", table->name,
                 term->column);
    appendPQExpBufferChar(sql, '(');
    for (size_t j = 0; j < term->values.n_items; j++)
    {
        char *literal = db_quote_literal(batch->db, term->values.items[j]);

        appendPQExpBuffer(sql, "%st.%s %s %s::%s", j > 0 ? " OR " : "", column->operand,
                          order.equal, literal, column->type_name);
        PQfreemem(literal);
    }
    appendPQExpBufferChar(sql, ')');
}

/* Without an index the rows of the scope are found by a sequential scan. */
static void
advise_index(LoadBatch *batch, const LoadTable *table, const ScopeTerm *term)
{
    const Relation *relation = table->target->relation;
    int i = catalog_find_column(relation, term->column);
    char *sql;
    char *answer;

    if (table->target->n_tuples < LARGE_TABLE)
        return;
    sql = mem_format("SELECT EXISTS (SELECT\n"
                     "                 FROM pg_catalog.pg_index AS x\n"
                     "                WHERE x.indrelid OPERATOR(pg_catalog.=) %u\n"
                     "                  AND x.indisvalid AND x.indpred IS NULL\n"
                     "                  AND x.indkey[0] OPERATOR(pg_catalog.=) %d)",
                     relation->oid, relation->columns[i].attnum);
    answer = db_query_value(batch->db, sql);
    if (answer[0] == 'f')
    {
        char *hint = mem_format("Use CREATE INDEX ON %s (%s).", relation->qname,
                                relation->columns[i].qname);

        log_warning_hint(hint, "no index of table %s begins with the column of the slice",
                         table->name);
        free(hint);
    }
    free(answer);
    free(sql);
}

static void
settle_scope(LoadBatch *batch, LoadTable *table)
{
    const TableSettings *settings = table->settings;
    PQExpBufferData sql;

    if (settings->mode != MODE_SLICE)
        return;
    if (settings->n_scope == 0)
        die_hint(EXIT_USAGE, "Use --slice COLUMN=VALUE.",
                 "slice of table %s is not specified", table->name);
    initPQExpBuffer(&sql);
    for (size_t i = 0; i < settings->n_scope; i++)
    {
        appendPQExpBufferStr(&sql, i > 0 ? " AND " : "");
        append_term(batch, table, &settings->scope[i], &sql);
    }
    table->scope_condition = arena_copy_string(batch->arena, sql.data);
    termPQExpBuffer(&sql);
    advise_index(batch, table, &settings->scope[0]);
}

/* ---- how it is applied */

static _Noreturn void
die_no_key(const LoadTable *table)
{
    die_hint(EXIT_USAGE,
             "Name one with --natural-key, or add all rows with --mode=append.",
             "table %s has no primary key by which rows could be matched", table->name);
}

static LoadApply
choose_apply(const LoadTable *table)
{
    LoadMode mode = table->settings->mode;

    if (table->key != NULL || mode == MODE_APPEND)
        return APPLY_DIFF;
    if (mode == MODE_INCREMENTAL && table->settings->strategy == STRATEGY_UPDATE_ONLY)
        die_no_key(table);
    if (mode == MODE_INCREMENTAL)
    {
        log_notice("table %s has no key by which rows could be matched: rows that do "
                   "not exist, compared by all columns, are added",
                   table->name);
        return APPLY_DIFF;
    }
    log_notice("table %s has no key by which rows could be matched: all rows of the %s "
               "are deleted, and those of the batch inserted",
               table->name, mode == MODE_SLICE ? "slice" : "table");
    return APPLY_DELETE_INSERT;
}

static void
check_apply(const LoadBatch *batch, const LoadTable *table)
{
    LoadMode mode = table->settings->mode;

    if (table->apply == APPLY_DIRECT && batch->settings->staging != STAGING_NEVER)
        die_hint(EXIT_USAGE, "Use --no-staging.",
                 "table %s cannot be loaded without staging if other tables are staged",
                 table->name);

    if (table->apply == APPLY_DIRECT && table->settings->n_assertions > 0)
        die_hint(EXIT_USAGE, "Load without --no-staging.",
                 "--check needs staged rows, but those of table %s are not staged",
                 table->name);
    if ((table->apply == APPLY_TRUNCATE || table->apply == APPLY_SWAP) &&
        mode != MODE_FULL)
        die_message(EXIT_USAGE, "table %s: --apply=%s needs --mode=full", table->name,
                    table->apply == APPLY_SWAP ? "swap" : "truncate");
    if (table->apply == APPLY_DELETE_INSERT && !batch_is_deleting(table))
        die_message(EXIT_USAGE,
                    "table %s: --apply=delete-insert needs --mode=full or --mode=slice",
                    table->name);
    if (table->apply == APPLY_DIFF && table->key == NULL && batch_is_deleting(table))
        die_no_key(table);
    if (table->apply == APPLY_TRUNCATE)
        log_warning_hint("With --apply=diff only rows that differ are written, and "
                         "readers are not blocked.",
                         "table %s is truncated: its readers wait until all rows are "
                         "inserted, and transactions with an older snapshot see it "
                         "empty",
                         table->name);
}

/* ---- warnings where all rows are deleted and inserted */

static bool
is_all_written(const LoadTable *table)
{
    return batch_is_deleting(table) && table->apply != APPLY_DIFF;
}

void
load_plan_table_warn(const LoadTable *table)
{
    const Relation *relation = table->target->relation;
    PQExpBufferData names;

    if (!is_all_written(table))
        return;
    initPQExpBuffer(&names);
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (!batch_has_column(table, i) && !relation->columns[i].is_generated)
            appendPQExpBuffer(&names, "%s%s", names.len > 0 ? ", " : "",
                              relation->columns[i].name);
    }
    if (names.len > 0)
        log_warning_hint("With --apply=diff the values of these columns are kept.",
                         "table %s: all rows are deleted and inserted, with the "
                         "defaults of columns that are missing in the file: %s",
                         table->name, names.data);
    termPQExpBuffer(&names);
}

static void
warn_of_losses(const LoadTable *table)
{
    load_plan_table_warn(table);
    if (is_all_written(table) && table->timestamp >= 0)
        log_warning_hint("With --apply=diff older rows do not overwrite newer ones. Use "
                         "--timestamp-column=none if that does not matter.",
                         "table %s: all rows are deleted and inserted, without "
                         "comparing \"%s\"",
                         table->name,
                         table->target->relation->columns[table->timestamp].name);
}

void
load_plan_table_settle(LoadBatch *batch, LoadTable *table)
{
    char *fingerprint = target_fingerprint(batch->db, table->target->relation->oid);

    table->fingerprint = arena_copy_string(batch->arena, fingerprint);
    free(fingerprint);
    load_plan_key_choose(batch, table);
    check_privileges(table);
    table->apply = table->settings->apply;
    if (table->apply == APPLY_AUTO)
        table->apply = choose_apply(table);
    check_apply(batch, table);
    settle_timestamp(batch, table);
    load_plan_rules_settle(batch, table);
    check_commit_privileges(table);
    if (!table->has_presence)
        load_plan_table_check_columns(batch, table);
    settle_scope(batch, table);
    warn_of_losses(table);
    load_plan_capture_settle(batch, table);
}
