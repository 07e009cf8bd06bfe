/*
 * The proof that the sample is consistent: every row that will be emitted is read again,
 * and every reference of it is looked up among the keys of the rows that will be emitted.
 *
 * What is missing must be missing in the source as well (a key that is NOT VALID, or that
 * was bypassed); the server is asked, and otherwise the program ends with
 * EXIT_INCONSISTENT.
 */
#ifndef SAMPLE_PROOF_H
#define SAMPLE_PROOF_H

#include "sample/sample.h"
#include "sample/session.h"

typedef struct ProvenKey
{
    size_t n_references; /* by rows of the sample */
    size_t n_dangling;   /* that have no row in the source either */
    size_t n_skipped;    /* that refer into a table that is lost (see lost.h) */
    size_t n_set_null;   /* of an ignored key: that become NULL */
    char *example;       /* one such key, as COPY writes it; owned by the proof */
} ProvenKey;

typedef struct Proof
{
    ProvenKey *keys; /* by foreign key of the catalog */
    int n_keys;
    size_t n_references;
    size_t n_skipped; /* references into lost tables */
    int n_broken;     /* foreign keys with dangling references */
} Proof;

void proof_free(Proof *proof);

/* ---- for the proofs of both modes */

typedef struct Proving
{
    Proof *proof;
    Sample *sample;
    Session *session; /* to ask the source with, or NULL: nothing is asked */
} Proving;

/* Nothing is proved yet. */
Proving proof_begin(Proof *proof, Sample *sample, Session *session);

ProvenKey *proof_get_key(const Proving *proving, const ForeignKey *key);

/* The example of a key that MATCH FULL forbids, unless there is another. */
void proof_note_partial(ProvenKey *proven);

/*
 * Asks the source for the keys, which no row of the sample has. Ends the program if it has
 * one of them, with the foreign key's example, which is there already.
 */
void proof_check_absent(const Proving *proving, const GraphKey *fk, const KeySet *keys,
                        const size_t *indexes, size_t n);

/* Ends the program: a row refers to the key, which is in a table without data. */
_Noreturn void proof_die_excluded(const Sample *sample, const ForeignKey *key,
                                  const char *value, size_t length);
/* Ends the program: a row refers to the key, which the source has but not the sample. */
_Noreturn void proof_die_inconsistent(const Sample *sample, const ForeignKey *key,
                                      const char *value, size_t length);
/*
 * Counts the foreign keys that the source itself, or a lost table, breaks; warns of each.
 */
void proof_report(Proof *proof, const Catalog *catalog, const Session *session);

#endif
