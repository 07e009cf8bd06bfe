/*
 * Does what goes out hold raw values of masked columns in another place: the e-mail
 * address of a customer in a log, the name in a letter? Raw values are noted while they
 * are masked; then all rows that will be in the dump, masked or not, are searched.
 *
 *     what is noted     values of at least 6 bytes in columns whose masks are unique, and
 *                       of other masked columns if they have several words, as names do
 *     where they are    in fields of text, json, xml, hstore and array types; not in
 *     looked for        numbers
 *     how               word by word (leak_words.h), in a set of hashes (leak_set.h); a
 *                       value of several words is found where the words follow each other
 *
 * The text of a masked column can hold by chance what is another row's raw value, where
 * its mask is a name of a list or a permutation. So values of columns with such masks are
 * looked for only in columns that are not masked. Masks that put nothing of the value
 * into the masked text are not searched, but must change it.
 *
 * In the same pass the columns without a mask are looked at: does their content look
 * personal (leak_content.h)?
 *
 * Example: customer.email is masked, audit_log.new_row is not and holds the rows of the
 * table customer as json: "customer.email occurs 31 times in audit_log.new_row". It costs
 * about 20 ns a word.
 */
#ifndef SAMPLE_MASKED_LEAK_SCAN_H
#define SAMPLE_MASKED_LEAK_SCAN_H

#include "sample/masked/leak_content.h"
#include "sample/masked/leak_set.h"
#include "sample/masked/mask_batch.h"

typedef struct LeakScan LeakScan;

LeakScan *leak_scan_new(const MaskPlan *plan, const CopyEncoding *encoding);
void leak_scan_free(LeakScan *scan);

/* Notes the raw values of a batch. */
void leak_scan_note(LeakScan *scan, MaskBatch *batch);

/* From now on nothing more is noted. */
void leak_scan_seal(LeakScan *scan);

/* Begins with a relation; false: it has no columns that are searched. */
bool leak_scan_begin(LeakScan *scan, const RowLayout *layout);

/* Searches a line of it, as it will be in the dump. */
void leak_scan_line(LeakScan *scan, const char *line, size_t length);

/* Searches another text that goes out; place: what a message calls it, a constant. */
void leak_scan_text(LeakScan *scan, const char *place, const char *text, size_t length);

/* The kind of what a column without a mask holds, where it looks personal. */
ContentKind leak_scan_get_content(const LeakScan *scan, int relation, int column);

/* What was found in one place of the values of one column. */
typedef struct LeakFinding
{
    const MaskColumn *column;
    int relation; /* in this column; -1: in the text ... */
    int found_in;
    const char *place; /* ... of this name */
    uint64_t n;
} LeakFinding;

/* What was found so far; *n becomes the number. */
const LeakFinding *leak_scan_get_findings(const LeakScan *scan, size_t *n);

/* Were there more values than can be looked for? */
bool leak_scan_is_partial(const LeakScan *scan);

#endif
