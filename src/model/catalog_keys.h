/* A part of catalog_load(): keys and foreign keys. */
#ifndef MODEL_CATALOG_KEYS_H
#define MODEL_CATALOG_KEYS_H

#include "db/answers.h"
#include "model/catalog.h"

/* After relations and columns. */
void catalog_load_keys(Catalog *catalog, Facts *facts);

/* After relations, columns and partitions. */
void catalog_load_foreign_keys(Catalog *catalog, Facts *facts);

#endif
