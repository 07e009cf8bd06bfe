/* A part of catalog_load(): partitions, and the order in which scans read them. */
#ifndef MODEL_CATALOG_PARTITIONS_H
#define MODEL_CATALOG_PARTITIONS_H

#include "db/answers.h"
#include "model/catalog.h"

/* After relations. */
void catalog_partitions_load(Catalog *catalog, Answers *answers);

#endif
