#include "model/root_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"

static const char form_hint[] =
    "Write TABLE=FILE, for example orders=keys.csv, with - for standard input; the first "
    "line of the file names columns of the table.";

bool
root_file_parse(RootFile *file, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = "--root-file"};
    const char *equals;
    bool is_quote_open;

    reader.text = rule_text_copy(arena, argument, strlen(argument));
    *file = (RootFile){.text = reader.text};
    equals = sqltext_find(reader.text, "=", &is_quote_open);
    if (is_quote_open)
        return rule_reader_reject(&reader, "unterminated double quote", form_hint);
    if (equals == NULL)
        return rule_reader_reject(&reader, "there is no \"TABLE=\" in it", form_hint);
    if (!rule_reader_pattern(&reader, &file->pattern, reader.text,
                             (size_t)(equals - reader.text)))
        return false;
    if (!file->pattern.is_exact)
        return rule_reader_reject(
            &reader, "a file is for one table, which is named without wildcards",
            form_hint);
    file->path = sqltext_skip_blanks(equals + 1);
    if (*file->path == '\0')
        return rule_reader_reject(&reader, "no file follows the =", form_hint);
    file->is_stdin = strcmp(file->path, "-") == 0;
    file->name = file->is_stdin ? "standard input" : file->path;
    return true;
}

bool
root_file_check_record(const RootFile *file, const CsvRecord *record, Diag *diag)
{
    for (size_t i = 0; i < record->n_fields; i++)
    {
        char *problem;

        if (!record->fields[i].is_null)
            continue;
        problem =
            mem_format("a key value is missing, in column \"%s\"", record->names[i]);
        csvreader_set_problem(diag, file->name, record->line, problem);
        free(problem);
        diag_set_hint(diag, "No row can be found by a NULL; an empty text is written as "
                            "two double quotes.");
        return false;
    }
    return true;
}
