/*
 * A part of check.h: limits on numbers of rows. They are against sources that are whole
 * files, but not the whole table: an empty or truncated export with --mode=full would
 * delete the rows that it lacks.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/check/check_internal.h"
#include "load/effective.h"

static const double PERCENT = 100;

static void
check_expected(const LoadTable *table, Findings *findings)
{
    int64_t expected = table->settings->expected_rows;

    if (expected >= 0 && table->counts.n_source != expected)
        findings_add(findings, NULL,
                     "Data validation failed! %s: %lld row%s expected, %lld read",
                     table->name, (long long)expected,
                     plural_choose(expected, " was", "s were"),
                     (long long)table->counts.n_source);
}

/* "1,2": partitions of which the dump has no rows; owned by the caller, or NULL. */
static char *
format_absent_leaves(const LoadTable *table)
{
    const Relation *relation = table->target->relation;
    PQExpBufferData text;
    char *copy;

    initPQExpBuffer(&text);
    for (int i = 0; i < relation->n_leaves; i++)
    {
        if (!table->has_leaf[i] && !relation->leaves[i].is_foreign)
            appendPQExpBuffer(&text, "%s%u", text.len == 0 ? "" : ",",
                              relation->leaves[i].oid);
    }
    copy = text.len > 0 ? mem_copy_string(text.data) : NULL;
    termPQExpBuffer(&text);
    return copy;
}

/* The first of these partitions with a row to be deleted, or -1. */
static int
find_lost_leaf(LoadBatch *batch, const LoadTable *table, const char *leaves)
{
    const Relation *relation = table->target->relation;
    char *sql;
    char *answer;
    int leaf;

    if (batch->stage_kind == STAGE_NONE) /* they are deleted already */
        return catalog_find_leaf(relation, (CatalogOid)strtoul(leaves, NULL, 10));
    sql = mem_format("SELECT (SELECT t.tableoid\n"
                     "          FROM %s AS t\n"
                     "         WHERE t.tableoid OPERATOR(pg_catalog.=) ANY"
                     " ('{%s}'::pg_catalog.oid[])\n"
                     "           AND (%s)\n"
                     "         LIMIT 1)",
                     table->rows, leaves,
                     table->scope_condition != NULL ? table->scope_condition : "true");
    answer = db_query_value(batch->db, sql);
    leaf = answer != NULL
               ? catalog_find_leaf(relation, (CatalogOid)strtoul(answer, NULL, 10))
               : -1;
    free(answer);
    free(sql);
    return leaf;
}

/* A dump of some partitions must not delete the rows of the others. */
static void
check_leaves(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    char *absent;
    int leaf;

    if (!batch_is_deleting(table) || table->has_leaf == NULL || table->has_whole)
        return;
    absent = format_absent_leaves(table);
    leaf = absent != NULL ? find_lost_leaf(batch, table, absent) : -1;
    if (leaf >= 0)
        findings_add(findings,
                     "Load a dump of the whole table, or these rows with "
                     "--mode=incremental.",
                     "%s: there are rows of some partitions only, and those of %s.%s "
                     "would be deleted",
                     table->name, table->target->relation->leaves[leaf].schema,
                     table->target->relation->leaves[leaf].name);
    free(absent);
}

static bool
are_too_many(const LoadBatch *batch, int64_t n_deleted, int64_t n_rows)
{
    return (double)n_deleted * PERCENT > batch->settings->max_delete_pct * (double)n_rows;
}

/* The target's rows that the diff has met, if all of them count for the limit. */
static int64_t
count_met(const LoadTable *table)
{
    const LoadCounts *counts = &table->counts;

    if (table->settings->mode != MODE_FULL || effective_has_soft_delete(table))
        return 0;
    return counts->updated + counts->unchanged + counts->skipped_older +
           counts->skipped_conflict + counts->deleted;
}

/*
 * How many rows of the table or scope are to be deleted, and how many there are: at least
 * so many, if that is enough for n_deleted to be within the limit.
 */
static void
count_deletes(LoadBatch *batch, const LoadTable *table, int64_t *n_rows,
              int64_t *n_deleted)
{
    PQExpBufferData sql;
    PGresult *result;

    if (table->diff != NULL)
    {
        *n_deleted = table->ops.deletes + table->ops.soft_deletes;
        *n_rows = count_met(table);
        if (*n_deleted == 0 || !are_too_many(batch, *n_deleted, *n_rows))
            return;
    }
    initPQExpBuffer(&sql);
    check_query_references_deletes(&sql, table);
    result = db_query_row(batch->db, sql.data);
    *n_rows = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    *n_deleted = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
    PQclear(result);
    termPQExpBuffer(&sql);
}

