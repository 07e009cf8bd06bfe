#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/plural.h"
#include "load/stage/rejects_internal.h"

enum
{
    MAX_GROUPS = 20 /* reasons that are printed; the others are counted */
};

/* Rejects with one reason, by its first one. */
typedef struct RejectGroup
{
    int table;
    RejectKind kind;
    char *column;
    char *sqlstate;
    char *reason;
    char *source;
    int64_t record;
    uint64_t line; /* 0: not known */
    int64_t n_rejects;
} RejectGroup;

typedef struct RejectGroups
{
    RejectGroup items[MAX_GROUPS];
    int n_items;
    int64_t n_others;
} RejectGroups;

static bool
is_same_text(const char *left, const char *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return strcmp(left, right) == 0;
}

/* A message of the server contains the value, so errors are grouped by SQLSTATE. */
static bool
is_in_group(const RejectGroup *group, const Reject *reject)
{
    return group->table == reject->table && group->kind == reject->kind &&
           is_same_text(group->column, reject->column) &&
           is_same_text(group->sqlstate, reject->sqlstate) &&
           ((reject->kind == REJECT_PARSE && reject->sqlstate != NULL) ||
            is_same_text(group->reason, reject->reason));
}

static void
add_to_group(RejectGroups *groups, const Rejects *rejects, const Reject *reject)
{
    for (int i = 0; i < groups->n_items; i++)
    {
        if (!is_in_group(&groups->items[i], reject))
            continue;
        groups->items[i].n_rejects++;
        return;
    }
    if (groups->n_items == MAX_GROUPS)
    {
        groups->n_others++;
        return;
    }
    groups->items[groups->n_items++] =
        (RejectGroup){.table = reject->table,
                      .kind = reject->kind,
                      .column = mem_copy_or_null(reject->column),
                      .sqlstate = mem_copy_or_null(reject->sqlstate),
                      .reason = mem_copy_or_null(reject->reason),
                      .source = mem_copy_string(
                          batch_get_source_name(rejects->batch, reject->record)),
                      .record = batch_get_record_number(reject->record),
                      .line = reject->line,
                      .n_rejects = 1};
}

static void
print_group(const RejectGroup *group, const LoadBatch *batch)
{
    char line[32] = ",";

    if (group->line > 0)
        snprintf(line, sizeof(line), ", line %llu:", (unsigned long long)group->line);
    log_warning("%s: %lld row%s rejected: %s%s%s%s%s%s%s (%s%s%s record %lld)",
                batch->tables[group->table].name, (long long)group->n_rejects,
                plural(group->n_rejects), group->column != NULL ? "column \"" : "",
                group->column != NULL ? group->column : "",
                group->column != NULL ? "\": " : "",
                group->reason != NULL ? group->reason : "",
                group->sqlstate != NULL ? " [" : "",
                group->sqlstate != NULL ? group->sqlstate : "",
                group->sqlstate != NULL ? "]" : "", group->n_rejects > 1 ? "first: " : "",
                group->source, line, (long long)group->record);
}

static void
free_groups(RejectGroups *groups)
{
    for (int i = 0; i < groups->n_items; i++)
    {
        free(groups->items[i].column);
        free(groups->items[i].sqlstate);
        free(groups->items[i].reason);
        free(groups->items[i].source);
    }
}

static void
report(const Rejects *rejects)
{
    RejectReader reader = rejects_reader(rejects);
    RejectGroups groups = {.n_items = 0};
    Reject reject = {0};

    while (rejects_next(&reader, &reject))
        add_to_group(&groups, rejects, &reject);
    for (int i = 0; i < groups.n_items; i++)
        print_group(&groups.items[i], rejects->batch);
    if (groups.n_others > 0)
        log_warning("%lld more row%s rejected, for other reasons",
                    (long long)groups.n_others, plural(groups.n_others));
    free_groups(&groups);
    rejects_reader_free(&reader);
}

/* ---- the file of --rejects-file */

static void
write_field(FILE *file, const char *text, char end)
{
    if (text != NULL)
    {
        fputc('"', file);
        for (const char *c = text; *c != '\0'; c++)
        {
            if (*c == '"')
                fputc('"', file);
            fputc(*c, file);
        }
        fputc('"', file);
    }
    fputc(end, file);
}

static bool
write_rejects(const Rejects *rejects, FILE *file)
{
    RejectReader reader = rejects_reader(rejects);
    Reject reject = {0};

    fputs("source,record,table,column,sqlstate,reason,raw\n", file);
    while (rejects_next(&reader, &reject))
    {
        char *reason = reject.reason != NULL ? display_escape(reject.reason, NULL) : NULL;

        write_field(file, batch_get_source_name(rejects->batch, reject.record), ',');
        fprintf(file, "%lld,", (long long)batch_get_record_number(reject.record));
        write_field(file, rejects->batch->tables[reject.table].name, ',');
        write_field(file, reject.column, ',');
        write_field(file, reject.sqlstate, ',');
        write_field(file, reason, ',');
        free(reason);
        write_field(file, reject.raw, '\n');
    }
    rejects_reader_free(&reader);
    return fflush(file) == 0 && ferror(file) == 0;
}

/* Also without rejects: an older file must not be mistaken for that of this run. */
static void
write_file(const Rejects *rejects, const char *path)
{
    Diag diag = {0};
    FILE *file = outfile_stream(path, &diag);
    bool is_written = file != NULL && write_rejects(rejects, file);

    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (diag.message != NULL)
        die(EXIT_OUTPUT, &diag);
    if (!is_written)
        die_errno(EXIT_OUTPUT, "could not write file \"%s\"", path);
}

void
rejects_file_report(const Rejects *rejects)
{
    const char *path = rejects->batch->settings->rejects_file;

    report(rejects);
    if (path != NULL)
        write_file(rejects, path);
}
