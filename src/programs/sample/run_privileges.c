#include <stdlib.h>

#include "base/die.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "programs/sample/run_internal.h"
#include "sample/skipped.h"

/* Is the table required because of the foreign key? */
static bool
brings(const ForeignKey *key, const bool *is_wanted, int relation)
{
    return key->referenced == relation && key->referencing != relation && !key->is_cut &&
           is_wanted[key->referencing];
}

/* "; INTRODUCTION --OPTION='NAME' ..." for these foreign keys, or nothing. */
static void
append_choice(PQExpBuffer hint, const Catalog *catalog, const bool *is_wanted,
              int relation, const char *introduction, bool is_table)
{
    const char *last = NULL;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];
        const char *name =
            is_table ? catalog->relations[key->referencing].qname : key->qname;

        /* the foreign keys of a table are adjacent */
        if (!brings(key, is_wanted, relation) || name == last)
            continue;
        appendPQExpBuffer(hint, "%s --%s='%s'", last == NULL ? introduction : "",
                          is_table ? "exclude-table" : "ignore-fk", name);
        last = name;
    }
}

static const ForeignKey *
find_bringing(const Catalog *catalog, const bool *is_wanted, int relation)
{
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        if (brings(&catalog->foreign_keys[i], is_wanted, relation))
            return &catalog->foreign_keys[i];
    }
    return NULL;
}

static _Noreturn void
die_unreadable(const Run *run, const bool *is_wanted, int relation)
{
    const Catalog *catalog = run->catalog;
    const Relation *table = &catalog->relations[relation];
    const ForeignKey *key = find_bringing(catalog, is_wanted, relation);
    bool is_selected = run->plan.tables[relation].is_selected;
    PQExpBufferData hint;
    Diag diag = {0};

    diag_set_message(&diag, "permission denied for table %s, which %s", table->qname,
                     is_selected ? "is selected" : "is required by selected tables");
    if (key != NULL)
        diag_set_detail(&diag, "Foreign key %s of table %s references it.", key->qname,
                        key->referencing_qname);
    initPQExpBuffer(&hint);
    appendPQExpBufferStr(&hint, "Grant USAGE on its schema, and SELECT on the table and "
                                "its partitions");
    if (is_selected)
        appendPQExpBuffer(&hint, "; or leave it out with --exclude-table='%s'",
                          table->qname);
    append_choice(&hint, catalog, is_wanted, relation,
                  "; or ignore the foreign keys that reference it with", false);
    append_choice(&hint, catalog, is_wanted, relation,
                  "; or leave out the tables that reference it with", true);
    appendPQExpBufferStr(&hint, "; or skip it with --continue-on-error.");
    diag_set_hint(&diag, "%s", hint.data);
    termPQExpBuffer(&hint);
    die(EXIT_SERVER, &diag);
}

void
run_privileges_check(const Run *run)
{
    const Catalog *catalog = run->catalog;
    bool *is_wanted;

    if (run->options->continue_on_error)
        return;
    is_wanted = skipped_mark_dumped(&run->plan);
    for (int i = 0; i < catalog->n_relations; i++)
        is_wanted[i] = is_wanted[i] || run->plan.tables[i].is_needed;
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (is_wanted[i] && !relation->is_extension_member &&
            (!relation->is_readable ||
             (run_schema_is_needed(run) && !catalog_is_dumpable(catalog, i))))
            die_unreadable(run, is_wanted, i);
    }
    free(is_wanted);
}

void
run_privileges_report_cut(const Run *run)
{
    for (int i = 0; i < run->catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &run->catalog->foreign_keys[i];

        if (!key->is_cut || !run->plan.tables[key->referencing].is_needed)
            continue;
        log_warning("foreign key %s of table %s references table %s, which the role "
                    "cannot read: its columns keep their values, and %s",
                    key->qname, key->referencing_qname,
                    run->catalog->relations[key->referenced].qname,
                    run->options->data_only
                        ? "the database into which the dump is restored must have "
                          "that table"
                        : "the foreign key is left out");
    }
}
