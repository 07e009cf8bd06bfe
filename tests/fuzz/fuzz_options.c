/*
 * Command lines of both programs, a line for each word, and variables of the environment,
 * in lines like "$BATCH_SIZE=100". What is refused has a message and a hint; numbers that
 * are taken are in their ranges.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "load/source/discover_batch.h"
#include "programs/load/load_options.h"
#include "programs/sample/options.h"
#include "store/store_settings.h"

enum
{
    MOST_WORDS = 32
};

static const char *const variables[] = {
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "BATCH_SIZE",
    "DRY_RUN",
    "LOG_LEVEL",
    "MAX_RETRIES",
    "MAX_RECORDS_PER_BATCH",
    "REQUIRE_APPROVAL",
    "S3_BUCKET",
    "TRANSACTION_TIMEOUT",
};

enum
{
    N_VARIABLES = sizeof(variables) / sizeof(variables[0])
};

/* ---- what is asked for */

typedef struct Words
{
    char *list[MOST_WORDS + 1]; /* the name of the program first; ends with NULL */
    int n;
} Words;

static void
set_variable(char *text)
{
    char *value = strchr(text, '=');

    if (value == NULL)
        return;
    *value++ = '\0';
    for (size_t i = 0; i < N_VARIABLES; i++)
    {
        if (strcmp(variables[i], text) == 0)
            setenv(text, value, 1);
    }
}

static void
split_words(Words *words, char *text)
{
    char *word;

    while (words->n < MOST_WORDS && (word = strsep(&text, "\n")) != NULL)
    {
        if (*word == '$')
            set_variable(word + 1);
        else
            words->list[words->n++] = word;
    }
    words->list[words->n] = NULL;
}

/* ---- what must hold */

static void
check_diag(bool is_good, const Diag *diag)
{
    fuzz_expect(is_good || (diag->message != NULL && diag->hint != NULL),
                "what is refused has a message and a hint");
}

static void
check_load_settings(const LoadSettings *settings)
{
    fuzz_expect(settings->batch_size > 0, "a batch has rows");
    fuzz_expect(settings->jobs >= 1 && settings->jobs <= 1000, "some jobs");
    fuzz_expect(settings->lock_timeout >= 0, "time to wait for locks");
    fuzz_expect(settings->transaction_timeout >= 0, "time for the commit");
    fuzz_expect(settings->max_retries >= 0, "some retries");
    fuzz_expect(settings->max_errors >= 0, "some errors");
    fuzz_expect(settings->max_errors_pct <= 100, "as many errors as records");
    fuzz_expect(settings->max_delete_pct >= 0 && settings->max_delete_pct <= 100,
                "as many deleted as there are");
    fuzz_expect(settings->min_rows >= 0, "some rows");
    fuzz_expect(settings->max_records >= -1, "some records");
    fuzz_expect(settings->batch_id == NULL || discover_batch_is_id(settings->batch_id),
                "a batch has an id");
}

static void
check_store(const StoreSettings *settings)
{
    const StoreAccount *account;
    Diag diag = {0};

    fuzz_expect(settings->connect_timeout >= 1 && settings->read_timeout >= 1,
                "time for an object store");
    store_settings_set(settings);
    account = store_settings_get_account(&diag);
    fuzz_expect(account != NULL || diag.message != NULL, "a reason without an account");
    if (account != NULL)
        fuzz_expect(strpbrk(account->endpoint.host, "/?#@ \n") == NULL &&
                        strpbrk(account->region, "/?#@. \n") == NULL,
                    "an account has a host and a region");
    diag_free(&diag);
    store_settings_set(&(StoreSettings)STORE_DEFAULT_SETTINGS);
}

static void
read_load_options(Words *words, Arena *arena, Diag *diag)
{
    OptionsRequest request;
    LoadOptions options;
    bool is_good =
        load_options_read(&options, arena, words->n, words->list, &request, diag);

    check_diag(is_good, diag);
    if (!is_good || request != REQUEST_RUN)
        return;
    check_load_settings(&options.settings);
    check_store(&options.store);
    fuzz_expect(table_settings_make(&options, "public", "orders", diag) != NULL ||
                    diag->message != NULL,
                "a table has settings, or there is a message");
}

static void
read_sample_options(Words *words, Arena *arena, Diag *diag)
{
    OptionsRequest request;
    Options options;
    bool is_good = options_read(&options, arena, words->n, words->list, &request, diag);

    check_diag(is_good, diag);
    if (!is_good || request != REQUEST_RUN)
        return;
    fuzz_expect(options.memory_limit > 0, "some memory");
    fuzz_expect(options.rows_per_insert > 0, "an INSERT has rows");
    fuzz_expect(options.subset.max_rows >= 0 && options.subset.max_size >= 0,
                "limits of rows");
}

int
fuzz_options(const uint8_t *data, size_t size)
{
    char program[] = "program";
    Words words = {.list = {program}, .n = 1};
    char *text = fuzz_copy_text(data, size);
    Arena *arena = arena_new();
    Diag diag = {0};

    /* configuration files have a target of their own; here they would be any file */
    if (size > 0 && strstr(text, "--config") == NULL)
    {
        split_words(&words, text + 1);
        if ((data[0] & 1) != 0)
            read_load_options(&words, arena, &diag);
        else
            read_sample_options(&words, arena, &diag);
    }
    for (size_t i = 0; i < N_VARIABLES; i++)
        unsetenv(variables[i]);
    diag_free(&diag);
    arena_free(arena);
    free(text);
    return 0;
}
