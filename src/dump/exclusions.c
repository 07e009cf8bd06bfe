#include "dump/exclusions.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/sql_text.h"
#include "dump/late_constraint.h"

/* The texts are the query result's. */
typedef struct Exclusion
{
    LateConstraint constraint;
    bool is_root;
    const char *schema;
    const char *index;
} Exclusion;

static Exclusion
read_exclusion(RowReader *row)
{
    Exclusion exclusion = {.constraint = late_constraint_read(row)};

    exclusion.is_root = row_bool(row);
    exclusion.schema = row_text(row);
    exclusion.index = row_text(row);
    return exclusion;
}

/* NULL, which has no rows, on servers that have none. */
static PGresult *
ask_exclusions(Answers *answers)
{
    return answers_get_server_version(answers) >= 170000
               ? answers_query_once(answers, sql_partitioned_exclusions)
               : NULL;
}

void
exclusions_ask(Answers *answers)
{
    PQclear(ask_exclusions(answers));
}

/* The entry that attaches the index has no number, only "schema index owner". */
static void
drop_attachment(Toc *toc, const Exclusion *exclusion)
{
    char *label = mem_format("%s %s ", exclusion->schema, exclusion->index);

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        TocEntry *entry = &toc->entries[i];

        if (strcmp(entry->kind, "INDEX ATTACH") == 0 &&
            strncmp(entry->label, label, strlen(label)) == 0)
            entry->is_kept = false;
    }
    free(label);
}

void
exclusions_leave_out(Toc *toc, Answers *answers)
{
    PGresult *result = ask_exclusions(answers);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        Exclusion exclusion = read_exclusion(&row);

        toc_select_drop(toc, CATALOG_PG_CONSTRAINT, exclusion.constraint.oid,
                        exclusion.is_root);
        if (!exclusion.is_root)
            drop_attachment(toc, &exclusion);
    }
    PQclear(result);
}

void
exclusions_write(Sink *sink, const Toc *toc, Answers *answers)
{
    PGresult *result = ask_exclusions(answers);
    RowReader row = row_reader(result);
    bool has_any = false;

    while (row_next(&row))
    {
        Exclusion exclusion = read_exclusion(&row);

        if (!exclusion.is_root ||
            !toc_is_kept(toc, CATALOG_PG_CLASS, exclusion.constraint.owner))
            continue;
        if (!has_any)
            sink_write_string(sink,
                              "\n--\n-- Exclusion constraints of partitioned tables\n"
                              "--\n\n");
        has_any = true;
        late_constraint_write(sink, &exclusion.constraint, "");
    }
    PQclear(result);
}
