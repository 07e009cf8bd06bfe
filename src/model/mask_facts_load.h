/* Asking the server for the facts of masks. */
#ifndef MODEL_MASK_FACTS_LOAD_H
#define MODEL_MASK_FACTS_LOAD_H

#include "db/answers.h"
#include "model/mask_facts.h"

/* In the catalog's arena. */
MaskFacts *mask_facts_load(const Catalog *catalog, Answers *answers,
                           const CopyEncoding *encoding);

/* ---- mask_facts_rows.c: of indexes, checks and generated columns */

void mask_facts_rows_load(MaskFacts *facts, const Catalog *catalog, Answers *answers);

#endif
