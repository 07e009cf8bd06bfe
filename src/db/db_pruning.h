/*
 * Reads tables whose rows the server misses where it prunes partitions: some releases do
 * (src/sql/misread_tables.sql), and with enable_partition_pruning off they do not.
 *
 * Off for the whole run would make every query of every partitioned table slower, and a
 * caller that has to think of it could forget it. So it is decided for each statement
 * when it is sent (db_post()), by its text: one that names a distrusted table, quoted and
 * with its schema as all SQL of the program does, is sent behind
 *
 *     SET LOCAL enable_partition_pruning = off;
 *
 * A name that is the beginning of a longer one does not count. The cost is one search of
 * the text for each distrusted table, of which most databases have none. The user's own
 * SQL, on connections of its own, may reach a table without naming it like that, through
 * a view; it is sent so as a whole.
 *
 * Queries with parameters are left out: theirs is static SQL about catalogs.
 */
#ifndef DB_DB_PRUNING_H
#define DB_DB_PRUNING_H

/* A table's name as SQL has it, quoted and with its schema; it is copied. */
void db_pruning_distrust(const char *qname);

/* From now on every statement of the user's is sent so, whatever it names. */
void db_pruning_distrust_user(void);
/* The same for all statements. */
void db_pruning_distrust_all(void);

/* Forgets all of them. */
void db_pruning_trust_all(void);

#endif
