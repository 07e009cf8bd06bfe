#include "sample/masked/leak_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sample/masked/leak_set.h"
#include "sample/masked/leak_words.h"
#include "sample/masked/mask_row.h"
#include "sample/masked/mask_tuple.h"
#include "sample/rowline.h"

enum
{
    MIN_LEAK_LENGTH = 6, /* bytes of a value */
    MAX_LEAK_WORDS = 8,  /* of a value that is looked for within texts */
    FIRST_USER_OID = 16384
};

/* A field of the lines that is searched. */
typedef struct SearchedField
{
    int place; /* among those of the dump */
    int column;
    bool is_masked;
} SearchedField;

struct LeakScan
{
    const MaskPlan *plan;
    const CopyEncoding *encoding;
    LeakSet *set;
    LeakContent *content;
    LeakWords words;
    unsigned lengths; /* a bit for each number of words that values have */
    bool has_longer;  /* values with more than MAX_LEAK_WORDS */
    bool has_values;  /* some are noted */
    LeakFinding *findings;
    size_t n_findings;
    size_t capacity;
    const RowLayout *layout; /* of the relation that is searched */
    SearchedField *searched;
    int n_searched;
    LeakFinding where; /* what is being searched */
    bool is_masked;    /* ... in a masked column */
    PQExpBufferData scratch;
};

LeakScan *
leak_scan_new(const MaskPlan *plan, const CopyEncoding *encoding)
{
    LeakScan *scan = mem_alloc_zero(1, sizeof(*scan));

    scan->plan = plan;
    scan->encoding = encoding;
    scan->set = leak_set_new();
    scan->content = leak_content_new(plan);
    leak_words_init(&scan->words, mask_tuple_make_seed().words[0]);
    initPQExpBuffer(&scan->scratch);
    return scan;
}

void
leak_scan_free(LeakScan *scan)
{
    if (scan == NULL)
        return;
    leak_set_free(scan->set);
    leak_content_free(scan->content);
    leak_words_free(&scan->words);
    free(scan->findings);
    free(scan->searched);
    termPQExpBuffer(&scan->scratch);
    free(scan);
}

static LeakFinding *
find_or_add_finding(LeakScan *scan, const MaskColumn *column)
{
    LeakFinding *finding;

    for (size_t i = 0; i < scan->n_findings; i++)
    {
        finding = &scan->findings[i];
        if (finding->column == column && finding->relation == scan->where.relation &&
            finding->found_in == scan->where.found_in &&
            finding->place == scan->where.place)
            return finding;
    }
    MEM_GROW(scan->findings, scan->capacity, scan->n_findings);
    finding = &scan->findings[scan->n_findings++];
    *finding = scan->where;
    finding->column = column;
    finding->n = 0;
    return finding;
}

/* ---- what is looked for */

static uint64_t
join_words(const uint64_t *words, size_t n)
{
    uint64_t hash = words[0];

    for (size_t i = 1; i < n; i++)
        hash = leak_words_join(hash, words[i]);
    return hash;
}

static void
note_value(LeakScan *scan, const MaskColumn *column, MaskValue value, size_t min_words)
{
    const LeakWords *words = &scan->words;

    if (value.length < MIN_LEAK_LENGTH)
        return;
    leak_words_split(&scan->words, value.text, value.length);
    if (words->n < min_words)
        return;
    leak_set_add(scan->set, join_words(words->words, words->n), words->words[0],
                 column->number);
    if (words->n <= MAX_LEAK_WORDS)
        scan->lengths |= 1U << words->n;
    else
        scan->has_longer = true;
}

static MaskUniqueness
get_uniqueness(const MaskColumn *column)
{
    return column->spec == NULL ? MASK_INJECTIVE
                                : mask_spec_get_uniqueness(column->spec, &column->target);
}

static void
note_column(LeakScan *scan, MaskBatch *batch, const MaskColumn *column)
{
    const MaskValue *values = mask_batch_get_values(batch, MASK_RAW, column->column);
    size_t min_words = get_uniqueness(column) == MASK_NOT_UNIQUE ? 2 : 1;

    for (size_t row = 0; row < batch->n_rows; row++)
    {
        if (values[row].text != NULL)
            note_value(scan, column, values[row], min_words);
    }
}

void
leak_scan_note(LeakScan *scan, MaskBatch *batch)
{
    const RowLayout *layout = batch->layout;

    for (int i = 0; i < layout->n_output; i++)
    {
        const MaskColumn *column =
            scan->plan->column_of[layout->position][layout->output[i]];

        if (column != NULL && column->is_scanned)
            note_column(scan, batch, column);
    }
}

void
leak_scan_seal(LeakScan *scan)
{
    leak_set_seal(scan->set);
    scan->has_values = leak_set_count(scan->set) > 0;
}

ContentKind
leak_scan_get_content(const LeakScan *scan, int relation, int column)
{
    return leak_content_find(scan->content, relation, column);
}

/* ---- searching */

