/* What the staging schema contains about itself: its manifest, comments and state. */
#include "sample/staging/staging.h"

#include <string.h>

#include "base/copytext.h"
#include "base/plural.h"
#include "sample/staging/staging_schema.h"

static void
append_literal_text(PQExpBuffer sql, const char *text)
{
    copytext_append_string(sql, text, strlen(text));
}

static void
append_table(PQExpBuffer sql, const Sample *sample, int relation)
{
    const StagedTable *staged = &sample->staging->tables[relation];
    const SampleTable *table = &sample->tables[relation];
    const PlanTable *planned = &sample->plan->tables[relation];

    appendPQExpBufferChar(sql, '(');
    append_literal_text(sql, sample->layouts[relation].relation->qname);
    appendPQExpBufferStr(sql, ", ");
    if (staged->is_created)
        append_literal_text(sql, sample->staging->names.tables[relation].name);
    else
        appendPQExpBufferStr(sql, "NULL");
    if (planned->is_skipped)
    {
        appendPQExpBufferStr(sql, planned->has_no_definition
                                      ? ", 'lost, without its definition', "
                                      : ", 'lost', ");
        append_literal_text(sql, planned->skip_reason);
    }
    else
        appendPQExpBufferStr(sql, ", 'complete', NULL");
    appendPQExpBuffer(sql, ", %zu, %zu, %zu, ", table->n_picked, table->n_children,
                      table->n_referenced);
    if (table->n_rows > 0)
        appendPQExpBuffer(sql, "%d, %d)", staged->first_pass, staged->last_pass);
    else
        appendPQExpBufferStr(sql, "NULL, NULL)");
}

static void
append_tables(PQExpBuffer sql, const Sample *sample)
{
    int n = 0;

    appendPQExpBuffer(sql, "INSERT INTO %s.manifest VALUES\n",
                      sample->staging->names.qschema);
    for (int i = 0; i < sample->staging->catalog->n_relations; i++)
    {
        if (!sample->staging->tables[i].is_created && !sample->plan->tables[i].is_skipped)
            continue;
        appendPQExpBufferStr(sql, n++ == 0 ? "" : ",\n");
        append_table(sql, sample, i);
    }
    if (n == 0)
        resetPQExpBuffer(sql);
}

static void
append_proven_keys(PQExpBuffer sql, const Sample *sample, const Proof *proof)
{
    const Catalog *catalog = sample->staging->catalog;

    if (sample->graph->n_fks > 0)
        appendPQExpBuffer(sql, ";\nINSERT INTO %s.manifest_keys VALUES\n",
                          sample->staging->names.qschema);
    for (int i = 0; i < sample->graph->n_fks; i++)
    {
        const ForeignKey *key = sample->graph->fks[i].foreign_key;
        const ProvenKey *proven = &proof->keys[key->number];

        appendPQExpBuffer(sql, "%s(%d, ", i == 0 ? "" : ",\n",
                          (int)(key - catalog->foreign_keys));
        append_literal_text(sql, key->name);
        appendPQExpBufferStr(sql, ", ");
        append_literal_text(sql, key->referencing_qname);
        appendPQExpBufferStr(sql, ", ");
        append_literal_text(sql, catalog->relations[key->referenced].qname);
        appendPQExpBuffer(sql, ", %zu, %zu, %zu)", proven->n_references,
                          proven->n_dangling, proven->n_skipped);
    }
}

static void
append_references(PQExpBuffer sql, const Sample *sample)
{
    const Catalog *catalog = sample->staging->catalog;

    for (int i = 0; i < catalog->n_references; i++)
    {
        const SampleReference *counts = &sample->references[i];

        appendPQExpBuffer(sql, "%sINSERT INTO %s.manifest_references VALUES\n(%d, ",
                          sql->len > 0 ? ";\n" : "", sample->staging->names.qschema, i);
        append_literal_text(sql, catalog->references[i].text);
        appendPQExpBuffer(sql, ", %zu, %zu, %zu)", counts->n_references,
                          counts->n_dangling, counts->n_skipped);
    }
}

/* Each comment takes a lock, so one statement must not write too many. */
static void
comment_on_tables(const Sample *sample)
{
    const Staging *staging = sample->staging;
    PQExpBufferData sql;
    PQExpBufferData text;
    int n = 0;

    initPQExpBuffer(&sql);
    initPQExpBuffer(&text);
    for (int i = 0; i < staging->catalog->n_relations; i++)
    {
        const SampleTable *table = &sample->tables[i];
        const StagingTable *names = &staging->names.tables[i];

        if (!staging->tables[i].is_created)
            continue;
        resetPQExpBuffer(&text);
        appendPQExpBuffer(&text,
                          "sample of %s: %zu row%s picked, %zu child%s, %zu referenced",
                          sample->layouts[i].relation->qname, table->n_picked,
                          plural(table->n_picked), table->n_children,
                          plural_choose(table->n_children, "", "ren"),
                          table->n_referenced);
        appendPQExpBuffer(&sql, "COMMENT ON TABLE %s IS ", names->qname);
        append_literal_text(&sql, text.data);
        appendPQExpBuffer(&sql,
                          ";\nCOMMENT ON COLUMN %s.%s IS 'pass in which the row came; "
                          "0: picked by a rule, or a root';\n"
                          "COMMENT ON COLUMN %s.%s IS 'tableoid of the source row';\n"
                          "COMMENT ON COLUMN %s.%s IS 'ctid of the source row';\n",
                          names->qname, names->pass, names->qname, names->leaf,
                          names->qname, names->place);
        if (++n % staging_schema_count_at_once(staging) != 0)
            continue;
        db_execute(staging->staging_db, sql.data);
        resetPQExpBuffer(&sql);
    }
    if (sql.len > 0)
        db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&text);
    termPQExpBuffer(&sql);
}

void
staging_manifest_complete(Sample *sample, const Proof *proof)
{
    Staging *staging = sample->staging;
    PQExpBufferData sql;

    if (staging->options->is_kept)
        comment_on_tables(sample);
    initPQExpBuffer(&sql);
    append_tables(&sql, sample);
    append_proven_keys(&sql, sample, proof);
    append_references(&sql, sample);
    appendPQExpBuffer(&sql, "%sUPDATE %s.manifest_run SET state = %s",
                      sql.len > 0 ? ";\n" : "", staging->names.qschema,
                      staging->options->is_kept ? "'kept'" : "'complete'");
    if (staging->options->is_kept)
        appendPQExpBuffer(&sql,
                          ";\nCOMMENT ON SCHEMA %s IS '" STAGING_MARK_KEPT
                          ": see the tables manifest and manifest_run; \"pg-sample "
                          "--resume\" writes its dump'",
                          staging->names.qschema);
    db_execute(staging->staging_db, sql.data);
    termPQExpBuffer(&sql);
    staging->is_complete = true;
}
