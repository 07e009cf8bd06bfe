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

#endif
