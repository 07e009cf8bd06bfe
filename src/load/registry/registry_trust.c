#include "load/registry/registry_internal.h"

SchemaTrust
registry_trust(Db *db, const char *schema_name, const char *tables, const char *table,
               Diag *diag)
{
    const TrustQuestion question = {.schema = schema_name,
                                    .tables = tables,
                                    .table = table,
                                    .option = "--schema-name"};

    return trust_ask(db, &question, NULL, diag);
}

bool
registry_trust_table(const LoadBatch *batch, const char *name, Diag *diag)
{
    return registry_trust(batch->db, batch->settings->schema_name, "{}", name, diag) !=
           TRUST_FOREIGN;
}
