#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/display.h"
#include "base/mem.h"

/* Of further lines of a detail: only messages begin with the program's name. */
#define INDENTATION "    "

static const char *log_program = "pg-sample";
static int log_verbosity;
static bool log_has_progress;
static bool log_is_json;
static char *log_last_error;
static const char *log_unkept_error; /* there was no memory to keep it */
static char **log_warnings;
static size_t n_log_warnings;
static size_t log_warning_capacity;

void
log_init(const char *program, int verbosity)
{
    log_program = program;
    log_verbosity = verbosity;
}

bool
log_is_verbose(void)
{
    return log_verbosity > 0;
}

void
log_set_json(void)
{
    log_is_json = true;
}

static void
write_json_member(const char *name, const char *text)
{
    if (text == NULL)
        return;
    fprintf(stderr, ", \"%s\": ", name);
    display_json_string(stderr, text);
}

static void
write_json(const char *level, const char *message, const char *detail, const char *hint)
{
    time_t now = time(NULL);
    struct tm utc;
    char stamp[32];

    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    fprintf(stderr, "{\"time\": \"%s\", \"program\": \"%s\"", stamp, log_program);
    write_json_member("level", level);
    write_json_member("message", message);
    write_json_member("detail", detail);
    write_json_member("hint", hint);
    fputs("}\n", stderr);
}

static void
write_message_part(const char *label, const char *text, const char *indentation)
{
    char *escaped = display_escape(text, indentation);

    fprintf(stderr, "%s: %s%s%s\n", log_program, label != NULL ? label : "",
            label != NULL ? ": " : "", escaped);
    free(escaped);
}

/* A message in up to three parts; level is info, notice, warning or error. */
static void
log_write(const char *level, const char *message, const char *detail, const char *hint)
{
    bool is_plain = strcmp(level, "info") == 0;

    log_progress_clear();
    if (log_is_json)
    {
        write_json(level, message, detail, hint);
        return;
    }
    write_message_part(is_plain ? NULL : level, message, NULL);
    if (detail != NULL)
        write_message_part("detail", detail, INDENTATION);
    if (hint != NULL)
        write_message_part("hint", hint, INDENTATION);
}

static void __attribute__((format(printf, 2, 0)))
log_line(const char *level, const char *format, va_list args)
{
    char *text = mem_vformat(format, args);

    log_write(level, text, NULL, NULL);
    free(text);
}

void
log_verbose(const char *format, ...)
{
    va_list args;

    if (!log_is_verbose())
        return;
    va_start(args, format);
    log_line("info", format, args);
    va_end(args);
}

void
log_info(const char *format, ...)
{
    va_list args;

    if (log_verbosity < 0)
        return;
    va_start(args, format);
    log_line("info", format, args);
    va_end(args);
}

void
log_notice(const char *format, ...)
{
    va_list args;

    if (log_verbosity < 0)
        return;
    va_start(args, format);
    log_line("notice", format, args);
    va_end(args);
}

/* Keeps the message, which becomes its own. */
static void
log_warn(char *message, const char *detail, const char *hint)
{
    MEM_GROW(log_warnings, log_warning_capacity, n_log_warnings);
    log_warnings[n_log_warnings++] = message;
    log_write("warning", message, detail, hint);
}

void
log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_warn(mem_vformat(format, args), NULL, NULL);
    va_end(args);
}

void
log_warning_hint(const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_warn(mem_vformat(format, args), NULL, hint);
    va_end(args);
}

void
log_warning_detail(const char *detail, const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_warn(mem_vformat(format, args), detail, hint);
    va_end(args);
}

const char *
log_get_warning(size_t i)
{
    return i < n_log_warnings ? log_warnings[i] : NULL;
}

const char *
log_get_error(void)
{
    return log_unkept_error != NULL ? log_unkept_error : log_last_error;
}

void
log_set_error(const char *message)
{
    free(log_last_error);
    log_last_error = strdup(message);
    log_unkept_error = log_last_error == NULL ? "out of memory" : NULL;
}

void
log_error(const Diag *diag)
{
    log_set_error(diag->message);
    log_write("error", diag->message, diag->detail, diag->hint);
}

void
log_progress(const char *format, ...)
{
    char *text;
    char *escaped;
    va_list args;

    if (!isatty(STDERR_FILENO))
        return;
    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    escaped = display_escape(text, NULL);
    fprintf(stderr, "\r\033[K%s", escaped);
    fflush(stderr);
    free(escaped);
    free(text);
    log_has_progress = true;
}

void
log_progress_clear(void)
{
    if (log_has_progress)
        fputs("\r\033[K", stderr);
    log_has_progress = false;
}
