/*
 * Reads the right side of a rule: the name of a kind and words behind it. Of the words,
 * "in NAME" and "by COLUMN" mean the same for all kinds; the others are for the kind.
 */
#include <string.h>

#include "base/mem.h"
#include "base/sqltext.h"
#include "mask/mask_kind.h"

static const char list_hint[] = "--mask-list prints all masks.";

/* Goes through the words of a mask; room is enough for all that the text can hold. */
typedef struct WordReader
{
    Arena *arena;
    const char *next; /* what is to be read */
    char *out;        /* where the next word is written */
    const char **words;
    bool *is_quoted;
    int n;
} WordReader;

/* ---- words */

static bool
read_quoted_word(WordReader *reader, Diag *diag)
{
    const char *end = sqltext_read_quoted(reader->next, reader->out);

    if (end == NULL)
    {
        diag_set_message(diag, "unterminated quote in the mask");
        diag_set_hint(diag, "A quote within quotes is written twice.");
        return false;
    }
    reader->next = end;
    return true;
}

static void
read_bare_word(WordReader *reader)
{
    size_t length = strcspn(reader->next, " \t\n\r\f\v|");

    if (length == 0)
        length = 1; /* of "|" */
    memcpy(reader->out, reader->next, length);
    reader->out[length] = '\0';
    reader->next += length;
}

static bool
read_words(WordReader *reader, Diag *diag)
{
    while (reader->next = sqltext_skip_blanks(reader->next), *reader->next != '\0')
    {
        bool is_quoted = *reader->next == '\'' || *reader->next == '"';

        reader->words[reader->n] = reader->out;
        reader->is_quoted[reader->n] = is_quoted;
        if (is_quoted)
        {
            if (!read_quoted_word(reader, diag))
                return false;
        }
        else
            read_bare_word(reader);
        reader->out += strlen(reader->out) + 1;
        reader->n++;
    }
    return true;
}

static WordReader
make_reader(Arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;

    /* a word takes one byte at least, and its end another */
    return (WordReader){.arena = arena,
                        .next = text,
                        .out = arena_alloc(arena, 2 * size),
                        .words = ARENA_ARRAY(arena, size, const char *),
                        .is_quoted = ARENA_ARRAY(arena, size, bool)};
}

/* ---- the words that all kinds take */

/* A column's name as SQL has it: small letters unless it is quoted. */
static const char *
fold_column(Arena *arena, const char *word, bool is_quoted)
{
    char *name = arena_copy_string(arena, word);

    for (char *c = name; *c != '\0' && !is_quoted; c++)
        *c = sqltext_fold(*c);
    return name;
}

/* Takes the word and its argument out. */
static void
remove_words(WordReader *reader, int i)
{
    reader->n -= 2;
    for (; i < reader->n; i++)
    {
        reader->words[i] = reader->words[i + 2];
        reader->is_quoted[i] = reader->is_quoted[i + 2];
    }
}

/* Finds "in" or "by" with its argument: the argument's number; 0: there is none. */
static bool
find_common_word(const WordReader *reader, const char *word, int *found, Diag *diag)
{
    *found = 0;
    for (int i = 0; i < reader->n; i++)
    {
        if (reader->is_quoted[i] || strcmp(reader->words[i], word) != 0)
            continue;
        if (i + 1 >= reader->n || *found > 0)
        {
            diag_set_message(diag, "mask has a word \"%s\" %s", word,
                             *found > 0 ? "twice" : "with nothing behind it");
            diag_set_hint(diag, "Write \"in NAME\" or \"by COLUMN\", or the word in "
                                "quotes if it is an argument.");
            return false;
        }
        *found = i + 1;
    }
    return true;
}

static bool
take_by(MaskSpec *spec, WordReader *reader, Diag *diag)
{
    int found;

    if (!find_common_word(reader, "by", &found, diag))
        return false;
    if (found == 0)
        return true;
    if (!spec->kind->takes_by)
    {
        MaskWords by = {reader->words + found - 1, reader->is_quoted, 1};

        return mask_words_reject(spec, &by, diag);
    }
    spec->by_column =
        fold_column(reader->arena, reader->words[found], reader->is_quoted[found]);
    remove_words(reader, found - 1);
    return true;
}

static bool
take_in(WordReader *reader, const char **name, Diag *diag)
{
    int found;

    if (!find_common_word(reader, "in", &found, diag))
        return false;
    if (found > 0)
    {
        *name = reader->words[found];
        remove_words(reader, found - 1);
    }
    return true;
}

/* ---- the domain */

/* In quotes where it is not plain, so that the text can be read in one way only. */
static void
append_word(PQExpBuffer text, const char *word, bool is_always_quoted)
{
    if (!is_always_quoted && *word != '\0' && strpbrk(word, " \t\n\r\f\v|'\"") == NULL)
    {
        appendPQExpBufferStr(text, word);
        return;
    }
    appendPQExpBufferChar(text, '\'');
    for (; *word != '\0'; word++)
    {
        if (*word == '\'')
            appendPQExpBufferChar(text, '\'');
        appendPQExpBufferChar(text, *word);
    }
    appendPQExpBufferChar(text, '\'');
}

