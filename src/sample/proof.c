#include "sample/proof.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/query.h"
#include "sample/direct/set_null.h"
#include "sample/fetch.h"

typedef struct Proving
{
    Proof *proof;
    Sample *sample;
    Session *session;
    KeySet **dangling; /* by edge: keys that no row of the sample has */
} Proving;

_Noreturn void
proof_die_excluded(const Sample *sample, const ForeignKey *key, const char *value,
                   size_t length)
{
    const Catalog *catalog = sample->plan->catalog;
    const Relation *referenced = &catalog->relations[key->referenced];
    const Relation *referencing = &catalog->relations[key->referencing];
    Diag diag = {0};

    diag_set_message(&diag,
                     "the data of table %s is excluded, but sampled rows refer to it",
                     referenced->qname);
    diag_set_detail(&diag, "Foreign key %s of table %s refers to the key (%.*s).",
                    key->qname, referencing->qname, (int)length, value);
    diag_set_hint(&diag,
                  "--limit='%s = 0' instead of --exclude-table-data keeps the rows that "
                  "are needed and no others; --limit='%s = 0' leaves out the rows that "
                  "refer to it, and --ignore-fk='%s' the references.",
                  referenced->qname, referencing->qname, key->qname);
    die(EXIT_USAGE, &diag);
}

_Noreturn void
proof_die_inconsistent(const Sample *sample, const ForeignKey *key, const char *value,
                       size_t length)
{
    const Catalog *catalog = sample->plan->catalog;
    Diag diag = {0};

    diag_set_message(&diag, "the sample is not consistent; nothing was written");
    diag_set_detail(&diag,
                    "A row of %s refers by foreign key %s to the key (%.*s) of %s, which "
                    "exists in the source but not in the sample.",
                    catalog->relations[key->referencing].qname, key->qname, (int)length,
                    value, catalog->relations[key->referenced].qname);
    diag_set_hint(&diag,
                  "This is an error in pg-sample; please report it with the schema "
                  "of both tables.");
    die(EXIT_INCONSISTENT, &diag);
}

static ProvenKey *
get_proven(const Proving *proving, const ForeignKey *key)
{
    return &proving->proof->keys[key->number];
}

/* A reference to a row that the sample does not have. */
static void
note_missing(Proving *proving, int position, const char *value, size_t length)
{
    const GraphKey *fk = &proving->sample->graph->fks[position];
    const ForeignKey *key = fk->foreign_key;
    ProvenKey *proven = get_proven(proving, key);

    if (proving->sample->plan->tables[key->referenced].is_skipped)
    {
        proven->n_skipped++;
        return;
    }
    if (proving->sample->plan->tables[key->referenced].is_data_excluded)
        proof_die_excluded(proving->sample, key, value, length);
    if (proven->n_dangling++ == 0)
        proven->example = mem_format("%.*s", (int)length, value);
    if (fk->referenced_key < 0)
        return;
    if (proving->dangling[position] == NULL)
        proving->dangling[position] = keyset_new();
    keyset_add(proving->dangling[position], value, length, KEY_WANTED, NULL);
}

static bool
has_referenced_row(const Proving *proving, const GraphKey *fk,
                   const CopyField *referenced_ids, const char *key, size_t length)
{
    const Sample *sample = proving->sample;
    int referenced = fk->foreign_key->referenced;
    CopyField rest;
    RowId id;

    if (fk->referenced_key >= 0)
    {
        const KeySet *keys = sample->keys[fk->referenced_key].keys;
        size_t index = keyset_find(keys, key, length);

        return index != KEYSET_NONE && (keyset_get_flags(keys, index) & KEY_HAVE) != 0;
    }
    rest = *referenced_ids;
    while (sample_next_referenced_id(&sample->plan->catalog->relations[referenced], &rest,
                                     &id))
    {
        if (rowstore_contains(sample->tables[referenced].rows, id))
            continue;
        /* the server has just found it, so it is in the source */
        if (!sample->plan->tables[referenced].is_data_excluded)
            proof_die_inconsistent(sample, fk->foreign_key, key, length);
        return false;
    }
    return sample_has_all_referenced(referenced_ids);
}

static void
prove_reference(Proving *proving, const RowLayout *layout, int outgoing, RowId id)
{
    Sample *sample = proving->sample;
    int position = sample->graph->outgoing[layout->position].items[outgoing];
    const GraphKey *fk = &sample->graph->fks[position];
    const ForeignKey *key = fk->foreign_key;
    const CopyField *referenced_ids = NULL;
    int leaf = rowid_leaf(id);
    const char *text = "";
    size_t length = 0;
    KeyState state;

    if (leaf < fk->first_leaf || leaf >= fk->first_leaf + fk->n_leaves)
        return;
    state =
        sample_get_key(layout, sample->fields, key->referencing_columns, key->n_columns,
                       key->is_match_full, &sample->key_buffer, &text, &length);
    if (state == KEY_NOTHING)
        return;
    get_proven(proving, key)->n_references++;
    proving->proof->n_references++;
    if (fk->referenced_key < 0)
        referenced_ids = &sample->fields[layout->field_of_key[outgoing]];
    if (state == KEY_PARTIAL)
    {
        /* MATCH FULL forbids it, so there is nothing to look for */
        ProvenKey *proven = get_proven(proving, key);

        if (proven->n_dangling++ == 0)
            proven->example = mem_copy_string("some columns are NULL, which MATCH FULL "
                                              "forbids");
        return;
    }
    if (!has_referenced_row(proving, fk, referenced_ids, text, length))
        note_missing(proving, position, text, length);
}

