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

void proof_run(Proof *proof, Sample *sample, Session *session);
void proof_free(Proof *proof);

/* The rest is for proofs of either mode. */

/* Ends the program: a row refers to the key, which is in a table without data. */
_Noreturn void proof_die_excluded(const Sample *sample, const ForeignKey *key,
                                  const char *value, size_t length);
/* Ends the program: a row refers to the key, which the source has but not the sample. */
_Noreturn void proof_die_inconsistent(const Sample *sample, const ForeignKey *key,
                                      const char *value, size_t length);
/*
 * Counts the foreign keys that the source itself, or a lost table, breaks; warns of each.
 */
void proof_report_broken(Proof *proof, const Catalog *catalog, const Session *session);

#endif
