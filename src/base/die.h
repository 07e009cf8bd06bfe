/*
 * The only way out of the program on an error: one message and a documented exit status,
 * unless code that expects the error takes it (base/recovery.h).
 */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#include "base/diag.h"
#include "base/exitcode.h"

/* Keeps some memory for a program that runs out of it, so that it ends here, too. */
void die_init(void);

/*
 * Prints the diag as an error and ends the program through exit(status); but errors of
 * the server come back to an open RECOVERY_TABLE, lost connections to a RECOVERY_LOST,
 * and all of them to a RECOVERY_ANY (base/recovery.h).
 */
_Noreturn void die(ExitCode status, const Diag *diag);
/* The same for what comes back to an open RECOVERY_STAGING; else EXIT_SERVER. */
_Noreturn void die_staging(const Diag *diag);
_Noreturn void die_message(ExitCode status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void die_hint(ExitCode status, const char *hint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* With ": " and the text of errno behind the message. */
_Noreturn void die_errno(ExitCode status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
