#include "dump/staging_store.h"

#include "dump/archive.h"
#include "dump/largeobjects.h"
#include "model/mask_plan.h"
#include "model/query_set_null.h"

enum
{
    TYPE_OID = 26,
    NUMBERS_PER_STATEMENT = 1000
};

/* ---- configuration rows of extensions */

static void
store_configuration(Sample *sample, int relation)
{
    const RowLayout *layout = &sample->fetch_layouts[relation];
    const Relation *source = layout->relation;
    PQExpBufferData sql;

    if (!source->is_configuration || !source->is_readable)
        return;
    initPQExpBuffer(&sql);
    /* the extension's condition knows the table by its own name only */
    appendPQExpBuffer(
        &sql, "%sSELECT %s FROM (SELECT tableoid, ctid, * FROM ONLY %s %s) AS t%s",
        layout->begin, layout->select_list, source->qname,
        source->configuration_condition != NULL ? source->configuration_condition : "",
        layout->end);
    staging_insert(sample, relation, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- large objects */

static void
store_numbers(Staging *staging, PQExpBuffer numbers)
{
    appendPQExpBufferChar(numbers, '}');
    staging_begin_writing(staging);
    largeobjects_store(staging->source_db, staging->names.qschema, numbers->data);
    staging_end_writing(staging);
    resetPQExpBuffer(numbers);
}

/* Those under the numbers that the staged rows have in the column. */
static void
store_referenced(Staging *staging, int relation, const Column *column)
{
    PQExpBufferData sql;
    PQExpBufferData numbers;
    char *line;
    int n = 0;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "COPY (SELECT DISTINCT t.%s::pg_catalog.oid FROM ",
                      column->qname);
    query_set_null_rows(&sql, &staging->names, staging->graph, relation);
    appendPQExpBuffer(&sql, " WHERE t.%s IS NOT NULL) TO STDOUT", column->qname);
    initPQExpBuffer(&numbers);
    db_copy_begin(staging->staging_db, sql.data);
    while (db_copy_row(staging->staging_db, &line) >= 0)
    {
        appendPQExpBuffer(&numbers, "%s%s", numbers.len == 0 ? "{" : ",", line);
        if (++n % NUMBERS_PER_STATEMENT == 0)
            store_numbers(staging, &numbers);
    }
    if (numbers.len > 0)
        store_numbers(staging, &numbers);
    termPQExpBuffer(&numbers);
    termPQExpBuffer(&sql);
}

static void
store_large_objects(const Sample *sample, Session *session)
{
    Staging *staging = sample->staging;

    largeobjects_create_table(staging->staging_db, staging->names.qschema);
    if (!largeobjects_exist(session))
        return;
    for (int i = 0; i < staging->catalog->n_relations; i++)
    {
        const Relation *source = &staging->catalog->relations[i];

        for (int j = 0; sample->tables[i].n_rows > 0 && j < source->n_columns; j++)
        {
            /* what a mask makes of a number is NULL, or no number of the source's */
            if (source->columns[j].type == TYPE_OID && !source->columns[j].is_generated &&
                !mask_plan_has_column(sample->plan->masks, i, j))
                store_referenced(staging, i, &source->columns[j]);
        }
    }
}

void
staging_store(Sample *sample, Session *session, const Ddl *ddl)
{
    Staging *staging = sample->staging;

    store_large_objects(sample, session);
    for (int i = 0; i < staging->catalog->n_relations; i++)
        store_configuration(sample, i);
    dump_answers_ask(session, ddl != NULL);
    answers_store(session->answers, staging->staging_db, staging->names.qschema);
    if (ddl != NULL)
        archive_store(ddl_get_archive(ddl), staging->staging_db, staging->names.qschema);
}
