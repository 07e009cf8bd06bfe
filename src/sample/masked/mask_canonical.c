#include "sample/masked/mask_canonical.h"

#include <string.h>

enum
{
    TYPE_INT8 = 20, /* oids of pg_type */
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043,
    TYPE_NUMERIC = 1700
};

/* An extension's type has no fixed oid, and may be in any schema. */
static bool
is_citext(const Column *column)
{
    const char *point = strrchr(column->type_name, '.');

    return strcmp(point != NULL ? point + 1 : column->type_name, "citext") == 0;
}

bool
mask_canonical_choose(const Column *column, MaskCanonical *form)
{
    if (column->is_canonical)
        *form = MASK_CANONICAL_AS_IS;
    else if (column->type == TYPE_BPCHAR && column->is_padded)
        *form = MASK_CANONICAL_TRIMMED;
    else if (column->type == TYPE_NUMERIC)
        *form = MASK_CANONICAL_NUMERIC;
    else if (is_citext(column) || column->type == TYPE_TEXT ||
             column->type == TYPE_VARCHAR || column->type == TYPE_BPCHAR)
        *form = MASK_CANONICAL_LOWERED;
    else
        return false;
    return true;
}

bool
mask_canonical_is_integral(CatalogOid type)
{
    return type == TYPE_INT2 || type == TYPE_INT4 || type == TYPE_INT8 ||
           type == TYPE_NUMERIC;
}

static MaskValue
trim_blanks(MaskValue value)
{
    while (value.length > 0 && value.text[value.length - 1] == ' ')
        value.length--;
    return value;
}

/* Without zeros that do not count, a plus, and a minus of zero. */
static MaskValue
normalize_number(MaskValue value, Arena *arena)
{
    const char *end = value.text + value.length;
    const char *digits = value.text;
    bool is_negative = value.length > 0 && value.text[0] == '-';
    char *text;

    if (value.length > 0 && (is_negative || value.text[0] == '+'))
        digits++;
    if (memchr(digits, '.', (size_t)(end - digits)) != NULL)
    {
        while (end[-1] == '0')
            end--;
        end -= end[-1] == '.' ? 1 : 0;
    }
    while (end - digits > 1 && digits[0] == '0' && digits[1] != '.')
        digits++;
    if (end == digits || (end - digits == 1 && digits[0] == '0'))
        return (MaskValue){.text = "0", .length = 1};
    if (!is_negative)
        return (MaskValue){.text = digits, .length = (size_t)(end - digits)};
    if (digits == value.text + 1)
        return (MaskValue){.text = value.text, .length = (size_t)(end - value.text)};
    text = arena_alloc(arena, (size_t)(end - digits) + 1);
    text[0] = '-';
    memcpy(text + 1, digits, (size_t)(end - digits));
    return (MaskValue){.text = text, .length = (size_t)(end - digits) + 1};
}

MaskValue
mask_canonical_make(MaskCanonical form, MaskValue value, Arena *arena)
{
    if (value.text == NULL)
        return value;
    if (form == MASK_CANONICAL_TRIMMED)
        return trim_blanks(value);
    return form == MASK_CANONICAL_NUMERIC ? normalize_number(value, arena) : value;
}

bool
mask_canonical_is_lower(MaskValue value)
{
    for (size_t i = 0; i < value.length; i++)
    {
        unsigned char c = (unsigned char)value.text[i];

        if (c >= 0x80 || (c >= 'A' && c <= 'Z'))
            return false;
    }
    return true;
}
