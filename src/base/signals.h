/*
 * SIGINT, SIGTERM and SIGHUP. The handler only notes the signal and interrupts what is
 * registered here, since hardly anything else may be done in a handler:
 *
 *     signal -> handler: PQcancel() of each connection, kill() of each child
 *            -> the query fails, or the child ends; the code that waits for it calls
 *               signals_check()
 *            -> exit(128 + signal) -> exit handlers: files, locks and staging tables go
 *
 * So a run ends within a second, and by the same exit handlers as after an error. A
 * signal between a check and the system call that follows is noticed when poll() times
 * out (db/db.c). SIGPIPE is ignored: a closed pipe is a write error like any other.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

typedef void (*SignalInterrupt)(void *target);

void signals_init(void);

/* The number of the signal that came, or 0. */
int signals_pending(void);

/* Ends the program with 128 + signal when one came. */
void signals_check(void);

/*
 * From now on signals do nothing, and one that is pending is forgotten: what is being
 * done cannot be undone.
 */
void signals_disregard(void);

/*
 * Registers what a signal interrupts. The function runs in the signal handler and must
 * be async-signal-safe. Returns a slot for signals_unregister().
 */
int signals_register(SignalInterrupt interrupt, void *target);
void signals_unregister(int slot);

/*
 * Between these two a signal ends the program at once, through _exit() and after the
 * registered clean-up: for calls that cannot be interrupted.
 */
void signals_begin_uninterruptible(void);
void signals_end_uninterruptible(void);

/* Registers what to do before _exit(); it must be async-signal-safe. */
void signals_register_cleanup(void (*cleanup)(void));

#endif
