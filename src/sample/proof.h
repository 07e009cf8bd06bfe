/*
 * The proof that the sample is consistent, made before anything is written: each foreign
 * key of each row that will be in the dump finds its row among those that will be in the
 * dump. Closing the sample should have seen to that; the proof does not rely on it, and
 * finds all keys in the rows again.
 *
 * A row that is not found must be missing in the source as well, because the foreign key
 * is NOT VALID or was bypassed; the source is asked, by key. If it has the row, the
 * program ends with EXIT_INCONSISTENT. If not, the foreign key counts as broken: its rows
 * stay, with a warning, and the dump writes it NOT VALID.
 *
 * Example: orders (id 1, customer 7), and the sample has no customer 7. If the source has
 * one, pg-sample is wrong; if not, the source breaks the foreign key.
 *
 * The proofs are direct_proof_run() and staging_proof_run(); what they share is here.
 */
#ifndef SAMPLE_PROOF_H
#define SAMPLE_PROOF_H

#include "sample/sample.h"
#include "sample/session.h"

typedef struct ProvenKey
{
    size_t n_references; /* by rows of the sample */
    size_t n_dangling;   /* that have no row in the source either */
    size_t n_skipped;    /* that refer to a skipped table (skipped.h) */
    size_t n_set_null;   /* of an ignored key: that become NULL */
    char *example;       /* one such key, as COPY writes it; owned by the proof */
} ProvenKey;

typedef struct Proof
{
    ProvenKey *keys; /* by foreign key of the catalog */
    int n_keys;
    size_t n_references;
    size_t n_skipped; /* references to skipped tables */
    int n_broken;     /* foreign keys with dangling references */
} Proof;

void proof_free(Proof *proof);

/* ---- for the proofs of both modes */

typedef struct Proving
{
    Proof *proof;
    Sample *sample;
    Session *session; /* to ask the source, or NULL: the source is not asked */
} Proving;

/* Nothing is proved yet. */
Proving proof_begin(Proof *proof, Sample *sample, Session *session);

ProvenKey *proof_get_key(const Proving *proving, const ForeignKey *key);

/* The example of a key that MATCH FULL forbids, unless there is another. */
void proof_note_partial(ProvenKey *proven);

/*
 * Asks the source for the keys, which no row of the sample has. Ends the program if it
 * has one of them, with the foreign key's example, which is there already.
 */
void proof_check_absent(const Proving *proving, const GraphKey *fk, const KeyBatch *keys);

/* Ends the program: a row refers to the key, which is in a table without data. */
_Noreturn void proof_die_excluded(const Sample *sample, const ForeignKey *key,
                                  const char *value, size_t length);
/* Ends the program: a row refers to the key, which the source has but not the sample. */
_Noreturn void proof_die_inconsistent(const Sample *sample, const ForeignKey *key,
                                      const char *value, size_t length);
/*
 * Counts the foreign keys that the source itself breaks, and references to skipped
 * tables; warns of each.
 */
void proof_report(Proof *proof, const Plan *plan, const Session *session);

/* ---- direct_proof.c */

void direct_proof_run(Proof *proof, Sample *sample, Session *session);

#endif
