#include "mask/mask_label.h"

#include <stdlib.h>
#include <string.h>

#include "mask/mask_ascii.h"

enum
{
    MOST_ARGUMENTS = 16,
    LONGEST_NAME = 63
};

typedef struct LabelCall
{
    char name[LONGEST_NAME + 1]; /* of a function of the schema anon */
    const char *arguments[MOST_ARGUMENTS];
    size_t lengths[MOST_ARGUMENTS];
    size_t n_arguments;
} LabelCall;

/* Appends the mask for arguments that have to do with it; false: there is none. */
typedef bool (*AppendMask)(PQExpBuffer mask, const LabelCall *call);

/* ---- arguments */

/* Without blanks around it. */
static void
trim_argument(const char **text, size_t *length)
{
    while (*length > 0 && mask_ascii_is_blank(**text))
    {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && mask_ascii_is_blank((*text)[*length - 1]))
        (*length)--;
}

/* Passes a string or name in quotes, in which these are doubled. */
static const char *
skip_label_quotes(const char *text)
{
    char quote = *text++;

    while (*text != '\0' && (*text != quote || text[1] == quote))
        text += *text == quote ? 2 : 1;
    return *text == quote ? text + 1 : text;
}

/* Where an argument ends: at a comma, or the bracket that closes the call. */
static const char *
find_argument_end(const char *text)
{
    int depth = 0;

    while (*text != '\0')
    {
        if (*text == '\'' || *text == '"')
        {
            text = skip_label_quotes(text);
            continue;
        }
        if (depth == 0 && (*text == ',' || *text == ')'))
            break;
        if (*text == '(' || *text == '[')
            depth++;
        else if (*text == ')' || *text == ']')
            depth--;
        text++;
    }
    return text;
}

/* The constant that an argument is: a number, or what is in quotes; without its cast. */
static bool
append_constant(PQExpBuffer out, const char *text, size_t length)
{
    const char *end = text + length;

    if (length > 0 && *text == '\'')
    {
        const char *quoted_end = skip_label_quotes(text);

        if (quoted_end - text < 2 || quoted_end > end || quoted_end[-1] != '\'' ||
            (quoted_end < end && strncmp(quoted_end, "::", 2) != 0))
            return false;
        for (text++; text < quoted_end - 1; text++)
        {
            appendPQExpBufferChar(out, *text);
            text += *text == '\'';
        }
        return true;
    }
    for (; text < end && *text != ':'; text++)
    {
        if (!mask_ascii_is_digit(*text) && *text != '.' && *text != '-')
            return false;
        appendPQExpBufferChar(out, *text);
    }
    return length > 0;
}

/* As a word of a rule, in quotes. */
static void
append_quoted_word(PQExpBuffer mask, const char *text)
{
    appendPQExpBufferChar(mask, '\'');
    for (; *text != '\0'; text++)
    {
        if (*text == '\'')
            appendPQExpBufferChar(mask, '\'');
        appendPQExpBufferChar(mask, *text);
    }
    appendPQExpBufferChar(mask, '\'');
}

/* A constant argument as a number, which is positive; else 0. */
static double
get_label_number(const LabelCall *call, size_t i)
{
    PQExpBufferData text;
    double number = 0;

    initPQExpBuffer(&text);
    if (i < call->n_arguments &&
        append_constant(&text, call->arguments[i], call->lengths[i]))
        number = strtod(text.data, NULL);
    termPQExpBuffer(&text);
    return number > 0 && number < 1e9 ? number : 0;
}

/* ---- functions with arguments that count */

static bool
append_noise(PQExpBuffer mask, const LabelCall *call)
{
    double ratio = get_label_number(call, 1);
    int percent = (int)(ratio * 100 + 0.5);

    if (percent < 1 || percent > 100)
        return false;
    appendPQExpBuffer(mask, "noise %d%%", percent);
    return true;
}

