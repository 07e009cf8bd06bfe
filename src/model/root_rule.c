#include "model/root_rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/plural.h"
#include "base/sqltext.h"
#include "model/rule_reader.h"

/* Goes through the keys of a rule. Its room is enough for all that the text can hold. */
typedef struct KeyReader
{
    const RuleReader *reader;
    const char *next;    /* what is to be read */
    char *out;           /* where the next value is written */
    const char **values; /* of all keys, one after the other */
    KeyText *keys;
    size_t n_keys; /* with the current one */
} KeyReader;

static const char key_hint[] =
    "Write TABLE:KEY, for example \"orders:42,43\", and keys of several columns like "
    "\"order_lines:(42,1)\"; a value with a comma, a parenthesis or a double quote is "
    "written in double quotes, and those in it are doubled.";

/* Fills in the diag about the current key. */
static bool
reject_key(const KeyReader *keys, const char *problem)
{
    char *text = mem_format("key %zu %s", keys->n_keys, problem);

    rule_reader_reject(keys->reader, text, key_hint);
    free(text);
    return false;
}

/* Copies the value in double quotes that begins at next, and moves to what follows. */
static bool
read_quoted_value(KeyReader *keys)
{
    const char *end = sqltext_read_quoted(keys->next, keys->out);

    if (end == NULL)
        return reject_key(keys, "has a double quote that is not closed");
    keys->out += strlen(keys->out);
    keys->next = sqltext_skip_blanks(end);
    if (*keys->next != '\0' && strchr(",)", *keys->next) == NULL)
        return reject_key(keys, "goes on behind the closing double quote");
    return true;
}

/* Copies the value that begins at next and is not empty, and moves to what follows. */
static bool
read_plain_value(KeyReader *keys)
{
    size_t length = strcspn(keys->next, ",()\"");
    char end = keys->next[length];

    if (end == '(' || end == '"')
        return reject_key(keys, "has a parenthesis or a double quote in a value that is "
                                "not in double quotes");
    memcpy(keys->out, keys->next, length);
    keys->next += length;
    while (length > 0 && sqltext_is_blank(keys->out[length - 1]))
        length--;
    keys->out += length;
    return length > 0 || reject_key(keys, "lacks a value");
}

/* Reads a value of the current key, with the blanks around it. */
static bool
read_key_value(KeyReader *keys, KeyText *key)
{
    key->values[key->n_values++] = keys->out;
    keys->next = sqltext_skip_blanks(keys->next);
    if (!(*keys->next == '"' ? read_quoted_value(keys) : read_plain_value(keys)))
        return false;
    *keys->out++ = '\0';
    return true;
}

/* Reads the values in parentheses of the current key, and what closes them. */
static bool
read_parenthesized_values(KeyReader *keys, KeyText *key)
{
    do
    {
        keys->next++;
        if (!read_key_value(keys, key))
            return false;
    } while (*keys->next == ',');
    if (*keys->next != ')')
        return reject_key(keys, "has a parenthesis that is not closed");
    keys->next = sqltext_skip_blanks(keys->next + 1);
    return true;
}

static bool
check_n_values(const KeyReader *keys, const KeyText *key)
{
    int expected = keys->keys[0].n_values;
    char *problem;

    if (key->n_values == expected)
        return true;
    problem = mem_format("has %d value%s, but the first key has %d", key->n_values,
                         plural(key->n_values), expected);
    reject_key(keys, problem);
    free(problem);
    return false;
}

static bool
read_key_values(KeyReader *keys)
{
    KeyText *key = &keys->keys[keys->n_keys++];

    key->values = keys->values;
    keys->next = sqltext_skip_blanks(keys->next);
    if (!(*keys->next == '(' ? read_parenthesized_values(keys, key)
                             : read_key_value(keys, key)))
        return false;
    if (*keys->next == ')')
        return reject_key(keys, "has a closing parenthesis too many");
    if (*keys->next != '\0' && *keys->next != ',')
        return reject_key(keys, "goes on behind the closing parenthesis");
    keys->values += key->n_values;
    return check_n_values(keys, key);
}

static size_t
count_commas(const char *text)
{
    size_t n_commas = 0;

    for (; *text != '\0'; text++)
        n_commas += *text == ',';
    return n_commas;
}

/* Reads the keys at text, which is what follows the colon. */
static bool
read_keys(const RuleReader *reader, RootRule *rule, const char *text)
{
    size_t n_most = count_commas(text) + 1;
    KeyReader keys = {.reader = reader, .next = text};

    keys.out = arena_alloc(reader->arena, strlen(text) + 1);
    keys.values = ARENA_ARRAY(reader->arena, n_most, *keys.values);
    keys.keys = ARENA_ARRAY(reader->arena, n_most, *keys.keys);
    while (read_key_values(&keys))
    {
        if (*keys.next == '\0')
        {
            rule->keys = keys.keys;
            rule->n_keys = keys.n_keys;
            return true;
        }
        keys.next++;
    }
    return false;
}

/* Reads a rule of the short form, whose colon is given. */
static bool
read_short_form(const RuleReader *reader, RootRule *rule, const char *colon)
{
    size_t length = (size_t)(colon - reader->text);

    rule->is_by_key = true;
    if (!rule_reader_pattern(reader, &rule->pattern, reader->text, length))
        return false;
    if (!rule->pattern.is_exact)
        return rule_reader_reject(
            reader, "keys are of one table, which is named without wildcards", key_hint);
    if (*sqltext_skip_blanks(colon + 1) == '\0')
        return rule_reader_reject(reader, "no key follows the colon", key_hint);
    return read_keys(reader, rule, colon + 1);
}

/* Begins to read the argument; false if it is empty or a quote is open before a mark. */
static bool
find_mark(RuleReader *reader, RootRule *rule, const char *argument, const char **mark)
{
    bool is_quote_open;

    reader->text = rule_text_copy(reader->arena, argument, strlen(argument));
    *rule = (RootRule){.text = reader->text};
    *mark = sqltext_find(reader->text, ":=", &is_quote_open);
    if (*reader->text == '\0')
        return rule_reader_reject_empty(reader);
    if (is_quote_open)
        return rule_reader_reject(
            reader, "unterminated double quote",
            "A double quote within a quoted name is written twice.");
    return true;
}

bool
root_rule_parse(RootRule *rule, Arena *arena, const char *argument, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = "root rule"};
    const char *mark;

    if (!find_mark(&reader, rule, argument, &mark))
        return false;
    if (mark == NULL)
        return rule_reader_reject(
            &reader, "there is neither a colon nor a = in it",
            "Write TABLE:KEY, for example \"orders:42\", or "
            "PATTERN = ROWS, for example \"orders = total > 100\".");
    if (*mark == ':')
        return read_short_form(&reader, rule, mark);
    if (!rules_parse_one(&rule->rule, arena, reader.text, reader.what, diag))
        return false;
    rule->pattern = rule->rule.pattern;
    return true;
}

bool
root_rule_parse_keys(RootRule *rule, Arena *arena, const char *argument,
                     const char *option, Diag *diag)
{
    RuleReader reader = {.arena = arena, .diag = diag, .what = option};
    const char *mark;

    if (!find_mark(&reader, rule, argument, &mark))
        return false;
    if (mark == NULL || *mark != ':')
        return rule_reader_reject(&reader, "there is no colon behind the table",
                                  key_hint);
    return read_short_form(&reader, rule, mark);
}
