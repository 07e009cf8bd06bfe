/* What keeps columns from becoming NULL: only needed where foreign keys are ignored. */
#ifndef MODEL_CATALOG_OBSTACLES_H
#define MODEL_CATALOG_OBSTACLES_H

#include "db/answers.h"
#include "model/catalog.h"

/* Reads obstacles and CHECK constraints into the catalog, in its arena. */
void catalog_obstacles_load(Catalog *catalog, Answers *answers);

#endif
