#include "sample/path_probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "db/sqlstate.h"

#define SAVEPOINT "pg_sample_probe"

/* SQLSTATEs of a name that is not found. */
static const char *const not_found[] = {SQLSTATE_UNDEFINED_FUNCTION,
                                        SQLSTATE_UNDEFINED_TABLE,
                                        SQLSTATE_UNDEFINED_OBJECT,
                                        SQLSTATE_INVALID_SCHEMA_NAME, NULL};

/* What uses functions: a row of path_dependents.sql. */
typedef struct Dependent
{
    const char *kind;
    const char *name;
    CatalogOid oid; /* of its table, partition or materialized view */
    const char *schema;
    const char *relation;
    const char *qname;
    const char *query;
    const char *reading; /* of the table that has the index, or NULL */
    bool is_trusted;     /* its owner's code may run with the rights of this role */
} Dependent;

static char *
format_set_path(Db *db, const char *path)
{
    char *literal = db_quote_literal(db, path);
    char *sql =
        mem_format("SELECT pg_catalog.set_config('search_path', %s, true)", literal);

    PQfreemem(literal);
    return sql;
}

/* Runs the query under the path, and takes back whatever it has done. */
static PGresult *
try_under(Db *db, const char *path, const char *sql)
{
    char *set_path = format_set_path(db, path);
    bool is_alone = db_is_idle(db); /* else in the snapshot: session_early.h */
    char *begin =
        mem_format("%s;\nSET LOCAL statement_timeout = '10s';\n%s",
                   is_alone ? "BEGIN READ ONLY" : "SAVEPOINT " SAVEPOINT, set_path);
    PGresult *result;

    db_execute(db, begin);
    result = db_try(db, sql);
    db_execute(db, is_alone ? "ROLLBACK"
                            : "ROLLBACK TO SAVEPOINT " SAVEPOINT
                              ";RELEASE SAVEPOINT " SAVEPOINT);
    free(begin);
    free(set_path);
    return result;
}

/*
 * The server's message when names are not found under the path, though they are under
 * the user's own; NULL otherwise. Owned by the caller.
 */
static char *
find_failure(const Session *session, const char *path, const char *sql)
{
    PGresult *result = try_under(session->snapshot_db, path, sql);
    char *failure = NULL;

    if (sqlstate_is_any(result, not_found))
        failure = mem_copy_string(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    if (failure == NULL || strcmp(path, session->search_path) == 0)
        return failure;
    result = try_under(session->snapshot_db, session->search_path, sql);
    if (sqlstate_is_any(result, not_found))
    {
        free(failure); /* it fails under the user's own path as well */
        failure = NULL;
    }
    PQclear(result);
    return failure;
}

static Dependent
read_dependent(RowReader *row)
{
    Dependent dependent;

    dependent.kind = row_text(row);
    dependent.name = row_text(row);
    dependent.oid = row_oid(row);
    dependent.schema = row_text(row);
    dependent.relation = row_text(row);
    dependent.qname = row_text(row);
    dependent.query = row_text(row);
    dependent.reading = row_text(row);
    dependent.is_trusted = row_bool(row);
    return dependent;
}

/* Where is it evaluated: in the dump's statements about the schema, or by its rows? */
static bool
is_restored(const Plan *plan, const Dependent *dependent)
{
    int relation = catalog_find_root(plan->catalog, dependent->oid);

    if (dependent->name == NULL)
        return plan->has_schema_dump &&
               plan_is_selected(plan, dependent->schema, dependent->relation) &&
               !plan_is_data_excluded(plan, dependent->schema, dependent->relation);
    if (relation < 0 || plan->catalog->relations[relation].is_extension_member)
        return false;
    if (strcmp(dependent->kind, "trigger") == 0
            ? plan->has_schema_dump
            : dependent->reading != NULL && !plan->has_schema_dump)
        return false;
    return plan->tables[relation].is_selected || plan->tables[relation].is_needed;
}

static void
warn_of_path(const Dependent *dependent, const char *failure, const char *restore_path)
{
    const char *hint = restore_path[0] != '\0'
                           ? "Use another --restore-search-path."
                           : "Use --restore-search-path=source to restore the dump "
                             "under the search_path of this session.";

    if (dependent->name == NULL)
        log_warning_hint(hint,
                         "materialized view %s cannot be refreshed under search_path "
                         "\"%s\": %s",
                         dependent->qname, restore_path, failure);
    else
        log_warning_hint(hint,
                         "%s \"%s\" of table %s cannot be restored under search_path "
                         "\"%s\": %s",
                         dependent->kind, dependent->name, dependent->qname, restore_path,
                         failure);
}

/*
 * Can the table be read under an empty path? This is tried first, since a backend keeps
 * the expressions of an index as it has read them once, under whatever path. Behind a
 * pooler the backend cannot be chosen.
 */
static void
probe_reading(Session *session, const Plan *plan, const Dependent *dependent)
{
    int relation = catalog_find_root(plan->catalog, dependent->oid);
    char *failure;

    if (relation < 0 || dependent->reading == NULL || session->reads_own_path ||
        !plan->tables[relation].is_needed || db_is_pooled(session->snapshot_db))
        return;
    failure = find_failure(session, "", dependent->reading);
    if (failure == NULL)
        return;
    log_notice("rows are read under search_path %s, which index \"%s\" of "
               "table %s needs: %s",
               session->search_path, dependent->name, dependent->qname, failure);
    session->reads_own_path = true;
    free(failure);
}

static void
report_untried(const Dependent *first, int n)
{
    log_notice("functions of other roles were not run to test them under "
               "the search_path of a restore: those of %s%s%s%s%s%s",
               first->name != NULL ? first->kind : "materialized view",
               first->name != NULL ? " \"" : " ", first->name != NULL ? first->name : "",
               first->name != NULL ? "\" of table " : "", first->qname,
               n > 1 ? " and others" : "");
}

/* NULL, which has no rows, without functions. */
static PGresult *
ask_dependents(Db *db)
{
    PGresult *result = db_query_row(db, sql_user_functions);
    bool is_any = PQgetvalue(result, 0, 0)[0] == 't';

    PQclear(result);
    return is_any ? db_query(db, sql_path_dependents) : NULL;
}

void
path_probe(Session *session, const Plan *plan, const char *restore_path)
{
    const char *path = restore_path != NULL ? restore_path : "";
    PGresult *result = ask_dependents(session->snapshot_db);
    RowReader row = row_reader(result);
    Dependent first_untried = {0};
    int n_untried = 0;

    while (row_next(&row))
    {
        Dependent dependent = read_dependent(&row);
        char *failure = NULL;

        probe_reading(session, plan, &dependent);
        if (!is_restored(plan, &dependent))
            continue;
        if (!dependent.is_trusted)
        {
            if (n_untried++ == 0)
                first_untried = dependent;
            continue;
        }
        failure = find_failure(session, path, dependent.query);
        if (failure != NULL)
            warn_of_path(&dependent, failure, path);
        free(failure);
    }
    if (n_untried > 0 && restore_path == NULL)
        report_untried(&first_untried, n_untried);
    PQclear(result);
}

void
path_probe_check(Session *session, const char *path)
{
    char *sql = format_set_path(session->snapshot_db, path);
    PGresult *result = db_try(session->snapshot_db, sql);

    if (!db_succeeded(result))
        die_message(EXIT_USAGE, "search_path \"%s\" is not valid: %s", path,
                    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
    free(sql);
}
