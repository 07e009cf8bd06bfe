/*
 * Answers of the server about the source, apart from its rows: catalogs, what objects
 * there are, values of sequences. Answers either ask the server, or replay what an
 * earlier run stored beside its sample: --resume writes the same dump again from a kept
 * sample, although the source has changed.
 *
 *     new --> record: query -> server, the answer is kept by the text of the query
 *                |       store -> table resume_facts in the staging schema
 *                |                    |
 *                v                    v store_load
 *             stop                 replay: query -> the stored answer; no server
 *
 * While answers are recorded, a query that was asked before is not asked again, so that
 * what is written now and what is written from the stored answers is the same.
 *
 * An answer is found by the text of its query, which therefore must not depend on
 * anything that can differ in the run that replays it; and that run asks nothing else.
 *
 * A PGresult belongs to the caller, who releases it with PQclear().
 */
#ifndef DB_ANSWERS_H
#define DB_ANSWERS_H

#include "db/db.h"

typedef struct Answers Answers;

/* Asks the server; to be made before the search_path of the connection is changed. */
Answers *answers_new(Db *db);

/* From now on every answer is kept. */
void answers_record(Answers *answers);

/* From now on no answer is kept, and those that were are dropped. */
void answers_stop(Answers *answers);

/* Drops the answers that were kept, since the source has changed; a replay keeps them. */
void answers_forget(Answers *answers);

/* NULL is accepted. */
void answers_free(Answers *answers);

/* Are answers kept, or replayed? Then no question may depend on options of the output. */
bool answers_are_kept(const Answers *answers);
/* Do they come from an earlier run? */
bool answers_are_replayed(const Answers *answers);

/*
 * As db_query() and so on. A replay dies with EXIT_SERVER when the answer was not stored:
 * another version of the program asked other questions.
 */
PGresult *answers_query(Answers *answers, const char *sql);
PGresult *answers_query_row(Answers *answers, const char *sql);
char *answers_query_value(Answers *answers, const char *sql);

/* As answers_query(), and the answer is kept, though others are not. */
PGresult *answers_query_once(Answers *answers, const char *sql);

/* The same over another connection to the same server. */
PGresult *answers_query_on(Answers *answers, Db *db, const char *sql);

/*
 * May fail, and then fails in the replay as well, where it has no message. In a
 * transaction it is taken back, with the locks that it took and what it set.
 */
PGresult *answers_try(Answers *answers, const char *sql);

/* As db_set_context(). */
void answers_set_context(Answers *answers, const char *context);

int answers_get_server_version(const Answers *answers);      /* as PQserverVersion() */
const char *answers_get_search_path(const Answers *answers); /* the user's own */
/*
 * The client encoding that the answers were stored in, and names in the archive of the
 * schema are in.
 */
const char *answers_get_encoding(const Answers *answers);

/*
 * Creates the table resume_facts in the schema and writes the answers into it, over any
 * connection that may; its client encoding is set to that of the answers.
 */
void answers_store(const Answers *answers, Db *db, const char *qschema);

/*
 * Reads them, and sets the connection's client encoding to the one of the run that stored
 * them.
 */
Answers *answers_store_load(Db *db, const char *qschema);

#endif
