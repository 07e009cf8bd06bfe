/*
 * Where rows come from, and how they were masked. Sampled rows must not overwrite the
 * rows that they are of: they can be old, and masked ones are not even theirs.
 */
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "db/db.h"
#include "load/plan/load_plan_internal.h"
#include "load/registry/registry.h"

static bool
is_masked(const char *mark)
{
    return mark != NULL && strcmp(mark, INPUT_UNMASKED) != 0;
}

/* It would replace what is real by what is not: there is no option for that. */
static _Noreturn void
die_of_masks(const char *path)
{
    Diag diag = {0};

    diag_set_message(&diag, "%s is a masked sample of this database", path);
    diag_set_detail(&diag,
                    "Masked values would overwrite or join the rows that they were "
                    "made of. A physical copy of a database cannot be "
                    "distinguished from the database itself.");
    diag_set_hint(&diag, "Load it into another database, or restore it into a new one.");
    die(EXIT_SERVER, &diag);
}

static void
check_unknown(const LoadBatch *batch, const char *path, const char *origin)
{
    Diag diag = {0};

    if (batch->settings->allow_unknown_source)
        return;
    diag_set_message(&diag,
                     "%s is masked, and it is not known whether it is a sample of this "
                     "database",
                     path);
    diag_set_detail(&diag, origin == NULL
                               ? "It does not say of which database it is."
                               : "The role may not execute pg_control_system() here.");
    diag_set_hint(&diag, "Use --allow-unknown-source if it is of another database.");
    die(EXIT_SERVER, &diag);
}

void
load_plan_origin_check(const LoadBatch *batch, const char *path, const char *origin,
                       const char *mark)
{
    const char *identity = batch->catalog->identity;
    bool is_known = origin != NULL && identity != NULL;

    if (!is_known && is_masked(mark))
        check_unknown(batch, path, origin);
    if (!is_known || strcmp(origin, identity) != 0)
        return;
    if (is_masked(mark))
        die_of_masks(path);
    if (!batch->settings->allow_same_database)
        die_hint(EXIT_SERVER,
                 "Use --allow-same-database to load it nevertheless. A physical copy of "
                 "a database cannot be distinguished from the database itself.",
                 "%s is a sample of this database", path);
}

static void
note_origin(const LoadBatch *batch, LoadTable *table, const char *path,
            const char *origin)
{
    if (origin == NULL)
        return;
    if (table->origin != NULL && strcmp(table->origin, origin) != 0)
        log_warning("%s: rows of table %s come from several databases", path,
                    table->name);
    table->origin = arena_copy_string(batch->arena, origin);
}

void
load_plan_origin_note(LoadBatch *batch, LoadTable *table, const char *path,
                      const InputTable *input)
{
    note_origin(batch, table, path, input->origin);
    if (input->mark == NULL)
        return;
    if (table->mark != NULL && strcmp(table->mark, input->mark) != 0)
        die_hint(EXIT_SERVER, "Load the sources one after the other.",
                 "%s: rows of table %s are masked in another way than those before", path,
                 table->name);
    if (table->mark == NULL)
    {
        table->mark = arena_copy_string(batch->arena, input->mark);
        marks_look(batch, table);
    }
}
