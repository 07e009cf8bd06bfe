/* How a proof of masks fails: one message, and EXIT_INCONSISTENT. */
#ifndef SAMPLE_MASKED_MASK_FAILURE_H
#define SAMPLE_MASKED_MASK_FAILURE_H

/*
 * Ends the program. The message says what is broken, and names no value; detail may be
 * NULL.
 */
_Noreturn void mask_failure_die(const char *detail, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
