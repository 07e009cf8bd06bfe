/*
 * The options that decide, besides its files, what a batch is: JSON that is part of its
 * manifest. Only what is not the default is in it, so that options that a later version
 * adds do not make another batch of one that was loaded before.
 */
#include "programs/load/load_run_internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A text from outside may be no UTF-8: then its bytes are written in hexadecimal. */
static json_t *
make_string(const char *text)
{
    json_t *string = json_string(text);
    char *hex;

    if (string != NULL)
        return string;
    hex = mem_alloc(2 * strlen(text) + 1);
    for (size_t i = 0; text[i] != '\0'; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned char)text[i]);
    string = json_string(hex);
    free(hex);
    return string;
}

static json_t *
make_list(const StringList *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n_items; i++)
        json_array_append_new(array, make_string(list->items[i]));
    return array;
}

static void
set_option_text(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, make_string(text));
}

static void
set_flag(json_t *object, const char *name, bool value)
{
    if (value)
        json_object_set_new(object, name, json_true());
}

/* The first of the words is the default. */
static void
set_word(json_t *object, const char *name, const char *words, int value)
{
    int length;
    const char *word = settings_get_word(words, value, &length);

    if (value != 0)
        json_object_set_new(object, name, json_stringn(word, (size_t)length));
}

static void
set_character(json_t *object, const char *name, char character)
{
    char text[] = {character, '\0'};

    set_option_text(object, name, character != 0 ? text : NULL);
}

static void
set_scope(json_t *object, const TableSettings *settings)
{
    json_t *terms = json_array();

    for (size_t i = 0; i < settings->n_scope; i++)
    {
        json_t *term = make_list(&settings->scope[i].values);

        json_array_insert_new(term, 0, make_string(settings->scope[i].column));
        json_array_append_new(terms, term);
    }
    json_object_set_new(object, "slice", terms);
}

static void
set_map(json_t *object, const TableSettings *settings)
{
    json_t *pairs = json_array();

    for (size_t i = 0; i < settings->n_map; i++)
    {
        json_t *pair = json_array();

        json_array_append_new(pair, make_string(settings->map[i].file_column));
        json_array_append_new(pair, make_string(settings->map[i].column));
        json_array_append_new(pairs, pair);
    }
    json_object_set_new(object, "columns", pairs);
}

static void
set_timestamp(json_t *object, const TableSettings *settings)
{
    set_option_text(object, "timestamp_column", settings->timestamp_column);
    set_flag(object, "has_no_timestamp", settings->has_no_timestamp);
    set_flag(object, "is_timestamp_strict", settings->is_timestamp_strict);
    set_flag(object, "is_null_timestamp_newest", settings->is_null_timestamp_newest);
}

static void
set_input(json_t *object, const LoadRun *run)
{
    const InputSpec *input = &run->options->input;

    set_character(object, "csv_delimiter", input->delimiter);
    set_character(object, "csv_quote", input->quote);
    set_option_text(object, "csv_null", input->null_text);
    set_flag(object, "no_csv_header", input->has_no_header);
    set_flag(object, "csv_header", input->has_copy_header);
    set_option_text(object, "encoding", run->options->settings.encoding);
}

/* What becomes of rows that exist. */
static void
set_conflicts(json_t *object, const TableSettings *settings)
{
    set_word(object, "conflict_resolution", CONFLICT_WORDS, (int)settings->conflict);
    if (settings->immutable_fields.n_items > 0)
        json_object_set_new(object, "immutable_fields",
                            make_list(&settings->immutable_fields));
    set_flag(object, "is_immutable_rejected", settings->is_immutable_rejected);
    set_option_text(object, "updated_at_column", settings->updated_at_column);
    set_flag(object, "has_no_updated_at", settings->has_no_updated_at);
    if (settings->has_soft_delete)
        set_option_text(object, "deleted_at_column", settings->deleted_at_column);
}

const char *
load_claim_options(const LoadRun *run, const TableSettings *settings)
{
    json_t *object = json_object();
    char *text;
    const char *copy;

    set_word(object, "mode", MODE_WORDS, (int)settings->mode);
    set_word(object, "update_strategy", STRATEGY_WORDS, (int)settings->strategy);
    set_word(object, "on_duplicate", DUPLICATES_WORDS, (int)settings->duplicates);
    if (settings->natural_key.n_items > 0)
        json_object_set_new(object, "natural_key", make_list(&settings->natural_key));
    if (settings->n_scope > 0)
        set_scope(object, settings);
    if (settings->n_map > 0)
        set_map(object, settings);
    set_conflicts(object, settings);
    set_timestamp(object, settings);
    set_flag(object, "ignore_unknown_columns", settings->ignores_unknown_columns);
    set_option_text(object, "data_member", settings->data_member);
    set_flag(object, "has_no_data_member", settings->has_no_data_member);
    set_input(object, run);
    text = json_dumps(object, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    if (text == NULL)
        mem_die();
    copy = arena_copy_string(run->arena, text);
    free(text);
    return copy;
}
