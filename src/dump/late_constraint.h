/*
 * A constraint that is left out of what pg_dump writes, and that the dump adds after the
 * rows: one of exclusions.h or late_checks.h.
 */
#ifndef DUMP_LATE_CONSTRAINT_H
#define DUMP_LATE_CONSTRAINT_H

#include "base/strbuf.h"
#include "db/row.h"
#include "dump/sink.h"
#include "model/catalog.h"

/* The texts are the query result's. */
typedef struct LateConstraint
{
    CatalogOid oid;
    CatalogOid owner_class; /* the catalog of its table or domain */
    CatalogOid owner;
    const char *owner_kind; /* TABLE or DOMAIN */
    const char *owner_qname;
    const char *qname;
    const char *definition;
    const char *comment; /* or NULL */
} LateConstraint;

/* Reads these columns, which are the first of the row. */
LateConstraint late_constraint_read(RowReader *row);

/* Appends COMMENT ON CONSTRAINT; owner: of a domain, with DOMAIN before its name. */
void late_constraint_append_comment(PQExpBuffer sql, const char *qname, const char *owner,
                                    const char *comment);

/* Writes ALTER ... ADD CONSTRAINT, with the suffix, and the comment. */
void late_constraint_write(Sink *sink, const LateConstraint *constraint,
                           const char *suffix);

#endif
