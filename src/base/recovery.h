/*
 * Error recovery: a block of code in which some errors do not end the program but return
 * to where the block began. What cannot be done in one mode is then done in the other, or
 * left out.
 *
 *     Recovery recovery = {.kind = RECOVERY_STAGING};
 *
 *     if (RECOVERY_TRY(&recovery))
 *     {
 *         ... code that may die ...
 *         recovery_end(&recovery);
 *     }
 *     else
 *         ... recovery.diag is the error; it is released by diag_free() ...
 *
 * It is setjmp() and longjmp(), as the server's PG_TRY is: the alternative, a status from
 * each of the hundreds of functions that read from a server, would have to be passed on
 * by all of them. So local variables that are changed within the block and read
 * afterwards must be volatile or reached through a pointer, and memory that was allocated
 * in it and not yet handed over is not released before the program ends. Blocks nest; an
 * error goes to the innermost one of its kind.
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

/* Is there a block of the kind? */
bool recovery_is_open(RecoveryKind kind);

/*
 * Returns to the innermost block of the kind, with a copy of the diag; without such a
 * block, to the caller.
 */
void recovery_throw(RecoveryKind kind, const Diag *diag);

#endif
