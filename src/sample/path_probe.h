/*
 * What depends on the search_path. Functions may call others without naming their
 * schemas; they work under the search_path of those who use them, and fail under the
 * empty one of a restore, or of reading rows here: the planner expands the expressions of
 * indexes.
 *
 * What fails cannot be seen in the catalogs, since bodies of functions are text. So it is
 * tried: for each index, generated column, constraint, trigger and materialized view that
 * uses functions the server runs a small query with its expression, read only and with a
 * time limit, under the path in question. A name that is not found there, but is under
 * the user's own path, is what is reported. Functions of other roles are not run, but
 * named.
 */
#ifndef SAMPLE_PATH_PROBE_H
#define SAMPLE_PATH_PROBE_H

#include "model/plan.h"
#include "sample/session.h"

/*
 * Warns of what will fail when a dump is restored under restore_path (NULL: the empty
 * one), and makes the session read under the user's own path where indexes need it. To be
 * called before session_begin(), outside of a transaction.
 */
void path_probe(Session *session, const Plan *plan, const char *restore_path);

/* Ends the program with EXIT_USAGE if the server does not accept the path. */
void path_probe_check(Session *session, const char *path);

#endif
