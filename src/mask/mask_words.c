/* Arguments of masks: what many kinds read alike. */
#include <string.h>

#include "base/sqltext.h"
#include "mask/mask_kind.h"

bool
mask_words_read_number(const char *word, int64_t most, int64_t *number)
{
    int64_t value = 0;

    if (*word == '\0')
        return false;
    for (; sqltext_is_digit(*word); word++)
    {
        int digit = *word - '0';

        if (value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return *word == '\0';
}

bool
mask_words_reject(const MaskSpec *spec, const MaskWords *words, Diag *diag)
{
    const MaskKind *kind = spec->kind;

    if (words->n > 0)
        diag_set_message(diag, "mask \"%s\" does not take the argument \"%s\"",
                         kind->name, words->words[0]);
    else
        diag_set_message(diag, "mask \"%s\" lacks an argument", kind->name);
    if (*kind->arguments != '\0')
        diag_set_hint(diag, "Write \"%s %s\".", kind->name, kind->arguments);
    else
        diag_set_hint(diag, "Write \"%s\" alone.", kind->name);
    return false;
}

/* The words from that on. */
static MaskWords
skip_words(const MaskWords *words, int n)
{
    return (MaskWords){words->words + n, words->is_quoted + n, words->n - n};
}

bool
mask_words_read_keep(const MaskSpec *spec, const MaskWords *words, int most, int *keep,
                     Diag *diag)
{
    MaskWords rest = *words;
    int64_t number;

    if (words->n == 0)
        return true;
    if (words->n >= 2 && strcmp(words->words[0], "keep") == 0)
    {
        rest = skip_words(words, 1);
        if (mask_words_read_number(rest.words[0], most, &number))
        {
            *keep = (int)number;
            rest = skip_words(words, 2);
            if (rest.n == 0)
                return true;
        }
    }
    return mask_words_reject(spec, &rest, diag);
}
