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

/* Adds a pair of integer columns to the key. */
void fake_add_key_column(Catalog *catalog, ForeignKey *key, const char *referencing,
                         const char *referenced);

/* Declares references: ".a" of each of the pairs refers to the id of the other. */
void fake_references(Catalog *catalog, const int (*pairs)[2], int n);

/* Gives a table another raw name; its qname stays. */
void fake_rename(Catalog *catalog, int relation, const char *schema, const char *name);

/* Makes a partitioned table of one of them, with n leaves p0, p1, ... */
void fake_partitions(Catalog *catalog, int relation, int n);

#endif
