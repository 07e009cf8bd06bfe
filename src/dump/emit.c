#include "dump/emit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "dump/emit_order.h"
#include "dump/exclusions.h"
#include "dump/largeobjects.h"
#include "dump/late_checks.h"
#include "dump/sequences.h"
#include "sample/staging/staging.h"

static void
write_comment(Sink *sink, const char *label, const char *text)
{
    PQExpBufferData line;

    initPQExpBuffer(&line);
    copytext_append_comment(&line, text);
    sink_format(sink, "-- %s: %s\n", label, line.data);
    termPQExpBuffer(&line);
}

static const char *
describe_order(PickOrder order)
{
    switch (order)
    {
        case PICK_NEWEST:
            return "by key, newest first";
        case PICK_OLDEST:
            return "by key, oldest first";
        case PICK_RANDOM:
            return "random";
        case PICK_STABLE:
            return "random, stable by key";
        case PICK_FIRST:
            break;
    }
    return "first in heap order";
}

static void
write_missing(Sink *sink, const Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        char *text;

        if (!plan->tables[i].is_skipped)
            continue;
        text = mem_format("table %s: %s", plan->catalog->relations[i].qname,
                          plan->tables[i].skip_reason);
        write_comment(sink, "missing", text);
        free(text);
    }
}

/* Nothing here depends on when or where the dump was made. */
static void
write_header(Sink *sink, const EmitOptions *options, const Plan *plan,
             const char *encoding)
{
    sink_format(sink,
                "--\n-- Sample of a PostgreSQL database, made by pg-sample %s\n--\n",
                options->version);
    write_comment(sink, "database", options->database);
    if (plan->catalog->identity != NULL)
        write_comment(sink, "source", plan->catalog->identity);
    if (options->mark != NULL)
        write_comment(sink, "masked", options->mark);
    write_comment(sink, "server", options->server_version);
    write_comment(sink, "encoding", encoding);
    for (size_t i = 0; i < options->limits->n_items; i++)
        write_comment(sink, "limit", options->limits->items[i]);
    if (options->limits->n_items == 0)
        sink_write_string(sink,
                          plan->subset != NULL ? "-- limit: 0\n" : "-- limit: 100\n");
    write_comment(sink, "rows", describe_order(plan->order));
    if (plan->order == PICK_RANDOM)
        sink_format(sink, "-- seed: %" PRIu64 "\n", plan->seed);
    if (options->selection[0] != '\0')
        write_comment(sink, "selection", options->selection);
    if (!options->is_in_transaction)
        sink_write_string(sink, "-- not in one transaction: a dump that was cut off "
                                "restores in part\n");
    write_missing(sink, plan);
    sink_write_string(sink, options->left_out);
    sink_write_string(sink, "--\n\n");
}

static void
write_begin(Sink *sink, const EmitOptions *options)
{
    if (!options->is_in_transaction)
        return;
    sink_write_string(
        sink, "\nBEGIN;\n\n"
              "-- A seal: COMMIT fails unless the end of the dump has been read.\n"
              "CREATE TEMPORARY TABLE pg_sample_seal (\n"
              "    id integer PRIMARY KEY,\n"
              "    needs integer NOT NULL REFERENCES pg_sample_seal\n"
              "        DEFERRABLE INITIALLY DEFERRED\n"
              ") ON COMMIT DROP;\n"
              "INSERT INTO pg_temp.pg_sample_seal VALUES (1, 2);\n\n");
}

static void
write_commit(Sink *sink, const EmitOptions *options)
{
    if (options->is_in_transaction)
        sink_write_string(sink, "\nINSERT INTO pg_temp.pg_sample_seal VALUES (2, 2);\n\n"
                                "COMMIT;\n");
}

/* What pg_restore writes before a schema, for dumps without one. */
static void
write_settings(Sink *sink, const char *encoding)
{
    PQExpBufferData literal;

    initPQExpBuffer(&literal);
    copytext_append_string(&literal, encoding, strlen(encoding));
    sink_format(sink,
                "SET statement_timeout = 0;\n"
                "SET lock_timeout = 0;\n"
                "SET idle_in_transaction_session_timeout = 0;\n"
                "SET client_encoding = %s;\n"
                "SET standard_conforming_strings = on;\n"
                "SELECT pg_catalog.set_config('search_path', '', false);\n"
                "SET check_function_bodies = false;\n"
                "SET xmloption = content;\n"
                "SET client_min_messages = warning;\n"
                "SET row_security = off;\n",
                literal.data);
    termPQExpBuffer(&literal);
}

