/* What was done: a table on standard error, and JSON for --report. */
#include "programs/sample/run_internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/mem.h"
#include "base/plural.h"
#include "sample/masked/mask_hide.h"

/* Tables with a rule, or with rows in the sample. */
static bool
is_reported(const Sample *sample, int relation)
{
    const PlanTable *table = &sample->plan->tables[relation];

    return !sample->plan->catalog->relations[relation].is_extension_member &&
           (table->n_picks > 0 || table->has_roots ||
            sample->tables[relation].n_rows > 0);
}

static const char *
format_bytes(char *text, size_t size, const ReportSummary *summary, uint64_t bytes)
{
    if (!summary->is_written)
        snprintf(text, size, "-");
    else if (bytes < 10 * 1024)
        snprintf(text, size, "%" PRIu64 " B", bytes);
    else if (bytes < 10 * 1024 * 1024)
        snprintf(text, size, "%" PRIu64 " kB", bytes / 1024);
    else
        snprintf(text, size, "%" PRIu64 " MB", bytes / 1024 / 1024);
    return text;
}

static const char *
format_estimate(char *text, size_t size, double n)
{
    if (n < 0)
        snprintf(text, size, "?");
    else
        snprintf(text, size, "%.0f", n);
    return text;
}

static void
print_table_line(const Sample *sample, const ReportSummary *summary, int relation)
{
    const Relation *source = &sample->plan->catalog->relations[relation];
    const SampleTable *table = &sample->tables[relation];
    char bytes[32];
    char estimate[32];

    display(stderr, "%10zu ", table->n_picked);
    if (sample->plan->subset != NULL)
        display(stderr, "%10zu ", table->n_children);
    display(stderr, "%10zu %12s %10s %8.2f  %s\n", table->n_referenced,
            format_estimate(estimate, sizeof(estimate), source->n_tuples),
            format_bytes(bytes, sizeof(bytes), summary, table->n_bytes), table->seconds,
            source->qname);
}

/* Rows that do not satisfy --where-column, but are referenced. */
static size_t
count_outside(const Sample *sample, int relation)
{
    if (sample->outside == NULL || sample->outside[relation] == NULL)
        return 0;
    return idset_count(sample->outside[relation]);
}

static void
print_outside(const Sample *sample)
{
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
    {
        size_t n = count_outside(sample, i);

        if (n > 0)
            display(stderr, "outside of the filter: %zu referenced row%s of %s\n", n,
                    plural(n), sample->plan->catalog->relations[i].qname);
    }
}

static void
print_skipped(const Plan *plan, const Proof *proof)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        if (plan->tables[i].is_skipped)
            display(stderr, "missing: table %s: %s\n", plan->catalog->relations[i].qname,
                    plan->tables[i].skip_reason);
    }
    if (proof->n_skipped > 0)
        display(stderr, "missing: %zu reference%s to these tables\n", proof->n_skipped,
                plural_choose(proof->n_skipped, " leads", "s lead"));
}

static void
print_set_null(const Sample *sample, const Proof *proof)
{
    const FkGraph *graph = sample->graph;

    for (int i = 0; i < graph->n_ignored; i++)
    {
        const ForeignKey *key = graph->ignored[i].foreign_key;
        const ProvenKey *proven = &proof->keys[key->number];

        if (proven->n_references > 0)
            display(stderr,
                    "ignored: foreign key %s of %s; %zu of %zu reference%s became NULL\n",
                    key->qname, key->referencing_qname, proven->n_set_null,
                    proven->n_references, plural(proven->n_references));
    }
}

void
report_print(const Sample *sample, const Proof *proof, const ReportSummary *summary)
{
    bool has_children = sample->plan->subset != NULL;
    int n_fks = sample->plan->catalog->n_foreign_keys - sample->graph->n_ignored;
    size_t n_picked = 0;
    size_t n_children = 0;
    size_t n_referenced = 0;
    char bytes[32];

    display(stderr, "%10s %s%10s %12s %10s %8s  %s\n", "picked",
            has_children ? "  children " : "", "referenced", "source", "bytes", "seconds",
            "table");
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
    {
        if (!is_reported(sample, i))
            continue;
        print_table_line(sample, summary, i);
        n_picked += sample->tables[i].n_picked;
        n_children += sample->tables[i].n_children;
        n_referenced += sample->tables[i].n_referenced;
    }
    display(stderr, "%10zu ", n_picked);
    if (has_children)
        display(stderr, "%10zu ", n_children);
    display(stderr, "%10zu %12s %10s %8.2f  total\n", n_referenced, "",
            format_bytes(bytes, sizeof(bytes), summary, summary->dump_bytes),
            summary->seconds);
    display(stderr, "proved: %zu reference%s of %d foreign key%s", proof->n_references,
            plural(proof->n_references), n_fks, plural(n_fks));
    if (proof->n_broken > 0)
        display(stderr, "; %d of them broken in the source", proof->n_broken);
    display(stderr, "\n");
    if (summary->masking != NULL)
        report_masks_print(sample->plan, summary->masking);
    print_outside(sample);
    print_set_null(sample, proof);
    print_skipped(sample->plan, proof);
}

