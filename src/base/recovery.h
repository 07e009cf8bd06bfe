/*
 * A stretch of code in which some errors do not end the program but come back to where it
 * began: what cannot be done in one way is then done in another, or left out.
 *
 *     Rescue rescue = {.kind = RECOVERY_STAGING};
 *
 *     if (RECOVERY_TRY(&rescue))
 *     {
 *         ... code that may die ...
 *         recovery_end(&rescue);
 *     }
 *     else
 *         ... rescue.diag says why; it is released by diag_free() ...
 *
 * setjmp() and longjmp(), as in the server's own PG_TRY: local variables that are changed
 * within and read afterwards must be volatile or reached through a pointer; what the code
 * had allocated and not yet handed over is lost until the program ends. Stretches nest;
 * an error goes to the innermost one of its kind.
 */
#ifndef BASE_RECOVERY_H
#define BASE_RECOVERY_H

#include <setjmp.h>
#include <stdbool.h>

#include "base/diag.h"

typedef enum RecoveryKind
{
    RECOVERY_STAGING, /* staging does not work here: die_staging() */
    RECOVERY_TABLE,   /* the source cannot be read: die...() with EXIT_SERVER */
    RECOVERY_LOST,    /* the connection is lost: die...() with EXIT_CONNECTION */
    RECOVERY_ANY      /* die...(), whatever it is */
} RecoveryKind;

typedef struct Recovery
{
    RecoveryKind kind;
    Diag diag; /* the error that came back */
    jmp_buf place;
    struct Recovery *outer;
} Recovery;

/* True on the way in; false when an error comes back, after which it has ended. */
#define RECOVERY_TRY(recovery) (recovery_begin(recovery), setjmp((recovery)->place) == 0)

void recovery_begin(Recovery *recovery);
void recovery_end(Recovery *recovery);

/* From now on errors of staging and of tables end the program. */
void recovery_abandon(void);

/* Is an error of the kind expected somewhere? */
bool recovery_is_open(RecoveryKind kind);

/* Goes back to the innermost stretch of the kind, with a copy of the diag, if any. */
void recovery_throw(RecoveryKind kind, const Diag *diag);

#endif
