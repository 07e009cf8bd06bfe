/*
 * The options about slices, parsed: where they begin, how far down they go, and what
 * filters them.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_SUBSET_H
#define MODEL_SUBSET_H

#include "base/arena.h"
#include "base/stringlist.h"
#include "model/children.h"
#include "model/root_file.h"
#include "model/root_rule.h"
#include "model/where_column.h"

typedef struct SubsetTexts
{
    const StringList *roots;
    const StringList *root_files;
    const StringList *children;
    const StringList *where_columns;
} SubsetTexts;

typedef struct Subset
{
    RootRule *roots; /* in the arena, as all of it but children */
    size_t n_roots;
    RootFile *files;
    size_t n_files;
    WhereColumn *filters;
    size_t n_filters;
    ChildrenRules children; /* released by subset_free() */
    int depth;              /* generations of children, or SUBSET_ANY_DEPTH */
    bool warns_of_missing;  /* a key that is not there is no error */
    int64_t lookup_rows;    /* tables of so many rows at most are taken whole; 0: none */
} Subset;

#define SUBSET_ANY_DEPTH (-1)

/* False, with what and where in diag, when a text is malformed. */
bool subset_parse(Subset *subset, Arena *arena, const SubsetTexts *texts, Diag *diag)
    __attribute__((warn_unused_result));

/* Are there roots, so that tables have no rows picked unless a rule names them? */
bool subset_has_roots(const Subset *subset);

void subset_free(Subset *subset);

#endif
