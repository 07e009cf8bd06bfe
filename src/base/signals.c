#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"

enum
{
    MAX_TARGETS = 16,
    MAX_CLEANUPS = 4,
    N_SIGNALS = 3
};

static struct
{
    SignalInterrupt volatile interrupt;
    void *volatile target;
} signal_targets[MAX_TARGETS];

static const int signal_numbers[N_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void (*volatile signal_cleanups[MAX_CLEANUPS])(void);
static volatile sig_atomic_t signal_pending;
static volatile sig_atomic_t signal_is_fatal;

/* Only what may be called in a handler. */
static void
report_end(void)
{
    static const char text[] = ": error: interrupted by a signal\n";
    const char *name = program_invocation_short_name;
    ssize_t n = write(STDERR_FILENO, name, strlen(name));

    n = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)n; /* a failure cannot be reported */
}

static void
signals_handle(int number)
{
    signal_pending = number;
    if (signal_is_fatal)
    {
        report_end();
        for (int i = 0; i < MAX_CLEANUPS; i++)
        {
            if (signal_cleanups[i] != NULL)
                signal_cleanups[i]();
        }
        _exit(EXIT_SIGNAL_BASE + number);
    }
    for (int i = 0; i < MAX_TARGETS; i++)
    {
        SignalInterrupt interrupt = signal_targets[i].interrupt;

        if (interrupt != NULL)
            interrupt(signal_targets[i].target);
    }
}

void
signals_init(void)
{
    struct sigaction action = {.sa_handler = signals_handle};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaddset(&action.sa_mask, signal_numbers[i]);
    /* no SA_RESTART: waits for a child or a pipe must see the signal */
    for (size_t i = 0; i < N_SIGNALS; i++)
        sigaction(signal_numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* a file that may not grow (ulimit -f) is an error with errno, in children as well */
    signal(SIGXFSZ, SIG_IGN);
}

int
signals_pending(void)
{
    return signal_pending;
}

void
signals_check(void)
{
    int number = signal_pending;

    if (number != 0)
        die_message((ExitCode)(EXIT_SIGNAL_BASE + number), "interrupted by signal %d",
                    number);
}

void
signals_disregard(void)
{
    for (size_t i = 0; i < N_SIGNALS; i++)
        signal(signal_numbers[i], SIG_IGN);
    signal_pending = 0;
}

int
signals_register(SignalInterrupt interrupt, void *target)
{
    for (int i = 0; i < MAX_TARGETS; i++)
    {
        if (signal_targets[i].interrupt == NULL)
        {
            signal_targets[i].target = target;
            signal_targets[i].interrupt = interrupt;
            return i;
        }
    }
    die_message(EXIT_OUTPUT, "too many connections and child processes at once");
}

void
signals_unregister(int slot)
{
    signal_targets[slot].interrupt = NULL;
}

void
signals_begin_uninterruptible(void)
{
    signal_is_fatal = 1;
    signals_check();
}

void
signals_end_uninterruptible(void)
{
    signal_is_fatal = 0;
    signals_check();
}

void
signals_register_cleanup(void (*cleanup)(void))
{
    for (int i = 0; i < MAX_CLEANUPS; i++)
    {
        if (signal_cleanups[i] == NULL)
        {
            signal_cleanups[i] = cleanup;
            return;
        }
    }
    die_message(EXIT_OUTPUT, "too many clean-up functions");
}
