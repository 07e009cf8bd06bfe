/* What options do not say: environment variables, and the file of a password. */
#include "programs/load/load_options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

enum
{
    MOST_RECORDS = 10000 /* of a batch, by default */
};

static bool
is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0';
}

void
load_environment_read(void)
{
    static const char *const variables[][2] = {{"DB_HOST", "PGHOST"},
                                               {"DB_PORT", "PGPORT"},
                                               {"DB_NAME", "PGDATABASE"},
                                               {"DB_USER", "PGUSER"},
                                               {"DB_PASSWORD", "PGPASSWORD"}};

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
    {
        if (is_set(variables[i][0]) && !is_set(variables[i][1]))
            setenv(variables[i][1], getenv(variables[i][0]), 1);
    }
}

/* ---- batches */

static bool
reject_variable(const char *name, const char *hint, Diag *diag)
{
    diag_set_message(diag, "invalid value \"%s\" of the environment variable %s",
                     getenv(name), name);
    diag_set_hint(diag, "%s", hint);
    return false;
}

/* Leaves the flag as it is if the variable is not set. */
static bool
read_flag(const char *name, bool *flag, Diag *diag)
{
    static const char *const words[] = {"false", "true", "no",  "yes",
                                        "0",     "1",    "off", "on"};

    if (!is_set(name))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (strcasecmp(getenv(name), words[i]) != 0)
            continue;
        *flag = i % 2 == 1;
        return true;
    }
    return reject_variable(name, "It takes true or false.", diag);
}

/* The same for a number. */
static bool
read_number(const char *name, int64_t most, int64_t *number, Diag *diag)
{
    uint64_t value;
    const char *rest;

    if (!is_set(name))
        return true;
    if (!option_value_parse_digits(getenv(name), &value, &rest) || *rest != '\0' ||
        value > (uint64_t)most)
        return reject_variable(name, "It takes a whole number from 0 on.", diag);
    *number = (int64_t)value;
    return true;
}

static bool
read_dry_run(const CommandLine *line, LoadOptions *options)
{
    bool is_dry = false;

    if (!read_flag("DRY_RUN", &is_dry, line->diag))
        return false;
    if (!is_dry || options->settings.dry_run != DRY_RUN_NO || options->check_only ||
        options->approve)
        return true;
    options->settings.dry_run = DRY_RUN_PLAN;
    options->is_dry_by_variable = true;
    return true;
}

static bool
read_log_level(const CommandLine *line, LoadOptions *options)
{
    const char *level = is_set("LOG_LEVEL") ? getenv("LOG_LEVEL") : "INFO";
    bool is_quiet = strcasecmp(level, "WARNING") == 0 ||
                    strcasecmp(level, "ERROR") == 0 || strcasecmp(level, "CRITICAL") == 0;
    bool is_verbose = strcasecmp(level, "DEBUG") == 0;

    if (!is_quiet && !is_verbose && strcasecmp(level, "INFO") != 0)
        return reject_variable("LOG_LEVEL",
                               "It takes DEBUG, INFO, WARNING, ERROR or CRITICAL.",
                               line->diag);
    if (options->is_quiet || options->verbosity > 0)
        return true;
    options->is_quiet = is_quiet;
    options->verbosity = is_verbose ? 1 : 0;
    return true;
}

/* What an option says counts more than what its variable says. */
static bool
read_limits(const CommandLine *line, LoadSettings *settings)
{
    int64_t retries = settings->max_retries;
    int64_t seconds = settings->transaction_timeout / 1000;
    int64_t records = settings->max_records;

    if (!read_number("MAX_RETRIES", INT_MAX, &retries, line->diag) ||
        !read_number("TRANSACTION_TIMEOUT", INT_MAX / 1000, &seconds, line->diag) ||
        !read_number("MAX_RECORDS_PER_BATCH", INT64_MAX, &records, line->diag))
        return false;
    if (!command_line_is_given(line, "max-retries"))
        settings->max_retries = (int)retries;
    if (!command_line_is_given(line, "transaction-timeout") &&
        is_set("TRANSACTION_TIMEOUT"))
        settings->transaction_timeout = (int)(seconds * 1000);
    if (!command_line_is_given(line, "max-records"))
        settings->max_records = records >= 0 ? records : MOST_RECORDS;
    return true;
}

bool
load_environment_read_batch(const CommandLine *line, LoadOptions *options)
{
    bool *require = &options->settings.require_approval;
    int64_t unused;

    /* fragments that are fetched at a time; files are read one after the other */
    return read_number("BATCH_SIZE", INT64_MAX, &unused, line->diag) &&
           (*require || read_flag("REQUIRE_APPROVAL", require, line->diag)) &&
           read_limits(line, &options->settings) && read_dry_run(line, options) &&
           read_log_level(line, options);
}

const char *
load_environment_find_batch_root(Arena *arena)
{
    char *url;
    const char *root = ".";

    if (!is_set("S3_BUCKET"))
        return root;
    url = mem_format("s3://%s", getenv("S3_BUCKET"));
    root = arena_copy_string(arena, url);
    free(url);
    return root;
}

/* ---- the file of a password */

bool
load_environment_read_password(const char *path, Diag *diag)
{
    FILE *file;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = -1;

    if (path == NULL)
        return true;
    errno = 0;
    file = fopen(path, "r");
    if (file != NULL)
        length = getline(&line, &capacity, file);
    if (length >= 0)
    {
        line[strcspn(line, "\r\n")] = '\0';
        setenv("PGPASSWORD", line, 1);
        explicit_bzero(line, capacity);
    }
    else if (file == NULL || ferror(file))
        diag_set_message(diag, "could not read password file \"%s\": %s", path,
                         strerror(errno));
    else
        diag_set_message(diag, "password file \"%s\" is empty", path);
    free(line);
    if (file != NULL)
        fclose(file);
    return length >= 0;
}
