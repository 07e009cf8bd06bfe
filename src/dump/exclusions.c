#include "dump/exclusions.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "model/catalog.h"

/* The texts are the query result's. */
typedef struct Exclusion
{
    CatalogOid oid;
    CatalogOid table;
    bool is_root;
    const char *table_qname;
    const char *qname;
    const char *definition;
    const char *comment; /* or NULL */
    const char *schema;
    const char *index;
} Exclusion;

static Exclusion
read_exclusion(RowReader *row)
{
    Exclusion exclusion = {0};

    exclusion.oid = row_oid(row);
    exclusion.table = row_oid(row);
    exclusion.is_root = row_bool(row);
    exclusion.table_qname = row_text(row);
    exclusion.qname = row_text(row);
    exclusion.definition = row_text(row);
    exclusion.comment = row_text(row);
    exclusion.schema = row_text(row);
    exclusion.index = row_text(row);
    return exclusion;
}

void
exclusions_ask(Answers *answers)
{
    PQclear(answers_query(answers, sql_partitioned_exclusions));
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
    PGresult *result = answers_query(answers, sql_partitioned_exclusions);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        Exclusion exclusion = read_exclusion(&row);

        toc_select_drop(toc, CATALOG_PG_CONSTRAINT, exclusion.oid, exclusion.is_root);
        if (!exclusion.is_root)
            drop_attachment(toc, &exclusion);
    }
    PQclear(result);
}

static void
write_exclusion(Sink *sink, const Exclusion *exclusion)
{
    PQExpBufferData comment;

    sink_format(sink, "ALTER TABLE %s ADD CONSTRAINT %s %s;\n", exclusion->table_qname,
                exclusion->qname, exclusion->definition);
    if (exclusion->comment == NULL)
        return;
    initPQExpBuffer(&comment);
    copytext_append_string(&comment, exclusion->comment, strlen(exclusion->comment));
    sink_format(sink, "COMMENT ON CONSTRAINT %s ON %s IS %s;\n", exclusion->qname,
                exclusion->table_qname, comment.data);
    termPQExpBuffer(&comment);
}

void
exclusions_write(Sink *sink, const Toc *toc, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_partitioned_exclusions);
    RowReader row = row_reader(result);
    bool has_any = false;

    while (row_next(&row))
    {
        Exclusion exclusion = read_exclusion(&row);

        if (!exclusion.is_root || !toc_is_kept(toc, CATALOG_PG_CLASS, exclusion.table))
            continue;
        if (!has_any)
            sink_write_string(sink,
                              "\n--\n-- Exclusion constraints of partitioned tables\n"
                              "--\n\n");
        has_any = true;
        write_exclusion(sink, &exclusion);
    }
    PQclear(result);
}
