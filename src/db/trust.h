/*
 * Whether a schema with the name of a staging schema can be used as one. Any role with
 * CREATE on the database can make it first, and put a view, a trigger or a default into
 * it that runs code with the privileges of the role that uses it. So only what the
 * session's own role owns is read, written or dropped, and only ordinary tables without
 * code.
 *
 *     schema missing                                    TRUST_MISSING: it can be created
 *     of another role; or others can change new tables
 *     in it; or a table of another role, or with code   TRUST_FOREIGN, with the reason
 *     else                                              TRUST_OWN
 *
 * One query (src/sql/schema_trust.sql), asked before the schema is used first. It need
 * not be repeated: no other role can replace what the role owns.
 */
#ifndef DB_TRUST_H
#define DB_TRUST_H

#include "base/diag.h"
#include "db/db.h"

typedef struct TrustQuestion
{
    const char *schema; /* raw name */
    const char *tables; /* that are used in it, an array literal: "{run,reject}" */
    const char *table;  /* another one, a raw name, or NULL */
    bool has_rows;      /* all other tables in it are used as well */
    bool is_to_drop;    /* the schema is, with all that is in it */
    const char *option; /* that names another schema, for the hint */
} TrustQuestion;

typedef enum SchemaTrust
{
    TRUST_MISSING, /* there is no such schema */
    TRUST_OWN,     /* what there is of these tables may be used */
    TRUST_FOREIGN  /* nothing in it may be touched */
} SchemaTrust;

/*
 * Asks the server; dies if it does not answer. The diag has the reason if it is
 * TRUST_FOREIGN. *comment, unless NULL, becomes the schema's comment ("" for none), owned
 * by the caller, or NULL if it is missing.
 */
SchemaTrust trust_ask(Db *db, const TrustQuestion *question, char **comment, Diag *diag)
    __attribute__((warn_unused_result));

#endif
