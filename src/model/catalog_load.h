/* Reading the catalog from the server: the one part of the model that does I/O. */
#ifndef MODEL_CATALOG_LOAD_H
#define MODEL_CATALOG_LOAD_H

#include "db/answers.h"
#include "model/catalog.h"

/*
 * Reads it all, from the server in the transaction that is open on the connection;
 * search_path must be empty there. original_search_path is the user's own. Ends the
 * program on errors.
 */
Catalog *catalog_load(Answers *answers, const char *original_search_path);

/* ---- catalog_keys.c */

/* After relations and columns. */
void catalog_keys_load(Catalog *catalog, Answers *answers);

/* After relations, columns and partitions. */
void catalog_keys_load_foreign(Catalog *catalog, Answers *answers);

/* ---- catalog_partitions.c */

/* After relations. */
void catalog_partitions_load(Catalog *catalog, Answers *answers);

/* ---- catalog_obstacles.c */

/* Reads obstacles and CHECK constraints into the catalog, in its arena. */
void catalog_obstacles_load(Catalog *catalog, Answers *answers);

#endif