static void
check_empty(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    int64_t n = batch->stage_kind == STAGE_NONE
                    ? table->counts.n_source - counts_errors(&table->counts)
                    : table->n_staged;
    int64_t n_rows;
    int64_t n_deleted = table->counts.deleted;

    if (!batch_is_deleting(table) || n > 0 || batch->settings->min_rows == 0)
        return;
    if (batch->stage_kind != STAGE_NONE)
        count_deletes(batch, table, &n_rows, &n_deleted);
    if (n_deleted > 0)
        findings_add(findings, "Use --min-rows=0 if this is intended.",
                     "%s: there are no rows to load, and all rows of the %s would be "
                     "deleted",
                     table->name, table->settings->mode == MODE_FULL ? "table" : "slice");
}

/* An absent row can be one that could not be read. */
static void
check_unread(const LoadTable *table, int64_t n_deleted, Findings *findings)
{
    if (table->counts.rejected_parse > 0 && n_deleted > 0)
        findings_add(findings, NULL,
                     "%s: %lld row%s could not be read, so it cannot be said which rows "
                     "are absent",
                     table->name, (long long)table->counts.rejected_parse,
                     plural(table->counts.rejected_parse));
}

/* Without a diff, the target's rows with the keys of rejected ones are deleted. */
static void
check_lost(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    PQExpBufferData sql;
    int64_t n;

    if (table->diff != NULL || !table->has_excluded)
        return;
    initPQExpBuffer(&sql);
    check_query_references_lost(&sql, table);
    n = check_records_count_rows(batch->db, sql.data);
    if (n > 0)
        findings_add(findings, "With --apply=diff the existing rows are kept.",
                     "%s: %lld row%s rejected, and what is in their place "
                     "now would be deleted",
                     table->name, (long long)n, plural_choose(n, " was", "s were"));
    termPQExpBuffer(&sql);
}

static void
check_deletes(LoadBatch *batch, const LoadTable *table, Findings *findings)
{
    int64_t n_rows;
    int64_t n_deleted;

    if (!batch_is_deleting(table) || table->stage == NULL)
        return;
    count_deletes(batch, table, &n_rows, &n_deleted);
    check_unread(table, n_deleted, findings);
    check_lost(batch, table, findings);
    if (n_deleted > 0 && are_too_many(batch, n_deleted, n_rows))
        findings_add(findings, "--max-delete-pct sets the limit.",
                     "%s: %lld of %lld row%s of the %s would be deleted, more than %g "
                     "percent",
                     table->name, (long long)n_deleted, (long long)n_rows, plural(n_rows),
                     table->settings->mode == MODE_FULL ? "table" : "slice",
                     batch->settings->max_delete_pct);
}

/* UPDATE cannot set an identity column GENERATED ALWAYS. */
static void
warn_of_fixed(const LoadTable *table)
{
    bool is_one = table->n_fixed == 1;

    if (table->n_fixed > 0)
        log_warning_hint(
            "Use ALTER TABLE ... ALTER COLUMN ... SET GENERATED BY DEFAULT to have it "
            "written.",
            "table %s: %lld row%s another value for an identity column "
            "GENERATED ALWAYS than the table, which keeps its own",
            table->name, (long long)table->n_fixed, is_one ? " has" : "s have");
}

/* There are no sources when staged rows are committed. */
static void
add_few_rows(const LoadBatch *batch, int64_t n_rows, Findings *findings)
{
    const char *first = batch->n_sources > 0 ? batch->sources[0].name : "staging tables";
    char *sources = batch->n_sources > 1
                        ? mem_format("%d sources (first: %s)", batch->n_sources, first)
                        : mem_copy_string(first);

    findings_add(findings, "--min-rows sets the limit.",
                 "%lld row%s read from %s, fewer than --min-rows=%lld", (long long)n_rows,
                 plural_choose(n_rows, " was", "s were"), sources,
                 (long long)batch->settings->min_rows);
    free(sources);
}

void
check_guards(LoadBatch *batch, Findings *findings)
{
    int64_t n_rows = 0;

    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        n_rows += table->counts.n_source;
        check_expected(table, findings);
        check_empty(batch, table, findings);
        check_leaves(batch, table, findings);
        check_deletes(batch, table, findings);
        warn_of_fixed(table);
    }
    if (n_rows < batch->settings->min_rows)
        add_few_rows(batch, n_rows, findings);
}
