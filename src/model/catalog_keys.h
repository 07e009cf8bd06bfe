/* A part of catalog_load(): keys and foreign keys. */
#ifndef MODEL_CATALOG_KEYS_H
#define MODEL_CATALOG_KEYS_H

#include "db/answers.h"
#include "model/catalog.h"

/* After relations and columns. */
void catalog_keys_load(Catalog *catalog, Answers *answers);

/* After relations, columns and partitions. */
void catalog_keys_load_foreign(Catalog *catalog, Answers *answers);

#endif
