/*
 * Answers of the server about the source, apart from its rows: catalogs, what objects
 * there are, values of sequences. Facts either ask the server, or replay the answers that
 * an earlier run stored beside its sample: a dump can be written again from a kept sample
 * although the source has gone on.
 *
 * While Facts record, a query that was asked already is not asked again: what is written
 * now and what is written from the stored answers is the same.
 *
 * Questions are known by their text. So a query that goes through here must not depend on
 * anything that may differ in the run that replays it, and that run asks nothing else.
 *
 * A PGresult belongs to the caller, who releases it with PQclear().
 */
#ifndef DB_ANSWERS_H
#define DB_ANSWERS_H

#include "db/db.h"

typedef struct Facts Facts;

/* Asks the server; to be made before the search_path of the connection is changed. */
Facts *facts_new(Db *db);

/* From now on every answer is kept. */
void facts_record(Facts *facts);

/* From now on no answer is kept, and those that were are dropped. */
void facts_stop(Facts *facts);

/* Drops the answers that were kept, since the source has changed; a replay keeps them. */
void facts_forget(Facts *facts);

/* NULL is accepted. */
void facts_free(Facts *facts);

/* Are answers kept, or replayed? Then no question may depend on options of the output. */
bool facts_are_kept(const Facts *facts);
/* Do they come from an earlier run? */
bool facts_are_replayed(const Facts *facts);

/*
 * As db_query() and so on. A replay dies with EXIT_SERVER when the answer was not stored:
 * another version of the program asked other questions.
 */
PGresult *facts_query(Facts *facts, const char *sql);
PGresult *facts_query_row(Facts *facts, const char *sql);
char *facts_query_value(Facts *facts, const char *sql);

/* The same over another connection to the same server. */
PGresult *facts_query_on(Facts *facts, Db *db, const char *sql);

/* May fail, and then fails in the replay as well, where it has no message. */
PGresult *facts_try(Facts *facts, const char *sql);

/* Savepoints and the like; a replay leaves them out. */
void facts_execute(Facts *facts, const char *sql);

/* As db_set_context(). */
void facts_set_context(Facts *facts, const char *context);

int facts_get_server_version(const Facts *facts);      /* as PQserverVersion() */
const char *facts_get_search_path(const Facts *facts); /* the user's own */
/*
 * The client encoding that the answers were stored in, and names in the archive of the
 * schema are in.
 */
const char *facts_get_encoding(const Facts *facts);

/*
 * Creates the table resume_facts in the schema and writes the answers into it, over any
 * connection that may; its client encoding is set to that of the answers.
 */
void facts_store(const Facts *facts, Db *db, const char *qschema);

/*
 * Reads them, and sets the connection's client encoding to the one of the run that stored
 * them.
 */
Facts *facts_load(Db *db, const char *qschema);

#endif