static void
set_count(json_t *object, const char *name, uint64_t n)
{
    json_object_set_new(object, name, json_integer((json_int_t)n));
}

static json_t *
make_named_table(const Relation *relation)
{
    json_t *object = json_object();

    report_json_set_text(object, "schema", relation->schema);
    report_json_set_text(object, "table", relation->name);
    return object;
}

static void
set_referenced(json_t *object, const Catalog *catalog, int referenced)
{
    report_json_set_text(object, "referenced", catalog->relations[referenced].qname);
}

static void
set_references(json_t *object, size_t n, size_t n_dangling, size_t n_skipped)
{
    set_count(object, "references", n);
    set_count(object, "dangling_in_source", n_dangling);
    set_count(object, "into_lost_tables", n_skipped);
}

/* Literals of a rule are values of columns that may be masked. */
static void
set_rule(json_t *object, const Plan *plan, const Rule *rule)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    if (plan->masks != NULL)
        mask_hide_append_rule(&text, rule);
    report_json_set_text(object, "rule", plan->masks != NULL ? text.data : rule->text);
    termPQExpBuffer(&text);
}

static json_t *
make_sampled_table(const Sample *sample, const ReportSummary *summary, int relation)
{
    const Relation *source = &sample->plan->catalog->relations[relation];
    const PlanTable *planned = &sample->plan->tables[relation];
    const SampleTable *table = &sample->tables[relation];
    json_t *object = make_named_table(source);

    if (planned->rule != NULL)
        set_rule(object, sample->plan, planned->rule);
    set_count(object, "picked", table->n_picked);
    set_count(object, "children", table->n_children);
    set_count(object, "referenced", table->n_referenced);
    if (sample->outside != NULL && planned->filter != NULL)
        set_count(object, "outside_filter", count_outside(sample, relation));
    json_object_set_new(object, "source_rows_estimated",
                        source->n_tuples < 0
                            ? json_null()
                            : json_integer((json_int_t)source->n_tuples));
    if (table->percent_of >= 0)
    {
        json_object_set_new(object, "percent_of", json_integer(table->percent_of));
        json_object_set_new(object, "percent_of_is_estimated",
                            json_boolean(table->is_percent_estimated));
    }
    if (summary->is_written)
        set_count(object, "bytes", table->n_bytes);
    json_object_set_new(object, "seconds", json_real(table->seconds));
    return object;
}

static json_t *
make_foreign_key(const Sample *sample, const Proof *proof, int position)
{
    const Catalog *catalog = sample->plan->catalog;
    const ForeignKey *key = &catalog->foreign_keys[position];
    const ProvenKey *proven = &proof->keys[position];
    json_t *object = json_object();

    report_json_set_text(object, "name", key->name);
    report_json_set_text(object, "referencing", key->referencing_qname);
    set_referenced(object, catalog, key->referenced);
    set_references(object, proven->n_references, proven->n_dangling, proven->n_skipped);
    json_object_set_new(object, "ignored", json_boolean(key->is_ignored));
    if (key->is_ignored)
        set_count(object, "nulled", proven->n_set_null);
    return object;
}

static json_t *
make_reference(const Sample *sample, int position)
{
    const Catalog *catalog = sample->plan->catalog;
    const Reference *reference = &catalog->references[position];
    const SampleReference *counts = &sample->references[position];
    json_t *object = json_object();
    PQExpBufferData text;

    initPQExpBuffer(&text);
    if (sample->plan->masks != NULL)
        mask_hide_append_sql(&text, reference->text);
    report_json_set_text(object, "reference",
                         sample->plan->masks != NULL ? text.data : reference->text);
    termPQExpBuffer(&text);
    report_json_set_text(object, "referencing",
                         catalog->relations[reference->referencing].qname);
    set_referenced(object, catalog, reference->referenced);
    set_references(object, counts->n_references, counts->n_dangling, counts->n_skipped);
    return object;
}

static json_t *
make_references(const Sample *sample)
{
    json_t *references = json_array();

    for (int i = 0; i < sample->plan->catalog->n_references; i++)
        json_array_append_new(references, make_reference(sample, i));
    return references;
}