static void
append_words(PQExpBuffer text, const MaskWords *words)
{
    for (int i = 0; i < words->n; i++)
    {
        const char *word = words->words[i];
        bool is_common = strcmp(word, "in") == 0 || strcmp(word, "by") == 0;

        if (i > 0)
            appendPQExpBufferChar(text, ' ');
        if (!words->is_quoted[i] && strcmp(word, "|") == 0)
            appendPQExpBufferChar(text, '|');
        else
            append_word(text, word, is_common);
    }
}

/* The kind may have written its arguments there already. */
static void
set_function(MaskSpec *spec, Arena *arena, const MaskWords *words, const char *in_name)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    if (spec->function != NULL)
        appendPQExpBufferStr(&text, spec->function);
    else
        append_words(&text, words);
    if (in_name != NULL)
    {
        appendPQExpBufferStr(&text, " in ");
        append_word(&text, in_name, true);
    }
    spec->function = arena_copy_string(arena, text.data);
    termPQExpBuffer(&text);
}

/* ---- masks */

static bool
parse_words(MaskSpec *spec, Arena *arena, const char *text, Diag *diag)
{
    WordReader reader = make_reader(arena, text);
    const char *in_name = NULL;
    MaskWords words;

    if (!read_words(&reader, diag) || !take_by(spec, &reader, diag) ||
        !take_in(&reader, &in_name, diag))
        return false;
    words = (MaskWords){reader.words, reader.is_quoted, reader.n};
    if (spec->kind->parse == NULL && words.n > 0)
        return mask_words_reject(spec, &words, diag);
    if (spec->kind->parse != NULL && !spec->kind->parse(spec, arena, &words, diag))
        return false;
    set_function(spec, arena, &words, in_name);
    return true;
}

/* The text between the first parenthesis and the last character, which closes it. */
static bool
parse_sql(MaskSpec *spec, Arena *arena, const char *text, Diag *diag)
{
    size_t length = strlen(text);
    char *expression;

    if (*text != '(' || text[length - 1] != ')' || *sqltext_skip_blanks(text + 1) == ')')
    {
        diag_set_message(diag, "mask \"sql\" lacks an expression in parentheses");
        diag_set_hint(diag, "Write \"sql(EXPRESSION)\".");
        return false;
    }
    spec->function = arena_copy_string(arena, text);
    expression = arena_copy_string(arena, text + 1);
    expression[length - 2] = '\0';
    spec->sql = expression;
    return true;
}

static char *
copy_mask_text(Arena *arena, const char *text)
{
    char *copy = arena_copy_string(arena, sqltext_skip_blanks(text));
    size_t length = strlen(copy);

    while (length > 0 && sqltext_is_blank(copy[length - 1]))
        length--;
    copy[length] = '\0';
    return copy;
}

/* Copies the name that the text begins with, in small letters; returns what follows. */
static const char *
read_kind_name(Arena *arena, const char *text, char **name)
{
    size_t length = strcspn(text, " \t\n\r\f\v|('\"");

    *name = arena_copy_string(arena, text);
    (*name)[length] = '\0';
    for (size_t i = 0; i < length; i++)
        (*name)[i] = sqltext_fold((*name)[i]);
    return sqltext_skip_blanks(text + length);
}

static bool
reject_kind(const char *name, Diag *diag)
{
    const char *nearest = mask_kinds_find_nearest(name);

    if (*name == '\0')
        diag_set_message(diag, "the name of a mask is missing");
    else
        diag_set_message(diag, "there is no mask \"%s\"", name);
    if (nearest != NULL)
        diag_set_hint(diag, "Did you mean \"%s\"? %s", nearest, list_hint);
    else
        diag_set_hint(diag, "%s", list_hint);
    return false;
}

bool
mask_spec_parse(MaskSpec *spec, Arena *arena, const char *text, Diag *diag)
{
    char *name;
    const char *rest;

    *spec = (MaskSpec){.text = copy_mask_text(arena, text)};
    rest = read_kind_name(arena, spec->text, &name);
    spec->kind = mask_kinds_find(name);
    if (spec->kind == NULL)
        return reject_kind(name, diag);
    if (strcmp(name, "sql") == 0)
        return parse_sql(spec, arena, rest, diag);
    return parse_words(spec, arena, rest, diag);
}

static bool
is_same_word(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
mask_spec_is_same(const MaskSpec *a, const MaskSpec *b)
{
    return a->kind == b->kind && is_same_word(a->function, b->function) &&
           is_same_word(a->by_column, b->by_column);
}

MaskUniqueness
mask_spec_get_uniqueness(const MaskSpec *spec, const MaskTarget *target)
{
    if (spec->kind->get_uniqueness != NULL)
        return spec->kind->get_uniqueness(spec, target);
    return spec->kind->uniqueness;
}

bool
mask_spec_keeps_some(const MaskSpec *spec, const MaskTarget *target)
{
    return spec->kind->keeps_some ||
           (spec->kind->keeps_some_of != NULL && spec->kind->keeps_some_of(spec, target));
}

const char *
mask_spec_get_note(const MaskSpec *spec, const MaskTarget *target)
{
    return spec->kind->get_note != NULL ? spec->kind->get_note(spec, target) : NULL;
}

const char *const *
mask_spec_get_constants(const MaskSpec *spec, int *n)
{
    *n = 0;
    return spec->kind->get_constants != NULL ? spec->kind->get_constants(spec, n) : NULL;
}

bool
mask_spec_is_keep(const MaskSpec *spec)
{
    return strcmp(spec->kind->name, "keep") == 0;
}
