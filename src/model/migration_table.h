/*
 * Tables in which migration tools keep what they have done. A sample without their rows
 * is of no use to the application, which would run all migrations again; so they are
 * taken whole unless a rule names them.
 *
 * They are known by their names, in any schema, and by columns, since others may have
 * tables called "migrations", too.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_MIGRATION_TABLE_H
#define MODEL_MIGRATION_TABLE_H

#include "model/catalog.h"
#include "model/rules.h"

/* Is it a table of a migration tool's? */
bool migration_table_is(const Relation *relation);

/* The rule that takes such a table whole, or NULL: the rule that matches it names it. */
const Rule *migration_table_rule(const Relation *relation, const Rule *matching);

#endif
