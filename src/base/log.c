#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rescue.h"

static const char *log_program = "pg-sample";
static int log_verbosity;
static bool log_has_progress;

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

static void
log_line(const char *level, const char *format, va_list args)
{
    log_progress_clear();
    fprintf(stderr, "%s: %s", log_program, level);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

void
log_verbose(const char *format, ...)
{
    va_list args;

    if (!log_is_verbose())
        return;
    va_start(args, format);
    log_line("", format, args);
    va_end(args);
}

void
log_notice(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("notice: ", format, args);
    va_end(args);
}

void
log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("warning: ", format, args);
    va_end(args);
}

void
log_warning_hint(const char *hint, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("warning: ", format, args);
    va_end(args);
    fprintf(stderr, "%s: hint: %s\n", log_program, hint);
}

void
log_progress(const char *format, ...)
{
    va_list args;

    if (!isatty(STDERR_FILENO))
        return;
    va_start(args, format);
    fputs("\r\033[K", stderr);
    vfprintf(stderr, format, args);
    fflush(stderr);
    va_end(args);
    log_has_progress = true;
}

void
log_progress_clear(void)
{
    if (log_has_progress)
        fputs("\r\033[K", stderr);
    log_has_progress = false;
}

void
die(ExitCode status, const Diag *diag)
{
    if (status == EXIT_SERVER)
        rescue_throw(RESCUE_TABLE, diag);
    log_progress_clear();
    fprintf(stderr, "%s: error: %s\n", log_program, diag->message);
    if (diag->detail != NULL)
        fprintf(stderr, "%s: detail: %s\n", log_program, diag->detail);
    if (diag->hint != NULL)
        fprintf(stderr, "%s: hint: %s\n", log_program, diag->hint);
    exit(status);
}

void
die_staging(const Diag *diag)
{
    rescue_throw(RESCUE_STAGING, diag);
    die(EXIT_SERVER, diag);
}

void
die_message(ExitCode status, const char *format, ...)
{
    va_list args;
    Diag diag = {0};

    va_start(args, format);
    diag.message = mem_vformat(format, args);
    va_end(args);
    die(status, &diag);
}

void
die_hint(ExitCode status, const char *hint, const char *format, ...)
{
    va_list args;
    Diag diag = {.hint = mem_copy_string(hint)};

    va_start(args, format);
    diag.message = mem_vformat(format, args);
    va_end(args);
    die(status, &diag);
}

void
die_errno(ExitCode status, const char *format, ...)
{
    int error = errno;
    va_list args;
    Diag diag = {0};
    char *text;

    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    diag.message = mem_format("%s: %s", text, strerror(error));
    die(status, &diag);
}
