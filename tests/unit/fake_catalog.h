/* A catalog made by hand, for tests of the pure layer. */
#ifndef TESTS_UNIT_FAKE_CATALOG_H
#define TESTS_UNIT_FAKE_CATALOG_H

#include "model/catalog.h"

/*
 * n ordinary tables t0, t1, ... in schema s, each with an integer primary key "id" and
 * integer columns "a" and "b" that may be NULL. catalog_free() releases it.
 */
Catalog *fake_catalog(int n);

/* Adds a foreign key from a column of one table to the id of another. */
ForeignKey *fake_foreign_key(Catalog *catalog, int referencing, const char *column,
                             int referenced);

/* Makes a partitioned table of one of them, with n leaves p0, p1, ... */
void fake_partitions(Catalog *catalog, int relation, int n);

#endif