/* anon.dnoise(column, '1 year'): days, at least one. */
static bool
append_shift(PQExpBuffer mask, const LabelCall *call)
{
    static const struct
    {
        const char *unit;
        double days;
    } units[] = {{"day", 1},    {"week", 7},          {"mon", 30},
                 {"year", 365}, {"hour", 1.0 / 24.0}, {"decade", 3650}};
    PQExpBufferData text;
    double days = 0;

    if (call->n_arguments < 2)
        return false;
    initPQExpBuffer(&text);
    if (append_constant(&text, call->arguments[1], call->lengths[1]))
    {
        char *unit;
        double number = strtod(text.data, &unit);

        while (mask_ascii_is_blank(*unit))
            unit++;
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        {
            if (strncmp(unit, units[i].unit, strlen(units[i].unit)) == 0)
                days = number * units[i].days;
        }
    }
    termPQExpBuffer(&text);
    if (!(days > 0 && days <= 36500))
        return false;
    appendPQExpBuffer(mask, "shift %dd", days < 1 ? 1 : (int)days);
    return true;
}

/* anon.partial(column, 2, '***', 2): the first characters stay. */
static bool
append_partial(PQExpBuffer mask, const LabelCall *call)
{
    appendPQExpBuffer(mask, "pattern keep %d", (int)get_label_number(call, 1));
    return true;
}

static bool
append_bucket(PQExpBuffer mask, const LabelCall *call)
{
    double step = call->n_arguments > 1 ? get_label_number(call, 1) : 10;

    if (step < 1)
        return false;
    appendPQExpBuffer(mask, "bucket %d", (int)step);
    return true;
}

static bool
append_period(PQExpBuffer mask, const LabelCall *call)
{
    static const char *const periods[][2] = {
        {"month", "date month"}, {"year", "bucket 1y"},      {"decade", "bucket 10y"},
        {"week", "date month"},  {"century", "bucket 100y"}, {"quarter", "date year"}};
    PQExpBufferData text;
    bool is_found = false;

    initPQExpBuffer(&text);
    if (call->n_arguments < 2)
        appendPQExpBufferStr(&text, "decade");
    else if (!append_constant(&text, call->arguments[1], call->lengths[1]))
        resetPQExpBuffer(&text);
    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]) && !is_found; i++)
    {
        is_found = strcmp(text.data, periods[i][0]) == 0;
        if (is_found)
            appendPQExpBufferStr(mask, periods[i][1]);
    }
    termPQExpBuffer(&text);
    return is_found;
}

/* anon.random_in(ARRAY['a','b']): constants alone. */
static bool
append_pick_mask(PQExpBuffer mask, const LabelCall *call)
{
    const char *next = call->n_arguments > 0 ? call->arguments[0] : "";
    const char *separator = "pick ";
    PQExpBufferData text;
    bool is_done = strncmp(next, "ARRAY[", 6) == 0 || strncmp(next, "array[", 6) == 0;

    initPQExpBuffer(&text);
    for (next += is_done ? 5 : 0; is_done && *next != ']';)
    {
        const char *start = ++next;
        size_t length;

        while (*next != '\0' && *next != ',' && *next != ']')
            next = *next == '\'' ? skip_label_quotes(next) : next + 1;
        length = (size_t)(next - start);
        trim_argument(&start, &length);
        resetPQExpBuffer(&text);
        is_done = *next != '\0' && append_constant(&text, start, length);
        appendPQExpBufferStr(mask, separator);
        append_quoted_word(mask, text.data);
        separator = "|";
    }
    termPQExpBuffer(&text);
    return is_done;
}

/* ---- all functions */

typedef struct LabelFunction
{
    const char *name; /* begins with that, if it ends with * */
    const char *mask;
    AppendMask append; /* instead */
} LabelFunction;

