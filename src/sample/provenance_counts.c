/* What provenance (provenance.h) consists of: rows, chains and counts. */
#include "sample/provenance.h"

#include <stdlib.h>

#include "base/die.h"

ProvenanceKey *
provenance_counts_find(ProvenanceCounts *counts, int fk, bool is_down)
{
    for (size_t i = 0; i < counts->n_fks; i++)
    {
        if (counts->fks[i].fk == fk && counts->fks[i].is_down == is_down)
            return &counts->fks[i];
    }
    die_message(EXIT_INCONSISTENT, "a row came by a foreign key that brought none");
}

void
provenance_counts_free(ProvenanceCounts *counts)
{
    if (counts == NULL)
        return;
    for (size_t i = 0; i < counts->n_fks; i++)
        free(counts->fks[i].largest_key);
    for (size_t i = 0; i < counts->n_origins; i++)
        free(counts->origins[i].key);
    free(counts->fks);
    free(counts);
}
