/* A part of catalog_load(): partitions, and the order in which scans read them. */
#ifndef MODEL_CATALOG_PARTITIONS_H
#define MODEL_CATALOG_PARTITIONS_H

#include "db/answers.h"
#include "model/catalog.h"

/* After relations. */
void catalog_load_partitions(Catalog *catalog, Facts *facts);

#endif
