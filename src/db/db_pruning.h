/*
 * Reading tables whose rows the server misses where it prunes partitions.
 *
 * All statements as text are sent by db_post() (db_internal.h). One that names a
 * distrusted table is sent with enable_partition_pruning off, for itself alone; so a new
 * statement cannot forget it. The user's own SQL, on connections of its own, may reach a
 * table without naming it as we do.
 *
 * Not so queries with parameters: theirs is static SQL about catalogs.
 */
#ifndef DB_DB_PRUNING_H
#define DB_DB_PRUNING_H

/* A table's name as our SQL has it, quoted and with its schema; it is copied. */
void db_pruning_distrust(const char *qname);

/* From now on every statement of the user's is sent so, whatever it names. */
void db_pruning_distrust_user(void);
/* The same for all statements. */
void db_pruning_distrust_all(void);

/* Forgets all of them. */
void db_pruning_trust_all(void);

#endif