/* Less what older servers do not know and what is at its default in a new session. */
static void
write_schema_settings(Sink *sink, const char *settings)
{
    static const char unknown[] = "SET transaction_timeout = 0;\n";
    const char *found = strstr(settings, unknown);

    if (found == NULL)
    {
        sink_write_string(sink, settings);
        return;
    }
    sink_write(sink, settings, (size_t)(found - settings));
    sink_write_string(sink, found + strlen(unknown));
}

/* References by ignored keys that were kept need their rows as all others do. */
static const FkGraph *
choose_graph(const Sample *sample, const Proof *proof)
{
    const Catalog *catalog = sample->plan->catalog;
    size_t n = (size_t)catalog->n_foreign_keys;
    bool *is_kept;

    if (sample->graph->n_ignored == 0)
        return sample->graph;
    is_kept = ARENA_ARRAY(catalog->arena, n, bool);
    for (size_t i = 0; i < n; i++)
        is_kept[i] = proof->keys[i].n_references > proof->keys[i].n_set_null;
    return graph_build_loading(catalog, is_kept);
}

static void
decide_order(EmitOrder *order, const EmitOptions *options, const Sample *sample,
             const Proof *proof)
{
    const Catalog *catalog = sample->plan->catalog;
    const FkGraph *graph = choose_graph(sample, proof);
    bool *has_rows;
    Diag diag = {0};

    if (options->has_schema || options->rows.disable_triggers)
    {
        emit_order_by_name(order, graph);
        return;
    }
    has_rows = ARENA_ARRAY(catalog->arena, catalog->n_relations, bool);
    for (int i = 0; i < catalog->n_relations; i++)
        has_rows[i] = sample->tables[i].n_rows > 0;
    if (!emit_order_for_data_only(order, graph, has_rows,
                                  options->rows.rows_per_insert > 0,
                                  options->is_in_transaction, &diag))
        die(EXIT_USAGE, &diag);
}

/* Definitions name all schemas; functions that rows, indexes and views call need not. */
static void
write_restore_path(Sink *sink, const char *path)
{
    PQExpBufferData literal;

    if (path == NULL)
        return;
    initPQExpBuffer(&literal);
    copytext_append_string(&literal, path, strlen(path));
    sink_format(sink, "\nSELECT pg_catalog.set_config('search_path', %s, false);\n",
                literal.data);
    termPQExpBuffer(&literal);
}

static void
write_data(Sink *sink, const EmitOptions *options, const EmitSource *source)
{
    Sample *sample = source->sample;
    Session *session = source->session;
    const Toc *toc = source->toc;
    const Catalog *catalog = sample->plan->catalog;
    EmitOrder order;

    decide_order(&order, options, sample, source->proof);
    if (order.needs_deferral)
        sink_write_string(sink, "\nSET CONSTRAINTS ALL DEFERRED;\n");
    staging_scan_plan(sample, order.relations, catalog->n_relations);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        int relation = order.relations[i];

        log_progress("writing: %d of %d table%s", i + 1, catalog->n_relations,
                     plural(catalog->n_relations));
        /* staged rows of extensions are configuration rows */
        if (!catalog->relations[relation].is_extension_member)
            emit_rows(sink, sample, session, relation, &options->rows, &order);
    }
    log_progress_clear();
    emit_rows_postponed(sink, sample, session, &options->rows, &order);
    if (toc != NULL || !sample->plan->has_selection)
        configuration_write(sink, sample, session, toc, options->rows.keeps_others);
    largeobjects_write(sink, sample, session, options->is_clean);
    sequences_write(sink, sample, session, toc, options->rows.keeps_others);
}