static const LabelFunction label_functions[] = {
    {"noise", NULL, append_noise},
    {"dnoise", NULL, append_shift},
    {"partial_email", "email", NULL},
    {"partial", NULL, append_partial},
    {"generalize_int4range", NULL, append_bucket},
    {"generalize_int8range", NULL, append_bucket},
    {"generalize_numrange", NULL, append_bucket},
    {"generalize_daterange", NULL, append_period},
    {"generalize_tsrange", NULL, append_period},
    {"generalize_tstzrange", NULL, append_period},
    {"random_in_enum", "pick enum", NULL},
    {"random_in", NULL, append_pick_mask},
    {"random_date*", "date year", NULL},
    {"random_zip", "postcode", NULL},
    {"random_phone", "phone", NULL},
    {"random_hash", "hash", NULL},
    {"random_string", "hash", NULL},
    {"random_id*", "key", NULL},
    {"hash", "hash", NULL},
    {"digest", "hash", NULL},
    {"lorem_ipsum", "words", NULL},
};

/* What follows fake_, pseudo_, dummy_ or random_ in the names of functions. */
static const LabelFunction label_subjects[] = {
    {"email", "email", NULL},
    {"safe_email", "email", NULL},
    {"free_email", "email", NULL},
    {"first_name*", "first_name", NULL},
    {"last_name*", "last_name", NULL},
    {"name_with_title*", "name", NULL},
    {"name*", "name", NULL},
    {"username*", "user_name", NULL},
    {"address", "street", NULL},
    {"street_name", "street", NULL},
    {"city*", "city", NULL},
    {"region", "city", NULL},
    {"state_name", "city", NULL},
    {"company*", "company", NULL},
    {"iban", "iban", NULL},
    {"siret", "pattern", NULL},
    {"siren", "pattern", NULL},
    {"postcode", "postcode", NULL},
    {"post_code", "postcode", NULL},
    {"zip_code", "postcode", NULL},
    {"phone*", "phone", NULL},
    {"cell_number", "phone", NULL},
    {"credit_card_number", "card", NULL},
    {"ip*", "ip", NULL},
    {"mac_address", "mac", NULL},
    {"uuid*", "uuid", NULL},
    {"date*", "date year", NULL},
    {"word*", "words", NULL},
    {"sentence*", "words", NULL},
    {"paragraph*", "words", NULL},
};

static const LabelFunction *
find_function(const LabelFunction *functions, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
    {
        size_t length = strcspn(functions[i].name, "*");

        if (strncmp(name, functions[i].name, length) == 0 &&
            (name[length] == '\0' || functions[i].name[length] == '*'))
            return &functions[i];
    }
    return NULL;
}

static const LabelFunction *
find_label_function(const char *name)
{
    static const char *const prefixes[] = {"fake_", "pseudo_", "dummy_", "random_"};
    const LabelFunction *function =
        find_function(label_functions,
                      sizeof(label_functions) / sizeof(label_functions[0]), name);

    for (size_t i = 0; function == NULL && i < sizeof(prefixes) / sizeof(prefixes[0]);
         i++)
    {
        size_t length = strlen(prefixes[i]);

        if (strncmp(name, prefixes[i], length) == 0)
            function = find_function(label_subjects,
                                     sizeof(label_subjects) / sizeof(label_subjects[0]),
                                     name + length);
    }
    return function;
}

/* ---- labels */

/* Passes blanks and the word, in small letters or capitals; NULL when it is another. */
static const char *
skip_label_word(const char *text, const char *word)
{
    while (mask_ascii_is_blank(*text))
        text++;
    for (; *word != '\0'; word++, text++)
    {
        if (mask_ascii_to_upper(*text) != *word)
            return NULL;
    }
    return mask_ascii_is_alnum(*text) || *text == '_' ? NULL : text;
}

/* Passes several words. */
static const char *
skip_label_words(const char *text, const char *const *words)
{
    for (; *words != NULL && text != NULL; words++)
        text = skip_label_word(text, *words);
    return text;
}