static json_t *
make_graph_key(const Sample *sample, const ProvenanceCounts *fks, const ProvenanceKey *fk)
{
    const Catalog *catalog = sample->plan->catalog;
    const FkName *name = &fks->order->names[fk->fk];
    json_t *object = json_object();

    report_json_set_text(object, "name", name->name);
    report_json_set_text(object, "referencing", name->referencing_qname);
    set_referenced(object, catalog, name->referenced);
    report_json_set_text(object, "direction", fk->is_down ? "down" : "up");
    set_count(object, "rows", fk->n_rows);
    set_count(object, "bringers", fk->n_origins);
    report_json_set_text(object, "largest_key", fk->largest_key);
    set_count(object, "largest_rows", fk->n_largest);
    if (sample->outside != NULL)
        set_count(object, "outside_filter", fk->n_outside);
    return object;
}

static json_t *
make_origin(const Sample *sample, const ProvenanceCounts *fks,
            const ProvenanceOrigin *origin)
{
    const Relation *source = &sample->plan->catalog->relations[origin->row.relation];
    json_t *object = make_named_table(source);

    report_json_set_text(object, "key", origin->key);
    set_count(object, "rows", origin->n_rows);
    json_object_set_new(object, "share",
                        json_real((double)origin->n_rows / (double)fks->n_rows));
    return object;
}

static void
add_fks(json_t *report, const Sample *sample, const ProvenanceCounts *fks)
{
    json_t *list = json_array();
    json_t *origins = json_array();

    for (size_t i = 0; i < fks->n_fks; i++)
        json_array_append_new(list, make_graph_key(sample, fks, &fks->fks[i]));
    for (size_t i = 0; i < fks->n_origins; i++)
        json_array_append_new(origins, make_origin(sample, fks, &fks->origins[i]));
    json_object_set_new(report, "edges", list);
    json_object_set_new(report, "largest_bringers", origins);
}

static json_t *
make_skipped(const Plan *plan)
{
    json_t *skipped = json_array();

    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const Relation *relation = &plan->catalog->relations[i];
        json_t *object;

        if (!plan->tables[i].is_skipped)
            continue;
        object = make_named_table(relation);
        report_json_set_text(object, "reason", plan->tables[i].skip_reason);
        json_array_append_new(skipped, object);
    }
    return skipped;
}

static json_t *
make_report(const Sample *sample, const Proof *proof, const ReportSummary *summary)
{
    const Catalog *catalog = sample->plan->catalog;
    json_t *report = json_object();
    json_t *tables = json_array();
    json_t *keys = json_array();

    report_json_set_text(report, "version", summary->version);
    report_json_set_text(report, "database", summary->database);
    report_json_set_text(report, "host", summary->host);
    report_json_set_text(report, "server_version", summary->server_version);
    report_json_set_text(report, "mode", summary->is_staging ? "staging" : "direct");
    report_json_set_text(report, "snapshot_time", summary->snapshot_time);
    json_object_set_new(report, "seconds", json_real(summary->seconds));
    if (summary->is_written)
        set_count(report, "dump_bytes", summary->dump_bytes);
    json_object_set_new(report, "passes", json_integer(summary->closure.n_passes));
    if (sample->plan->order == PICK_RANDOM)
    {
        /* as text: JSON numbers do not hold 64 bits everywhere */
        char seed[32];

        snprintf(seed, sizeof(seed), "%" PRIu64, sample->plan->seed);
        report_json_set_text(report, "seed", seed);
    }
    set_count(report, "references_proved", proof->n_references);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (is_reported(sample, i))
            json_array_append_new(tables, make_sampled_table(sample, summary, i));
    }
    for (int i = 0; i < catalog->n_foreign_keys; i++)
        json_array_append_new(keys, make_foreign_key(sample, proof, i));
    json_object_set_new(report, "tables", tables);
    json_object_set_new(report, "foreign_keys", keys);
    json_object_set_new(report, "references", make_references(sample));
    json_object_set_new(report, "lost", make_skipped(sample->plan));
    if (summary->masking != NULL)
        json_object_set_new(report, "masks",
                            report_masks_make(sample->plan, summary->masking));
    if (summary->fks != NULL)
        add_fks(report, sample, summary->fks);
    return report;
}

void
report_write(Sink *sink, const Sample *sample, const Proof *proof,
             const ReportSummary *summary)
{
    json_t *report = make_report(sample, proof, summary);
    char *json = json_dumps(report, JSON_INDENT(2));
    char *text;

    if (json == NULL)
        die_message(EXIT_OUTPUT, "could not format the report");
    text = display_escape_json(json);
    sink_write_string(sink, text);
    sink_write_string(sink, "\n");
    free(text);
    free(json);
    json_decref(report);
}
