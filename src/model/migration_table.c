#include "model/migration_table.h"

#include <string.h>

typedef struct KnownTable
{
    const char *name;
    const char *column;
    const char *other; /* another column, or NULL */
} KnownTable;

static const KnownTable known_tables[] = {
    {"SequelizeMeta", "name", NULL},
    {"__EFMigrationsHistory", "MigrationId", "ProductVersion"},
    {"__diesel_schema_migrations", "version", NULL},
    {"__drizzle_migrations", "hash", "created_at"},
    {"__ef_migrations_history", "migration_id", "product_version"},
    {"_prisma_migrations", "migration_name", "checksum"},
    {"_sqlx_migrations", "version", "checksum"},
    {"_yoyo_log", "migration_hash", NULL},
    {"_yoyo_migration", "migration_hash", NULL},
    {"_yoyo_version", "version", NULL},
    {"alembic_version", "version_num", NULL},
    {"ar_internal_metadata", "key", "value"},
    {"atlas_schema_revisions", "version", "applied"},
    {"databasechangelog", "filename", "author"},
    {"databasechangeloglock", "locked", "lockgranted"},
    {"django_migrations", "app", "applied"},
    {"doctrine_migration_versions", "version", NULL},
    {"flyway_schema_history", "installed_rank", "script"},
    {"goose_db_version", "version_id", "is_applied"},
    {"gorp_migrations", "id", "applied_at"},
    {"knex_migrations", "name", "migration_time"},
    {"knex_migrations_lock", "is_locked", NULL},
    {"kysely_migration", "name", "timestamp"},
    {"kysely_migration_lock", "is_locked", NULL},
    {"migrations", "migration", "batch"}, /* Laravel */
    {"migrations", "name", "run_on"},     /* db-migrate */
    {"migrations", "timestamp", "name"},  /* TypeORM */
    {"mikro_orm_migrations", "name", "executed_at"},
    {"pgmigrations", "name", "run_on"},
    {"phinxlog", "version", "migration_name"},
    {"play_evolutions", "hash", "apply_script"},
    {"refinery_schema_history", "version", "checksum"},
    {"schema_migration", "version", NULL},
    {"schema_migrations", "version", NULL}, /* Rails, Ecto, golang-migrate, dbmate */
    {"schema_version", "installed_rank", "script"},
};

static bool
has_column(const Relation *relation, const char *name)
{
    return name == NULL || catalog_find_column(relation, name) >= 0;
}

bool
migration_table_is(const Relation *relation)
{
    for (size_t i = 0; i < sizeof(known_tables) / sizeof(known_tables[0]); i++)
    {
        const KnownTable *known = &known_tables[i];

        if (strcmp(relation->name, known->name) == 0 &&
            has_column(relation, known->column) && has_column(relation, known->other))
            return true;
    }
    return false;
}

const Rule *
migration_table_rule(const Relation *relation, const Rule *matching)
{
    static const Rule whole = {.pattern = {.text = "migration tables",
                                           .name = "migration tables"},
                               .kind = RULE_ALL,
                               .text = "migration tables = *"};

    if (!migration_table_is(relation) || strcmp(matching->pattern.name, "*") != 0)
        return NULL;
    return &whole;
}