static bool
reject_label(const char *label, const char *reason, Diag *diag)
{
    diag_set_message(diag, "the label \"%s\" has no counterpart: %s", label, reason);
    diag_set_hint(diag, "Set a rule for the column by --mask.");
    return false;
}

/* Reads "anon.NAME(ARGUMENT, ...)"; NULL when it is not that and nothing else. */
static const char *
read_label_call(LabelCall *call, const char *text)
{
    size_t length;

    text = skip_label_word(text, "ANON");
    if (text == NULL || *text++ != '.')
        return NULL;
    length =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (length == 0 || length > LONGEST_NAME)
        return NULL;
    for (size_t i = 0; i < length; i++)
        call->name[i] = mask_ascii_to_lower(text[i]);
    text += length + strspn(text + length, " ");
    if (*text != '(')
        return NULL;
    do
    {
        const char *start = ++text;

        if (call->n_arguments == MOST_ARGUMENTS)
            return NULL;
        text = find_argument_end(text);
        length = (size_t)(text - start);
        trim_argument(&start, &length);
        call->arguments[call->n_arguments] = start;
        call->lengths[call->n_arguments++] = length;
    } while (*text == ',');
    if (*text != ')')
        return NULL;
    text++;
    return text[strspn(text, " \t\n;")] == '\0' ? text : NULL;
}

static bool
translate_function(PQExpBuffer mask, const char *label, const char *text, Diag *diag)
{
    LabelCall call = {0};
    const LabelFunction *function;
    size_t start = mask->len;

    if (read_label_call(&call, text) == NULL)
        return reject_label(label, "it is not a function of the schema anon alone", diag);
    function = find_label_function(call.name);
    if (function == NULL)
        return reject_label(label, "no mask is like the function", diag);
    if (function->append == NULL)
        appendPQExpBufferStr(mask, function->mask);
    else if (!function->append(mask, &call))
    {
        mask->len = start;
        mask->data[start] = '\0';
        return reject_label(label, "no mask takes these arguments", diag);
    }
    return true;
}

static bool
translate_value(PQExpBuffer mask, const char *label, const char *text, Diag *diag)
{
    const char *end = skip_label_word(text, "NULL");
    size_t length;
    PQExpBufferData constant;
    bool is_constant;

    if (end != NULL && end[strspn(end, " \t\n")] == '\0')
    {
        appendPQExpBufferStr(mask, "null");
        return true;
    }
    length = strlen(text);
    trim_argument(&text, &length);
    initPQExpBuffer(&constant);
    is_constant = append_constant(&constant, text, length);
    end = skip_label_word(text, "TRUE");
    if (end == NULL)
        end = skip_label_word(text, "FALSE");
    if (end != NULL && *end == '\0')
    {
        is_constant = true;
        resetPQExpBuffer(&constant);
        appendPQExpBufferStr(&constant, text);
    }
    if (is_constant)
    {
        appendPQExpBufferStr(mask, "fixed ");
        append_quoted_word(mask, constant.data);
    }
    termPQExpBuffer(&constant);
    return is_constant || reject_label(label, "its value is not a constant", diag);
}

bool
mask_label_translate(PQExpBuffer mask, const char *label, Diag *diag)
{
    static const char *const not_masked[] = {"NOT", "MASKED", NULL};
    static const char *const by_function[] = {"MASKED", "WITH", "FUNCTION", NULL};
    static const char *const by_value[] = {"MASKED", "WITH", "VALUE", NULL};
    const char *rest;

    if (skip_label_words(label, not_masked) != NULL)
    {
        appendPQExpBufferStr(mask, "keep");
        return true;
    }
    if ((rest = skip_label_words(label, by_function)) != NULL)
        return translate_function(mask, label, rest, diag);
    if ((rest = skip_label_words(label, by_value)) != NULL)
        return translate_value(mask, label, rest, diag);
    return reject_label(label, "it is not one of a masked column", diag);
}