static void
search_hash(LeakScan *scan, uint64_t hash)
{
    int number;
    const MaskColumn *column;

    if (!leak_set_may_have(scan->set, hash))
        return;
    number = leak_set_find(scan->set, hash);
    if (number == LEAK_SET_NONE)
        return;
    column = &scan->plan->columns[number];
    if (scan->is_masked && get_uniqueness(column) != MASK_UNIQUE)
        return;
    find_or_add_finding(scan, column)->n++;
}

/* Values of several words that may begin at this one. */
static void
search_words(LeakScan *scan, const uint64_t *words, size_t n)
{
    uint64_t hash = words[0];

    for (size_t i = 1; i < n && i < MAX_LEAK_WORDS; i++)
    {
        hash = leak_words_join(hash, words[i]);
        if ((scan->lengths >> (i + 1) & 1) != 0)
            search_hash(scan, hash);
    }
}

static void
search_text(LeakScan *scan, const char *text, size_t length)
{
    const LeakWords *words = &scan->words;
    bool has_several = (scan->lengths & ~2U) != 0;

    leak_words_split(&scan->words, text, length);
    for (size_t i = 0; i < words->n; i++)
    {
        if (!leak_set_may_have(scan->set, words->words[i]))
            continue;
        search_hash(scan, words->words[i]);
        if (has_several && i + 1 < words->n)
            search_words(scan, words->words + i, words->n - i);
    }
    if (scan->has_longer && words->n > MAX_LEAK_WORDS)
        search_hash(scan, join_words(words->words, words->n));
}

/*
 * text, char(n), varchar(n), name, json, jsonb, xml, tsvector, and arrays of them; types
 * of extensions and users may hold texts.
 */
static bool
is_searched(const Column *column)
{
    static const CatalogOid oids[] = {25,   1042, 1043, 19,  114,  3802, 142, 3614,
                                      1009, 1014, 1015, 199, 3807, 143,  1003};

    if (column->is_generated || column->is_number || column->is_boolean)
        return false;
    if (column->type >= FIRST_USER_OID)
        return true;
    for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
    {
        if (oids[i] == column->type)
            return true;
    }
    return false;
}

static void
search_field(LeakScan *scan, const CopyField *field)
{
    const char *text = field->text;
    size_t length = field->length;

    if (memchr(text, '\\', length) != NULL)
    {
        resetPQExpBuffer(&scan->scratch);
        copytext_unescape(&scan->scratch, field, scan->encoding);
        leak_words_resolve(scan->scratch.data, &scan->scratch.len);
        text = scan->scratch.data;
        length = scan->scratch.len;
    }
    if (leak_content_wants(scan->content, scan->where.relation, scan->where.found_in))
        leak_content_add(scan->content, scan->where.relation, scan->where.found_in, text,
                         length);
    if (scan->has_values)
        search_text(scan, text, length);
}

bool
leak_scan_begin(LeakScan *scan, const RowLayout *layout)
{
    MaskColumn *const *columns = scan->plan->column_of[layout->position];

    scan->layout = layout;
    scan->n_searched = 0;
    scan->searched =
        mem_resize(scan->searched, (size_t)layout->n_output + 1, sizeof(*scan->searched));
    for (int i = 0; i < layout->n_output; i++)
    {
        int column = layout->output[i];
        const MaskColumn *masked = columns != NULL ? columns[column] : NULL;

        if (is_searched(&layout->relation->columns[column]) &&
            (masked == NULL || mask_row_keeps_text(masked)))
            scan->searched[scan->n_searched++] =
                (SearchedField){i, column, masked != NULL};
    }
    return scan->n_searched > 0;
}

void
leak_scan_line(LeakScan *scan, const char *line, size_t length)
{
    const RowLayout *layout = scan->layout;
    CopyLine rest;
    CopyField field;
    int n_taken = 0;

    line = rowline_skip_prefix(layout, line, &length);
    rest = copytext_line(line, length);
    for (int i = 0; i < scan->n_searched; i++)
    {
        const SearchedField *searched = &scan->searched[i];

        while (n_taken <= searched->place && copytext_next_field(&rest, &field))
            n_taken++;
        if (n_taken <= searched->place || field.is_null)
            continue;
        scan->where =
            (LeakFinding){.relation = layout->position, .found_in = searched->column};
        scan->is_masked = searched->is_masked;
        search_field(scan, &field);
    }
}

void
leak_scan_text(LeakScan *scan, const char *place, const char *text, size_t length)
{
    scan->where = (LeakFinding){.relation = -1, .found_in = -1, .place = place};
    scan->is_masked = false;
    if (scan->has_values)
        search_text(scan, text, length);
}

const LeakFinding *
leak_scan_get_findings(const LeakScan *scan, size_t *n)
{
    *n = scan->n_findings;
    return scan->findings;
}

bool
leak_scan_is_partial(const LeakScan *scan)
{
    return leak_set_is_full(scan->set);
}
