#include <string.h>

#include "base/arena.h"
#include "programs/load/load_options.h"

static const TableSettings defaults = {.mode = MODE_INCREMENTAL,
                                       .strategy = STRATEGY_UPSERT,
                                       .conflict = CONFLICT_REPLACE,
                                       .apply = APPLY_AUTO,
                                       .deleted_at_column = "deleted_at",
                                       .duplicates = DUPLICATES_LAST,
                                       .expected_rows = -1};

/* Layers with a schema override those without, in any order. */
static void
put_layers(const TableLayers *layers, const char *schema, const char *table,
           TableSettings *settings, Arena *arena)
{
    for (int has_schema = 0; has_schema <= 1; has_schema++)
    {
        for (size_t i = 0; i < layers->n_items; i++)
        {
            TableLayer *layer = &layers->items[i];

            if ((layer->name.schema != NULL) != has_schema ||
                !table_name_matches(&layer->name, schema, table))
                continue;
            layer->is_used = true;
            table_layer_put(layer, settings, arena);
        }
    }
}

/* The option that needs the rows that exist, as they are before; NULL: none. */
static const char *
find_direct_problem(const TableSettings *settings)
{
    if (settings->has_soft_delete)
        return "option \"--soft-delete\" needs staging tables";
    if (settings->conflict == CONFLICT_MERGE)
        return "option \"--conflict=merge\" needs staging tables";
    if (settings->immutable_fields.n_items > 0)
        return "option \"--immutable-fields\" needs staging tables";
    if (settings->updated_at_column != NULL)
        return "option \"--updated-at-column\" needs staging tables";
    if (settings->is_audited)
        return "option \"--audit\" needs staging tables";
    if (settings->has_undo)
        return "option \"--undo\" needs staging tables";
    return NULL;
}

/* The contradiction in the settings as a message, or NULL; *hint can be set. */
static const char *
find_problem(const TableSettings *settings, const LoadSettings *run, const char **hint)
{
    LoadStaging staging = run->staging;
    bool is_whole = settings->mode == MODE_FULL || settings->mode == MODE_SLICE;

    *hint = NULL;
    if (settings->mode == MODE_SLICE && settings->n_scope == 0)
    {
        *hint = "Write --slice=COLUMN=VALUE.";
        return "option \"--mode=slice\" needs option \"--slice\"";
    }
    if (settings->apply == APPLY_TRUNCATE && settings->mode != MODE_FULL)
        return "option \"--apply=truncate\" needs \"--mode=full\"";
    if (settings->apply == APPLY_SWAP && settings->mode != MODE_FULL)
        return "option \"--apply=swap\" needs \"--mode=full\"";
    if (settings->apply == APPLY_DELETE_INSERT && !is_whole)
        return "option \"--apply=delete-insert\" needs \"--mode=full\" or "
               "\"--mode=slice\"";
    if (settings->mode == MODE_APPEND && settings->strategy == STRATEGY_UPDATE_ONLY)
        return "options \"--strategy=update_only\" and \"--mode=append\" contradict "
               "each other";
    if (staging == STAGING_ALWAYS && settings->apply == APPLY_DIRECT)
        return "options \"--apply=direct\" and \"--staging=always\" contradict each "
               "other";
    if (run->stage_only && settings->apply == APPLY_DIRECT)
        return "options \"--apply=direct\" and \"--stage-only\" contradict each other";
    if (staging == STAGING_NEVER && settings->apply != APPLY_AUTO &&
        settings->apply != APPLY_DIRECT)
    {
        *hint = "Without staging there is only --apply=direct.";
        return "options \"--apply\" and \"--no-staging\" contradict each other";
    }
    if (staging == STAGING_NEVER || settings->apply == APPLY_DIRECT)
    {
        *hint = "Load without --no-staging and --apply=direct.";
        return find_direct_problem(settings);
    }
    if (settings->has_soft_delete && is_whole && settings->apply != APPLY_AUTO &&
        settings->apply != APPLY_DIFF)
    {
        *hint = "The other ways to apply delete rows that are marked.";
        return "option \"--soft-delete\" needs \"--apply=diff\"";
    }
    return NULL;
}

static bool
check(const TableSettings *settings, const LoadSettings *run, const char *schema,
      const char *table, Diag *diag)
{
    const char *hint;
    const char *problem = find_problem(settings, run, &hint);

    if (problem == NULL)
        return true;
    if (table == NULL)
        diag_set_message(diag, "%s", problem);
    else
        diag_set_message(diag, "table \"%s%s%s\": %s", schema != NULL ? schema : "",
                         schema != NULL ? "." : "", table, problem);
    if (hint != NULL)
        diag_set_hint(diag, "%s", hint);
    return false;
}

const TableSettings *
table_settings_make(const LoadOptions *options, const char *schema, const char *table,
                    Diag *diag)
{
    TableSettings *settings = arena_alloc(options->arena, sizeof(*settings));

    *settings = defaults;
    if (options->settings.is_batch)
    {
        settings->conflict = CONFLICT_MERGE;
        settings->has_undo = true;
    }
    table_layer_put(&options->config_all, settings, options->arena);
    if (table != NULL)
        put_layers(&options->config_tables, schema, table, settings, options->arena);
    table_layer_put(&options->all, settings, options->arena);
    if (table != NULL)
        put_layers(&options->table_layers, schema, table, settings, options->arena);
    if (!check(settings, &options->settings, schema, table, diag))
        return NULL;
    if (settings->conflict == CONFLICT_SKIP && settings->strategy == STRATEGY_UPSERT)
        settings->strategy = STRATEGY_INSERT_ONLY;
    if (settings->mode != MODE_SLICE)
        settings->n_scope = 0;
    if (options->settings.staging == STAGING_NEVER)
        settings->apply = APPLY_DIRECT;
    return settings;
}

const char *
table_settings_find_unused(const LoadOptions *options, size_t *next)
{
    while (*next < options->table_layers.n_items)
    {
        const TableLayer *layer = &options->table_layers.items[(*next)++];

        if (!layer->is_used)
            return layer->settings.table;
    }
    return NULL;
}

const char *
table_settings_find_target(const LoadOptions *options, const char *name)
{
    TableName parsed;

    if (!table_name_parse(name, &parsed, options->arena))
        return name;
    for (size_t i = 0; i < options->n_targets; i++)
    {
        if (table_name_matches(&options->targets[i].name, parsed.schema, parsed.name))
            return options->targets[i].target;
    }
    return name;
}
