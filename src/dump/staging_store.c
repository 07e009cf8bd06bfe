#include "dump/staging_store.h"

#include <stdlib.h>

#include "base/mem.h"
#include "dump/archive.h"
#include "dump/dump_answers.h"
#include "dump/largeobjects.h"
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
    stage_insert(sample, relation, sql.data);
    termPQExpBuffer(&sql);
}

/* ---- large objects */

static void
store_numbers(Stage *stage, PQExpBuffer numbers)
{
    appendPQExpBufferChar(numbers, '}');
    stage_begin_writing(stage);
    largeobjects_store(stage->writer, stage->names.qschema, numbers->data);
    stage_end_writing(stage);
    resetPQExpBuffer(numbers);
}

/* Those under the numbers that the staged rows have in the column. */
static void
store_referenced(Stage *stage, int relation, const Column *column)
{
    PQExpBufferData sql;
    PQExpBufferData numbers;
    char *line;
    int n = 0;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "COPY (SELECT DISTINCT t.%s::pg_catalog.oid FROM ",
                      column->qname);
    query_nulling_rows(&sql, &stage->names, stage->graph, relation);
    appendPQExpBuffer(&sql, " WHERE t.%s IS NOT NULL) TO STDOUT", column->qname);
    initPQExpBuffer(&numbers);
    db_copy_begin(stage->keeper, sql.data);
    while (db_copy_row(stage->keeper, &line) >= 0)
    {
        appendPQExpBuffer(&numbers, "%s%s", numbers.len == 0 ? "{" : ",", line);
        if (++n % NUMBERS_PER_STATEMENT == 0)
            store_numbers(stage, &numbers);
    }
    if (numbers.len > 0)
        store_numbers(stage, &numbers);
    termPQExpBuffer(&numbers);
    termPQExpBuffer(&sql);
}

static void
store_large_objects(const Sample *sample, Session *session)
{
    Stage *stage = sample->stage;

    largeobjects_create_table(stage->keeper, stage->names.qschema);
    if (!largeobjects_exist(session))
        return;
    for (int i = 0; i < stage->catalog->n_relations; i++)
    {
        const Relation *source = &stage->catalog->relations[i];

        for (int j = 0; sample->tables[i].n_rows > 0 && j < source->n_columns; j++)
        {
            if (source->columns[j].type == TYPE_OID && !source->columns[j].is_generated)
                store_referenced(stage, i, &source->columns[j]);
        }
    }
}

void
stage_store(Sample *sample, Session *session, const Ddl *ddl)
{
    Stage *stage = sample->stage;

    store_large_objects(sample, session);
    for (int i = 0; i < stage->catalog->n_relations; i++)
        store_configuration(sample, i);
    dump_facts_ask(session);
    facts_store(session->facts, stage->keeper, stage->names.qschema);
    if (ddl != NULL)
        archive_store(ddl_get_archive(ddl), stage->keeper, stage->names.qschema);
}
