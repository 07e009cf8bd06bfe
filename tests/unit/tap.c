#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int n_checks;
static int n_failed;

/* Everything is flushed, so that the output is complete when the next check crashes. */
static void __attribute__((format(printf, 4, 0)))
tap_report(bool has_passed, const char *file, int line, const char *format, va_list args)
{
    n_checks++;
    printf("%s %d - ", has_passed ? "ok" : "not ok", n_checks);
    vprintf(format, args);
    putchar('\n');
    if (!has_passed)
    {
        n_failed++;
        printf("#   failed at %s:%d\n", file, line);
    }
    fflush(stdout);
}

/* A value may hold newlines, and the comment must go on behind them. */
static void
tap_print_string(const char *label, const char *text)
{
    printf("#   %s: ", label);
    if (text == NULL)
        fputs("NULL", stdout);
    else
        putchar('"');
    for (; text != NULL && *text != '\0'; text++)
    {
        putchar(*text);
        if (*text == '\n')
            fputs("#   ", stdout);
    }
    puts(text == NULL ? "" : "\"");
    fflush(stdout);
}

bool
tap_ok(bool is_true, const char *file, int line, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_report(is_true, file, line, format, args);
    va_end(args);
    return is_true;
}

bool
tap_is_int(intmax_t actual, intmax_t expected, const char *file, int line,
           const char *format, ...)
{
    bool is_equal = actual == expected;
    va_list args;

    va_start(args, format);
    tap_report(is_equal, file, line, format, args);
    va_end(args);
    if (!is_equal)
    {
        printf("#        got: %jd\n#   expected: %jd\n", actual, expected);
        fflush(stdout);
    }
    return is_equal;
}

bool
tap_is_str(const char *actual, const char *expected, const char *file, int line,
           const char *format, ...)
{
    bool is_equal;
    va_list args;

    if (actual == NULL || expected == NULL)
        is_equal = actual == expected;
    else
        is_equal = strcmp(actual, expected) == 0;
    va_start(args, format);
    tap_report(is_equal, file, line, format, args);
    va_end(args);
    if (!is_equal)
    {
        tap_print_string("     got", actual);
        tap_print_string("expected", expected);
    }
    return is_equal;
}

int
done_testing(void)
{
    printf("1..%d\n", n_checks);
    if (n_failed > 0)
        printf("# %d of %d failed\n", n_failed, n_checks);
    fflush(stdout);
    return n_failed > 0 || n_checks == 0 ? 1 : 0;
}
