/*
 * SIGINT, SIGTERM and SIGHUP. A signal is remembered, and everything that is registered
 * here is told at once, so that a running query or child ends within a second; the code
 * that waits for it then fails, sees signals_pending() and leaves through exit(), whose
 * handlers clean up. SIGPIPE is ignored: a closed pipe is a write error like any other.
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
