/*
 * A stretch of code in which some errors do not end the program but come back to where it
 * began: what cannot be done in one way is then done in another, or left out.
 *
 *     Rescue rescue = {.kind = RESCUE_STAGING};
 *
 *     if (RESCUE_TRY(&rescue))
 *     {
 *         ... code that may die ...
 *         rescue_end(&rescue);
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

typedef enum RescueKind
{
    RESCUE_STAGING, /* staging does not work here: die_staging() */
    RESCUE_TABLE,   /* the source cannot be read: die...() with EXIT_SERVER */
    RESCUE_LOST,    /* the connection is lost: die...() with EXIT_CONNECTION */
    RESCUE_ANY      /* die...(), whatever it is */
} RescueKind;

typedef struct Rescue
{
    RescueKind kind;
    Diag diag; /* the error that came back */
    jmp_buf place;
    struct Rescue *outer;
} Rescue;

/* True on the way in; false when an error comes back, after which it has ended. */
#define RESCUE_TRY(rescue) (rescue_begin(rescue), setjmp((rescue)->place) == 0)

void rescue_begin(Rescue *rescue);
void rescue_end(Rescue *rescue);

/* From now on errors of staging and of tables end the program. */
void rescue_abandon(void);

/* Is an error of the kind expected somewhere? */
bool rescue_is_open(RescueKind kind);

/* Goes back to the innermost stretch of the kind, with a copy of the diag, if any. */
void rescue_throw(RescueKind kind, const Diag *diag);

#endif
