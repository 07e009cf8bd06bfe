/*
 * Functions may call others without naming their schemas. They work under the
 * search_path of those who use them, and fail under the empty one of a restore, or of our
 * reading: the planner expands what indexes are made of.
 *
 * What is found to fail is found by trying it on the source, read only, with a few rows.
 */
#ifndef SAMPLE_PATH_PROBE_H
#define SAMPLE_PATH_PROBE_H

#include "model/plan.h"
#include "sample/session.h"

/*
 * Warns of what will fail when a dump is restored under restore_path (NULL: the empty
 * one), and has the session read under the user's own path where it must. To be called
 * before session_begin(), outside of a transaction.
 */
void path_probe(Session *session, const Plan *plan, const char *restore_path);

/* Ends the program with EXIT_USAGE if the server does not take the path. */
void path_probe_check(Session *session, const char *path);

#endif