static void
count_ignored(Proving *proving, const RowLayout *layout, int place, RowId id)
{
    Sample *sample = proving->sample;
    int position = sample->graph->ignored_of[layout->position].items[place];
    ProvenKey *proven = get_proven(proving, sample->graph->ignored[position].foreign_key);
    SetNullState state = set_null_find(sample, layout, sample->fields, id, place);

    proven->n_references += state != SET_NULL_NO_REFERENCE ? 1 : 0;
    proven->n_set_null += state == SET_NULL_MISSING ? 1 : 0;
}

static void
prove_relation(Proving *proving, int relation)
{
    Sample *sample = proving->sample;
    const RowLayout *layout = &sample->layouts[relation];
    const IntList *outgoing = &sample->graph->outgoing[relation];
    const IntList *ignored = &sample->graph->ignored_of[relation];
    const RowStore *rows = sample->tables[relation].rows;

    if (outgoing->n_items == 0 && ignored->n_items == 0)
        return;
    for (size_t i = 0; i < rowstore_count(rows); i++)
    {
        size_t length;
        const char *line = rowstore_get(rows, i, &length);
        RowId id;

        sample_split_line(layout, line, length, sample->fields);
        id = sample_get_row_id(layout, sample->fields);
        for (int j = 0; j < outgoing->n_items; j++)
            prove_reference(proving, layout, j, id);
        for (int j = 0; j < ignored->n_items; j++)
            count_ignored(proving, layout, j, id);
    }
}

/* Dies if the source has a row for one of the keys. */
static void
check_absent(Proving *proving, int position)
{
    const GraphKey *fk = &proving->sample->graph->fks[position];
    const ReferencedKey *key =
        &proving->sample->graph->referenced_keys[fk->referenced_key];
    const RowLayout *layout = &proving->sample->layouts[key->relation];
    Db *db = session_get_reader(proving->session, layout->relation);
    const KeySet *keys = proving->dangling[position];
    size_t n = keyset_count(keys);
    size_t *indexes = mem_alloc(n * sizeof(*indexes));
    PQExpBufferData sql;

    for (size_t i = 0; i < n; i++)
        indexes[i] = i;
    initPQExpBuffer(&sql);
    for (size_t i = 0; i < n; i += FETCH_MAX_KEYS)
    {
        size_t batch = n - i < FETCH_MAX_KEYS ? n - i : FETCH_MAX_KEYS;
        char *found;

        resetPQExpBuffer(&sql);
        query_fetch_count_keys(&sql, proving->sample->graph, layout, key, keys,
                               indexes + i, batch, &proving->session->encoding);
        found = db_query_value(db, sql.data);
        if (found[0] != '0')
        {
            const ProvenKey *proven = get_proven(proving, fk->foreign_key);

            proof_die_inconsistent(proving->sample, fk->foreign_key, proven->example,
                                   strlen(proven->example));
        }
        free(found);
    }
    termPQExpBuffer(&sql);
    free(indexes);
}

static void
warn_broken(const Session *session, const Catalog *catalog, const ForeignKey *key,
            const ProvenKey *proven)
{
    log_warning("%s foreign key %s of table %s: %zu of %zu sampled reference%s %s no row "
                "in %s, for example (%s)",
                session->enable_row_security
                    ? "the source, as far as row security shows it, breaks"
                    : "the source itself breaks",
                key->qname, catalog->relations[key->referencing].qname,
                proven->n_dangling, proven->n_references, plural(proven->n_references),
                plural_choose(proven->n_dangling, "has", "have"),
                catalog->relations[key->referenced].qname, proven->example);
}

static void
report_lost(const Catalog *catalog, const ForeignKey *key, const ProvenKey *proven)
{
    log_warning("%zu of %zu sampled reference%s of foreign key %s of table %s %s to "
                "table %s, which is missing",
                proven->n_skipped, proven->n_references, plural(proven->n_references),
                key->qname, catalog->relations[key->referencing].qname,
                plural_choose(proven->n_skipped, "leads", "lead"),
                catalog->relations[key->referenced].qname);
}

void
proof_run(Proof *proof, Sample *sample, Session *session)
{
    const Catalog *catalog = sample->plan->catalog;
    size_t n_fks = (size_t)sample->graph->n_fks;
    Proving proving = {.proof = proof, .sample = sample, .session = session};

    *proof = (Proof){.n_keys = catalog->n_foreign_keys};
    proof->keys = mem_alloc_zero((size_t)catalog->n_foreign_keys, sizeof(ProvenKey));
    proving.dangling = mem_alloc_zero(n_fks, sizeof(KeySet *));
    for (int i = 0; i < catalog->n_relations; i++)
        prove_relation(&proving, i);
    for (size_t i = 0; i < n_fks; i++)
    {
        if (proving.dangling[i] != NULL)
            check_absent(&proving, (int)i);
        keyset_free(proving.dangling[i]);
    }
    free(proving.dangling);
    proof_report_broken(proof, catalog, session);
}

void
proof_report_broken(Proof *proof, const Catalog *catalog, const Session *session)
{
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        if (proof->keys[i].n_skipped > 0)
            report_lost(catalog, &catalog->foreign_keys[i], &proof->keys[i]);
        proof->n_skipped += proof->keys[i].n_skipped;
        if (proof->keys[i].n_dangling == 0)
            continue;
        proof->n_broken++;
        warn_broken(session, catalog, &catalog->foreign_keys[i], &proof->keys[i]);
    }
}

void
proof_free(Proof *proof)
{
    for (int i = 0; i < proof->n_keys; i++)
        free(proof->keys[i].example);
    free(proof->keys);
    *proof = (Proof){0};
}