static void
append_set_null_columns(PQExpBuffer text, const Catalog *catalog, const GraphKey *ignored)
{
    const ForeignKey *key = ignored->foreign_key;
    const Relation *relation = &catalog->relations[key->referencing];

    for (int i = 0; i < ignored->n_set_null; i++)
        appendPQExpBuffer(text, "%s%s", i == 0 ? "" : ", ",
                          relation->columns[ignored->set_null[i]].qname);
}

/* What else is not as it is in the source. */
static void
write_set_null(Sink *sink, const Sample *sample, const Proof *proof)
{
    const Catalog *catalog = sample->plan->catalog;
    const FkGraph *graph = sample->graph;
    bool has_any = false;

    for (int i = 0; i < graph->n_ignored; i++)
    {
        const ForeignKey *key = graph->ignored[i].foreign_key;
        const ProvenKey *proven = &proof->keys[key->number];
        PQExpBufferData text;
        PQExpBufferData line;

        if (proven->n_references == 0)
            continue;
        if (!has_any)
            sink_write_string(sink, "\n--\n-- Rows with NULL for what an ignored foreign "
                                    "key refers to\n--\n");
        has_any = true;
        initPQExpBuffer(&text);
        initPQExpBuffer(&line);
        appendPQExpBuffer(&text, "%s (%s: ", key->referencing_qname, key->qname);
        append_set_null_columns(&text, catalog, &graph->ignored[i]);
        appendPQExpBufferChar(&text, ')');
        copytext_append_comment(&line, text.data);
        sink_format(sink, "-- %10zu %s\n", proven->n_set_null, line.data);
        termPQExpBuffer(&text);
        termPQExpBuffer(&line);
    }
}

static void
write_trailer(Sink *sink, const EmitOptions *options, const Sample *sample)
{
    const Catalog *catalog = sample->plan->catalog;
    int n_skipped = plan_count_skipped(sample->plan);

    sink_write_string(sink, "\n--\n-- Rows by table\n--\n");
    for (int i = 0; options->has_data && i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];
        PQExpBufferData name;

        if (relation->is_extension_member || !sample->plan->tables[i].is_needed)
            continue;
        initPQExpBuffer(&name);
        copytext_append_comment(&name, relation->qname);
        sink_format(sink, "-- %10zu %s\n", sample->tables[i].n_rows, name.data);
        termPQExpBuffer(&name);
    }
    if (options->mark != NULL) /* the loader knows it even if the header was cut off */
        write_comment(sink, "masked", options->mark);
    if (n_skipped > 0)
        sink_format(sink, "-- The dump is complete but for %d table%s.\n--\n\n",
                    n_skipped, plural(n_skipped));
    else
        sink_write_string(sink, "-- The dump is complete.\n--\n\n");
}

void
emit_dump(Sink *sink, const EmitOptions *options, const EmitSource *source)
{
    const Sample *sample = source->sample;
    const Toc *toc = source->toc;
    const DdlText *ddl = source->ddl;
    Answers *answers = source->session->answers;
    const char *encoding = db_encoding(source->session->snapshot_db);

    write_header(sink, options, sample->plan, encoding);
    sink_begin_body(sink);
    if (ddl != NULL)
        write_schema_settings(sink, ddl->settings);
    else
        write_settings(sink, encoding);
    write_begin(sink, options);
    if (ddl != NULL)
    {
        sink_write_string(sink, ddl->drops);
        sink_write_string(sink, ddl->pre_data);
        if (options->has_data)
            late_checks_write_drops(sink, toc, answers);
    }
    write_restore_path(sink, options->restore_path);
    if (options->has_data)
        write_data(sink, options, source);
    if (ddl != NULL)
    {
        sink_write_string(sink, "\n");
        exclusions_write(sink, toc, answers);
        sink_write_string(sink, ddl->post_data);
        emit_schema_broken_keys(sink, sample->plan, source->proof);
        if (options->has_data)
            late_checks_write(sink, toc, answers);
    }
    write_commit(sink, options);
    if (ddl != NULL && options->has_data && options->has_refreshes)
        emit_schema_refreshes(sink, sample->plan, toc);
    if (options->has_data)
        write_set_null(sink, sample, source->proof);
    write_trailer(sink, options, sample);
    sink_end_body(sink);
}
