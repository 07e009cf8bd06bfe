/*
 * Which images of changed rows the commit keeps (commit/capture.h), and where that is not
 * possible. What was asked for must be: its lack would be noticed when it is needed. The
 * undo of a batch that is only the default is left out with a warning.
 */
#include "load/plan/load_plan_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"
#include "load/registry/registry.h"
#include "load/registry/undo.h"

enum
{
    /* a table has at most 1600: two images, and four others where runs are composed */
    MAX_COLUMNS = 798
};

static const char other_types[] =
    "INSERT INTO %s (table_name, operation, record_id, old_values, new_values,\n"
    "    batch_id, changed_by, changed_at)\n"
    "SELECT t, t, t, j, j, t, session_user, pg_catalog.now()\n"
    "  FROM (SELECT NULL::pg_catalog.text AS t, NULL::pg_catalog.jsonb AS j) AS one\n"
    " WHERE false";

static const char refusal_hint[] = "Load the table without --audit and with --no-undo.";

/* ---- what can be in the way */

static const char *
find_any_rule(const Target *target)
{
    const char *const rules[] = {target->insert_rule, target->update_rule,
                                 target->delete_rule, target->also_rule};

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
    {
        if (rules[i] != NULL)
            return rules[i];
    }
    return NULL;
}

/* Can deletes change rows of other tables, of which no image is kept? */
static bool
can_cascade(const LoadBatch *batch, const LoadTable *table)
{
    if (!batch->settings->allow_cascade || !batch_is_deleting(table) ||
        batch->rollback != NULL)
        return false;
    for (int i = 0; i < table->target->n_references; i++)
    {
        if (strchr("cnd", table->target->references[i].on_delete) != NULL)
            return true;
    }
    return false;
}

/* Does the key find each row of the target again? */
static bool
can_find(const LoadTable *table)
{
    const TargetKey *key = table->key;

    if (key == NULL || table->settings->mode != MODE_APPEND)
        return key != NULL;
    for (int i = 0; i < key->n_parts; i++)
    {
        if (!table->target->relation->columns[key->parts[i].column].is_not_null)
            return false;
    }
    return key->name != NULL; /* or rows with its values can be added */
}

/* To any image; owned by the caller, or NULL. */
static char *
find_obstacle(const LoadBatch *batch, const LoadTable *table)
{
    const LoadCapture *capture = table->capture;
    const char *rule = find_any_rule(table->target);

    if (batch->schema == NULL)
        return mem_copy_string("the loader has no schema for images of rows");
    if (table->apply != APPLY_DIFF)
        return mem_copy_string("its rows are replaced as a whole");
    if (rule != NULL)
        return mem_format("it has the rule \"%s\"", rule);
    if (capture->n_columns > MAX_COLUMNS)
        return mem_format("it has more than %d columns", MAX_COLUMNS);
    if (can_cascade(batch, table))
        return mem_copy_string("with --allow-cascade its deletes can change rows of "
                               "other tables");
    if (!table->target->may_select)
        return mem_copy_string("the role has no SELECT privilege on the whole table");
    return NULL;
}

/* ---- the table of the audit */

static const char *
find_audit_log(LoadBatch *batch)
{
    const char *other =
        registry_other_find(batch, "audit_log",
                            "{table_name,operation,record_id,old_values,new_values,"
                            "batch_id,changed_by,changed_at}",
                            "{INSERT}");
    const char *own;
    char *sql;

    if (other == NULL)
    {
        sql = mem_format("%s.audit_log", batch->schema);
        own = arena_copy_string(batch->arena, sql);
        free(sql);
        return own;
    }
    /* its columns must take the values, which the commit would find too late */
    sql = mem_format(other_types, other);
    db_set_context(batch->db, "table %s cannot be used", other);
    db_execute(batch->db, sql);
    db_set_context(batch->db, NULL);
    free(sql);
    return other;
}

/* ---- settling */

static LoadCapture *
make_capture(const LoadBatch *batch, const LoadTable *table)
{
    const Relation *relation = table->target->relation;
    int *columns = ARENA_ARRAY(batch->arena, relation->n_columns, int);
    LoadCapture *capture = arena_alloc(batch->arena, sizeof(*capture));

    *capture = (LoadCapture){.is_audited = table->settings->is_audited,
                             .has_undo = table->settings->has_undo,
                             .is_findable = can_find(table),
                             .columns = columns};
    for (int i = 0; i < relation->n_columns; i++)
    {
        if (!relation->columns[i].is_generated)
            columns[capture->n_columns++] = i;
    }
    return capture;
}

static void
refuse_undo(const LoadTable *table, const char *obstacle)
{
    if (table->settings->is_undo_given)
        die_hint(EXIT_SERVER, refusal_hint, "changes of table %s cannot be undone: %s",
                 table->name, obstacle);
    log_warning_hint("Use --no-undo to load it without this warning.",
                     "batch cannot be rolled back: table %s: %s", table->name, obstacle);
}

static void
refuse_capture(const LoadTable *table, const char *obstacle)
{
    if (table->settings->is_audited)
        die_hint(EXIT_SERVER, refusal_hint, "changes of table %s cannot be audited: %s",
                 table->name, obstacle);
    refuse_undo(table, obstacle);
}

/* NULL if nothing is to be kept, or can be. */
static LoadCapture *
find_capture(const LoadBatch *batch, LoadTable *table)
{
    LoadCapture *capture = make_capture(batch, table);
    char *obstacle;

    table->capture = capture;
    obstacle = find_obstacle(batch, table);
    if (obstacle != NULL)
    {
        refuse_capture(table, obstacle);
        free(obstacle);
        return NULL;
    }
    if (capture->has_undo && !capture->is_findable)
    {
        refuse_undo(table, "it has no key by which rows are found again");
        capture->has_undo = false;
    }
    return capture->is_audited || capture->has_undo ? capture : NULL;
}

void
load_plan_capture_settle(LoadBatch *batch, LoadTable *table)
{
    LoadCapture *capture;

    if (!table->settings->is_audited && !table->settings->has_undo)
        return;
    table->capture = capture = find_capture(batch, table);
    if (capture == NULL)
        return;
    capture->images = registry_name_kept(batch, table->target->relation->name, UNDO_WHAT,
                                         &capture->name);
    if (capture->is_audited && batch->audit_log == NULL)
        batch->audit_log = find_audit_log(batch);
}
