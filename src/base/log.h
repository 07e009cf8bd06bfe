/*
 * Messages to the user, all on standard error.
 *
 * A message has a primary line, and may have detail and hint lines below it. What is in
 * them may come from anywhere: control characters are escaped here (base/display.h), also
 * newlines in the primary line; further lines of details and hints are indented.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"

/*
 * Sets the program's name for messages, and which are written: the number of -v, or below
 * 0 only warnings and errors.
 */
void log_init(const char *program, int verbosity);
/* From now on each message is a JSON object on a line of its own. */
void log_set_json(void);
bool log_is_verbose(void);

/* Written only with -v. */
void log_verbose(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What is being done, step by step. */
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What the user did not ask for, but has to know. */
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning_hint(const char *hint, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Detail and hint may be NULL. */
void log_warning_detail(const char *detail, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An error that does not end the program here. */
void log_error(const Diag *diag);
/* An error that was printed by another process, as the last one. */
void log_set_error(const char *message);
/* The message of the last error, or NULL. */
const char *log_get_error(void);
/* The i-th warning so far, or NULL. */
const char *log_get_warning(size_t i);

/*
 * A line that replaces itself on a terminal and is not written anywhere else.
 * NULL removes it.
 */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_progress_clear(void);

#endif
