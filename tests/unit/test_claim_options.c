/*
 * The options that make another batch of the same files. Each setting of a table is set
 * to another value than its default here: a new setting must be thought about.
 */
#include <stddef.h>
#include <string.h>

#include "programs/load/load_run_internal.h"
#include "tap.h"

/* In the order of TableSetting; other: a value, which changes what is loaded or not. */
static const struct
{
    const char *other;
    bool is_of_batch;
    const char *expected;
} values[] = {
    [SETTING_MODE] = {"full", true, "{\"mode\":\"full\"}"},
    [SETTING_STRATEGY] = {"insert_only", true, "{\"update_strategy\":\"insert_only\"}"},
    [SETTING_CONFLICT] = {"replace", true, "{\"conflict_resolution\":\"replace\"}"},
    [SETTING_APPLY] = {"diff", false, NULL},
    [SETTING_NATURAL_KEY] = {"a,b", true, "{\"natural_key\":[\"a\",\"b\"]}"},
    [SETTING_IMMUTABLE_FIELDS] = {"c", true, "{\"immutable_fields\":[\"c\"]}"},
    [SETTING_IMMUTABLE] = {"reject", true, "{\"is_immutable_rejected\":true}"},
    [SETTING_UPDATED_AT] = {"none", true, "{\"has_no_updated_at\":true}"},
    [SETTING_SOFT_DELETE] = {"true", true, "{\"deleted_at_column\":\"deleted_at\"}"},
    [SETTING_DELETED_AT] = {"gone", false, NULL},
    [SETTING_AUDIT] = {"true", false, NULL},
    [SETTING_UNDO] = {"true", false, NULL},
    [SETTING_TIMESTAMP_COLUMN] = {"t", true, "{\"timestamp_column\":\"t\"}"},
    [SETTING_TIMESTAMP_COMPARE] = {">", true, "{\"is_timestamp_strict\":true}"},
    [SETTING_TIMESTAMP_NULLS] = {"newest", true, "{\"is_null_timestamp_newest\":true}"},
    [SETTING_DUPLICATES] = {"first", true, "{\"on_duplicate\":\"first\"}"},
    [SETTING_SLICE] = {"a=1,2", true,
                       "{\"mode\":\"slice\",\"slice\":[[\"a\",\"1\",\"2\"]]}"},
    [SETTING_MAP] = {"x:\xc3\xbc", true, "{\"columns\":[[\"x\",\"\\u00FC\"]]}"},
    [SETTING_IGNORE_UNKNOWN] = {"true", true, "{\"ignore_unknown_columns\":true}"},
    [SETTING_DATA_MEMBER] = {"none", true, "{\"has_no_data_member\":true}"},
    [SETTING_CHECKS] = {"SELECT 1", false, NULL},
    [SETTING_EXPECT] = {"5", false, NULL},
};

static Arena *arena;
static const TableSettings defaults = {.deleted_at_column = "deleted_at"};

static const char *
format_options(const LoadOptions *options, const TableSettings *settings)
{
    LoadRun run = {.options = options, .arena = arena};

    return load_claim_options(&run, settings);
}

static void
check_setting(TableSetting setting)
{
    LoadOptions options = {.arena = arena};
    TableLayer layer = {0};
    TableSettings settings = defaults;
    Diag diag = {0};
    const char *name = table_setting_get_member(setting);

    if (!table_setting_parse(&layer, setting, values[setting].other, arena, &diag))
    {
        ok(false, "%s: the value is valid", name);
        return;
    }
    table_layer_put(&layer, &settings, arena);
    is_str(format_options(&options, &settings),
           values[setting].is_of_batch ? values[setting].expected : "{}",
           "%s is %sa part of the batch", name,
           values[setting].is_of_batch ? "" : "not ");
}

static void
check_input(void)
{
    LoadOptions options = {.arena = arena};

    is_str(format_options(&options, &defaults), "{}", "defaults are not written");
    options.input.delimiter = ';';
    options.input.quote = '\'';
    options.input.null_text = "\xff";
    options.input.has_no_header = true;
    options.settings.encoding = "LATIN1";
    is_str(format_options(&options, &defaults),
           "{\"csv_delimiter\":\";\",\"csv_null\":\"ff\",\"csv_quote\":\"'\","
           "\"encoding\":\"LATIN1\",\"no_csv_header\":true}",
           "how files are read");
    options.input = (InputSpec){.has_copy_header = true};
    options.settings = (LoadSettings){.jobs = 7, .batch_size = 1, .max_errors = 5};
    is_str(format_options(&options, &defaults), "{\"csv_header\":true}",
           "but not how they are loaded");
}

int
main(void)
{
    arena = arena_new();
    is_int((intmax_t)(sizeof(values) / sizeof(values[0])), N_TABLE_SETTINGS,
           "each setting is here");
    for (TableSetting i = 0; i < N_TABLE_SETTINGS; i++)
    {
        if (values[i].other != NULL)
            check_setting(i);
        else
            ok(false, "%s is here", table_setting_get_member(i));
    }
    check_input();
    arena_free(arena);
    return done_testing();
}
