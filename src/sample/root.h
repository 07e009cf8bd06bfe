/*
 * Rows by values of their columns, many at a time.
 *
 * Values are text, as the user has given them, and the server compares them: they are
 * cast to the types of the columns and compared by the equality operator of each type,
 * so 042 finds 42. Before a batch is looked up, all of its values are cast in a query of
 * their own under a savepoint; if that fails, the bad key is found by bisection, so that
 * one wrong value of a million is named with its line after about 20 queries.
 */
#ifndef SAMPLE_ROOT_H
#define SAMPLE_ROOT_H

#include "model/query_down.h"
#include "model/root_file.h"
#include "sample/sample.h"
#include "sample/session.h"

/* Keys to be found, in the order in which they were given. */
typedef struct RootKeys
{
    RootColumns columns;
    KeySet *keys;         /* values as COPY writes them, joined by tabs */
    uint64_t *lines;      /* by key: its line in the file; or NULL */
    size_t capacity;      /* of lines */
    const char *source;   /* for messages: --root "orders:42" */
    bool is_hidden;       /* values are not shown in messages */
    PQExpBufferData text; /* scratch */
} RootKeys;

/*
 * Prepares for keys of these columns (indexes, which are copied). Ends the program when a
 * column's type has no equality operator.
 */
void root_keys_init(RootKeys *keys, Session *session, const Relation *relation,
                    const int *columns, int n_columns, const char *source);
void root_keys_free(RootKeys *keys);

/* Adds a value to the key that root_keys_end() completes. */
void root_keys_add_value(RootKeys *keys, const CopyEncoding *encoding, const char *text,
                         size_t length);
/* A key that is there already counts once. The line is 0 where there is none. */
void root_keys_end(RootKeys *keys, uint64_t line);

/* Adds all keys of a rule that names keys. */
void root_keys_add_rule(RootKeys *keys, const CopyEncoding *encoding,
                        const RootRule *rule);

typedef struct FoundRow
{
    RowId id;
    size_t key; /* index into keys */
} FoundRow;

/*
 * Finds the rows: *n of them, in an array that the caller frees. Ends the program, with
 * the key and its line, when a value is not of its column's type.
 */
FoundRow *root_keys_find(const RootKeys *keys, Session *session, size_t *n);

/* The key in parentheses, and its line in the file. */
char *root_keys_describe(const RootKeys *keys, size_t key);

/* ---- root_csv.c */

/*
 * Prepares keys (root_keys_init()) and reads them from the file. Ends the program, with
 * file and line, when it cannot be read or is malformed, or names unknown columns.
 */
void root_csv_read(RootKeys *keys, Session *session, const Relation *relation,
                   const RootFile *file, const char *source);

/* ---- root.c */

/*
 * Adds all root rows to sample->down. Ends the program when a key has no row (without
 * --missing=warn), or a row that is named does not satisfy the filter.
 */
void root_find_all(Sample *sample, Session *session);

#endif
