/*
 * What masks ask the server: lower() of citext, constraints over masked rows, expressions
 * of masks. It is about values that are sent along, and not about rows of the source, so
 * it goes over connections of its own, which are made when they are needed: READ ONLY,
 * outside of the run's snapshot, so that a sample that was staged is masked alike.
 */
#ifndef SAMPLE_MASKED_MASK_SERVER_H
#define SAMPLE_MASKED_MASK_SERVER_H

#include "model/mask_plan.h"
#include "model/query_masked.h"
#include "sample/session.h"

typedef struct MaskServer MaskServer;

MaskServer *mask_server_new(Session *session);
void mask_server_free(MaskServer *server);

/* The encoding of values. */
const CopyEncoding *mask_server_get_encoding(const MaskServer *server);

/* Its number, as libpq has it. */
int mask_server_get_encoding_number(const MaskServer *server);

/* The connection for own SQL, and for constraints. */
Db *mask_server_get_db(MaskServer *server);
/* The one for SQL of rules, under the user's search_path. */
Db *mask_server_get_user_db(MaskServer *server);

/*
 * Of a column whose rule is sql(EXPRESSION): a row with what the expression makes of each
 * of the rows.
 */
PGresult *mask_server_compute(MaskServer *server, const MaskColumn *column,
                              const QueryRows *rows);

/*
 * Ends the program, as that would, when such an expression is none for its table, or not
 * of the column's type: it is computed for no row. Layouts by relation.
 */
void mask_server_try_expressions(Session *session, const MaskPlan *plan,
                                 const RowLayout *layouts);

/* Replaces the values by lower() of them, copied into the arena. */
void mask_server_lower(MaskServer *server, MaskValue **values, size_t n, Arena *arena);

#endif
