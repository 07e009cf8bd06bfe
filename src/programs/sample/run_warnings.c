#include <stdlib.h>

#include "base/log.h"
#include "base/plural.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "model/plan.h"
#include "programs/sample/run_internal.h"

static void
report_unlogged(const Run *run)
{
    for (int i = 0; run->catalog->is_standby && i < run->catalog->n_relations; i++)
    {
        if (run->catalog->relations[i].is_unlogged && run->plan.tables[i].is_selected)
            log_notice("table %s is unlogged: a standby has no rows of it",
                       run->catalog->relations[i].qname);
    }
}

static void
report_migration_tables(const Run *run)
{
    PQExpBufferData names;

    initPQExpBuffer(&names);
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        if (run->plan.tables[i].is_taken_whole && run->plan.tables[i].n_picks > 0)
            appendPQExpBuffer(&names, "%s%s", names.len > 0 ? ", " : "",
                              run->catalog->relations[i].qname);
    }
    if (names.len > 0)
        log_notice("included as a whole, since migration tools record there what they "
                   "have done: %s%s",
                   names.data,
                   run->options->data_only && !run->options->on_conflict_do_nothing
                       ? "; where they have run, the dump can be restored only with "
                         "--on-conflict-do-nothing"
                       : "");
    termPQExpBuffer(&names);
}

/*
 * Any role can mark a schema as a staging schema by its comment, so that it is left out:
 * the user must know.
 */
static void
report_marked(const Run *run)
{
    PGresult *result = db_query(run->session->snapshot_db, sql_stage_marks);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        const char *schema = row_text(&row);
        const char *owner = row_text(&row);
        bool is_own = row_bool(&row);

        if (row_bool(&row))
            log_warning_hint("If it is not a staging schema, remove its comment.",
                             "schema %s of role %s is left out, and foreign keys that "
                             "reference it cannot be restored: by its comment it is a "
                             "staging schema of pg-sample",
                             schema, owner);
        else if (!is_own && plan_is_schema_selected(&run->plan, schema))
            log_notice("schema %s of role %s is left out: by its comment it is a staging "
                       "schema of pg-sample",
                       schema, owner);
    }
    PQclear(result);
}

static void
report_schemas_left_out(const Run *run)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        if (run_schema_is_left_out(run, i) &&
            plan_is_selected(&run->plan, relation->schema, relation->name))
            log_notice("schema %s is left out: it has the staging tables of "
                       "pg-sample-load",
                       relation->schema);
    }
    report_marked(run);
}

static void
warn_of_rules(const Run *run)
{
    /* the last rule is the default */
    for (size_t i = 0; i + 1 < run->request.rules.n_rules; i++)
    {
        const Rule *earlier =
            plan_warnings_find_earlier(run->catalog, &run->request.rules, i);

        if (earlier != NULL)
            log_warning_hint(
                "The first rule that matches a table applies; write specific rules "
                "before general ones.",
                "limit rule \"%s\" never applies, since \"%s\" comes before it",
                run->request.rules.rules[i].text, earlier->text);
    }
}

static void
warn_of_parents(const Run *run)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        char *children = plan_warnings_list_children(&run->plan, i);

        if (children != NULL)
            log_warning_hint("Each of them is a table of its own: select it with -t, and "
                             "name it in rules.",
                             "the sample has no rows of tables that inherit from %s: "
                             "%s",
                             run->catalog->relations[i].qname, children);
        free(children);
    }
}

void
run_warnings(const Run *run)
{
    if (run->options->schema_only)
        return;
    warn_of_rules(run);
    warn_of_parents(run);
}

/* One line, however many there are; nothing where a dump is not written. */
static void
warn_of_personal(const Run *run)
{
    int n = run->options->verify_only ? 0 : run_mask_count_personal(run);

    if (n > 0)
        log_warning_hint(
            "--plan lists such columns, and --suggest-masks prints rules for "
            "--mask; the rule COLUMN = keep says that one is not personal.",
            "%d column%s that %s personal %s not masked", n, plural(n),
            plural_choose(n, "looks", "look"), plural_choose(n, "is", "are"));
}

void
run_warnings_report_choice(const Run *run)
{
    report_unlogged(run);
    if (!run->options->schema_only)
        warn_of_personal(run);
    report_schemas_left_out(run);
    report_migration_tables(run);
}
