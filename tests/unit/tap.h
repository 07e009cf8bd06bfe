/*
 * A small producer of TAP, the Test Anything Protocol, for the unit tests.
 *
 *     int
 *     main(void)
 *     {
 *         ok(pattern_matches(&pattern, "public", "users"), "a plain name matches");
 *         is_int(list.n_rules, 2, "two rules");
 *         is_str(rule->text, "* = 100", "the text of the rule is kept");
 *         return done_testing();
 *     }
 *
 * There is no plan to count up front: done_testing() prints it last, and so a test that
 * ends early has none and fails. Each check is one line on standard output, with the name
 * made printf style; a failed one is followed by file, line and values as comments. Each
 * returns whether it passed, for checks that make sense only then.
 */
#ifndef TESTS_UNIT_TAP_H
#define TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdint.h>

/* Passes if the condition holds. */
#define ok(is_true, ...) tap_ok((is_true), __FILE__, __LINE__, __VA_ARGS__)

/* Passes if the two integers are equal. */
#define is_int(actual, expected, ...)                                                    \
    tap_is_int((actual), (expected), __FILE__, __LINE__, __VA_ARGS__)

/* Passes if the two strings are equal or both are NULL. */
#define is_str(actual, expected, ...)                                                    \
    tap_is_str((actual), (expected), __FILE__, __LINE__, __VA_ARGS__)

/* Prints the plan. Returns the exit status for main(): 0 if every check passed, or 1. */
int done_testing(void);

/* Behind the macros. */
bool tap_ok(bool is_true, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool tap_is_int(intmax_t actual, intmax_t expected, const char *file, int line,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
bool tap_is_str(const char *actual, const char *expected, const char *file, int line,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
