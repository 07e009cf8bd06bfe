#include "model/rowid.h"

#include "base/bigsort.h"

int
rowid_compare(const void *left, const void *right)
{
    RowId a = *(const RowId *)left;
    RowId b = *(const RowId *)right;

    return (a > b) - (a < b);
}

void
rowid_sort(RowId *ids, size_t n)
{
    if (n > 0)
        bigsort(ids, n, sizeof(*ids));
}

/* Behind the digits; the end if there are none, or too many. */
static const char *
parse_number(const char *next, const char *end, uint32_t *number)
{
    const char *start = next;
    uint64_t value = 0;

    while (next < end && *next >= '0' && *next <= '9' && value <= UINT32_MAX)
        value = value * 10 + (uint64_t)(*next++ - '0');
    *number = (uint32_t)value;
    return next > start && value <= UINT32_MAX ? next : end;
}

bool
rowid_parse_ctid(const char *text, size_t length, uint32_t *block, uint32_t *offset)
{
    const char *end = text + length;
    const char *next;

    if (length < 5 || text[0] != '(')
        return false;
    next = parse_number(text + 1, end, block);
    if (next >= end || *next != ',')
        return false;
    next = parse_number(next + 1, end, offset);
    return next + 1 == end && *next == ')';
}

size_t
rowid_count_same_leaf(const RowId *ids, size_t n)
{
    size_t same = 1;

    while (same < n && rowid_leaf(ids[same]) == rowid_leaf(ids[0]))
        same++;
    return same;
}
