#include "base/csvreader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/diag.h"
#include "base/mem.h"
#include "tap.h"

/* What was read, as text: LINE:field|field; a NULL is written as ~. */
typedef struct Found
{
    char text[1024];
    size_t used;
    size_t n_records;
    size_t n_bytes;
    const char *refused; /* the record that begins with this one is refused */
} Found;

static void
append_record(Found *found, const CsvRecord *record)
{
    char *out = found->text;
    size_t size = sizeof(found->text);

    found->used += (size_t)snprintf(out + found->used, size - found->used,
                                    "%s%zu:", found->used > 0 ? " " : "", record->line);
    for (size_t i = 0; i < record->n_fields; i++)
        found->used +=
            (size_t)snprintf(out + found->used, size - found->used, "%s%s",
                             i > 0 ? "|" : "",
                             record->fields[i].is_null ? "~" : record->fields[i].text);
}

static bool
take_header(void *context, const CsvRecord *header, Diag *diag)
{
    (void)diag;
    append_record(context, header);
    for (size_t i = 0; i < header->n_fields; i++)
        is_str(header->names[i], header->fields[i].text, "the name of column %zu", i + 1);
    return true;
}

static bool
take_record(void *context, const CsvRecord *record, Diag *diag)
{
    Found *found = context;

    append_record(context, record);
    if (found->refused != NULL && strcmp(record->fields[0].text, found->refused) == 0)
    {
        csvreader_set_problem(diag, "f.csv", record->line, "refused");
        return false;
    }
    return true;
}

static bool
count_record(void *context, const CsvRecord *record, Diag *diag)
{
    Found *found = context;

    (void)diag;
    found->n_records++;
    for (size_t i = 0; i < record->n_fields; i++)
        found->n_bytes += record->fields[i].length;
    return true;
}

/* What the next texts are read with. */
static CsvOptions options;

/* Reads the text in chunks of so many bytes. */
static bool
read_text(const CsvHandler *handler, const char *text, size_t length, size_t chunk,
          Diag *diag)
{
    CsvReader *reader = csvreader_new_with("f.csv", handler, &options);
    bool is_good = true;

    for (size_t at = 0; is_good && at < length; at += chunk)
        is_good = csvreader_feed(reader, text + at,
                                 length - at < chunk ? length - at : chunk, diag);
    is_good = is_good && csvreader_finish(reader, diag);
    csvreader_free(reader);
    return is_good;
}

/* Whatever the chunks are, the result must be the same: records, or an error. */
static void
check_bytes(const char *text, size_t length, const char *expected, const char *refused)
{
    const size_t chunks[] = {1, 2, 3, 1000};

    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
    {
        Found found = {.refused = refused};
        CsvHandler handler = {.header = take_header,
                              .record = take_record,
                              .context = &found};
        Diag diag = {0};

        if (!read_text(&handler, text, length, chunks[i], &diag))
            snprintf(found.text, sizeof(found.text), "%s", diag.message);
        is_str(found.text, expected, "chunks of %zu: %s", chunks[i], expected);
        diag_free(&diag);
    }
}

static void
check_text(const char *text, const char *expected)
{
    check_bytes(text, strlen(text), expected, NULL);
}

static void
check_records(void)
{
    check_text("id\n1\n2\n", "1:id 2:1 3:2");
    check_text("id,x\r\n1,a\r\n2,b\r\n", "1:id|x 2:1|a 3:2|b");
    check_text("id\n1", "1:id 2:1");
    check_text("id,x\n1,", "1:id|x 2:1|~");
    check_text("id,x\n,\n\"\",\"\"\n", "1:id|x 2:~|~ 3:|");
    check_text("id,x\n\"a,\"\"b\"\"\",\" \"\n", "1:id|x 2:a,\"b\"| ");
    check_text("id,x\n a b , c\t\n", "1:id|x 2: a b | c\t");
    check_text("\"id\",\"a \"\"x\"\"\"\n1,2\n", "1:id|a \"x\" 2:1|2");
    check_text("id\n\"\"\"\"", "1:id 2:\"");
    check_text("id", "1:id");
    check_text("id,ID\ncaf\xc3\xa9,1\n", "1:id|ID 2:caf\xc3\xa9|1");
}

static void
check_lines(void)
{
    check_text("id,x\n1,\"a\nb\"\n2,c\n", "1:id|x 2:1|a\nb 4:2|c");
    check_text("id,x\r\n\"\r\n\r\n\",\"a\r\nb\"\r\n2,c\r\n",
               "1:id|x 2:\r\n\r\n|a\r\nb 6:2|c");
    check_text("\n\r\n\nid\n\n\n1\n\r\n2\n\n", "4:id 7:1 9:2");
    check_text("\"a\nb\"\n1\n", "1:a\nb 3:1");
    check_text("id\n\"a\rb\"\n2", "1:id 2:a\rb 3:2");
}

static void
check_options(void)
{
    options = (CsvOptions){.null_text = "NULL"};
    check_text("a,b\nNULL,\"NULL\"\n,\"\"\n", "1:a|b 2:~|NULL 3:|");
    check_text("a,b\n\"NULL\",NULL\nNULL,NULLX\n", "1:a|b 2:NULL|~ 3:~|NULLX");
    check_text("a,b\n\"abcd\"\"e\",NULL\nabcdefg,NULL", "1:a|b 2:abcd\"e|~ 3:abcdefg|~");
    check_text("a\n\"xxxx\"\nNULL\n\"NULL\"", "1:a 2:xxxx 3:~ 4:NULL");
    check_text("a\n\"xxxx\n\"\ny\n", "1:a 2:xxxx\n 4:y");
    options = (CsvOptions){.null_text = "\\N", .delimiter = ';', .quote = '\''};
    check_text("a;b\n\\N;'\\N'\n'it''s';\"x\"\n", "1:a|b 2:~|\\N 3:it's|\"x\"");
    check_text("a;b\n1;'x\n",
               "f.csv, line 2: the quote character (') that begins a field "
               "here is not closed");
    options = (CsvOptions){.delimiter = '\t'};
    check_text("a\tb\n\t \n", "1:a|b 2:~| ");
    options = (CsvOptions){.has_no_header = true, .has_any_width = true};
    check_text("1,2\n3\n\n4,,5", "1:1|2 2:3 4:4|~|5");
    check_text("", "");
    options = (CsvOptions){.has_any_width = true};
    check_text("a,b\n3\n4,,5\n", "1:a|b 2:3 3:4|~|5");
    options = (CsvOptions){0};
}

static void
check_byte_order_mark(void)
{
    check_text("\xef\xbb\xbfid\n1\n", "1:id 2:1");
    check_text("\xef\xbb\xbf\"id\"\n1\n", "1:id 2:1");
    check_text("\xef\xbbid\n1\n", "1:\xef\xbbid 2:1");
    check_text("\xef\xbb", "1:\xef\xbb");
    check_text("\xef\xbb\xbf", "f.csv, line 1: there is no header");
    check_text("id\n\xef\xbb\xbf", "1:id 2:\xef\xbb\xbf");
}

static void
check_header_errors(void)
{
    check_text("", "f.csv, line 1: there is no header");
    check_text("\n\n", "f.csv, line 3: there is no header");
    check_text("id,,x\n", "f.csv, line 1: the name of column 2 is empty");
    check_text("\nid,\"\"\n", "f.csv, line 2: the name of column 2 is empty");
    check_text("a,b,c,b\n1,2,3,4\n", "f.csv, line 1: column \"b\" is named twice");
    check_text("\"id", "f.csv, line 1: the double quote that begins a field here is not "
                       "closed");
}

static void
check_record_errors(void)
{
    check_text("a,b\n1,2\n3\n",
               "f.csv, line 3: the record has 1 field, but the header has 2");
    check_text("a,b\n1,2,3\n",
               "f.csv, line 2: the record has 3 fields, but the header has 2");
    check_text("a\n\n1,\n",
               "f.csv, line 3: the record has 2 fields, but the header has 1");
    check_text("a,b\n1,x\"y\n",
               "f.csv, line 2: a double quote in a field that does not begin with one");
    check_text("a,b\n\"1\"x,2\n", "f.csv, line 2: text behind a closing double quote");
    check_text("a,b\n\"1\" ,2\n", "f.csv, line 2: text behind a closing double quote");
    check_text("a,b\n1,\"\n\n\"x\n", "f.csv, line 4: text behind a closing double quote");
    check_text("a,b\n1,\"x\n\n\n",
               "f.csv, line 2: the double quote that begins a field here is not closed");
    check_text("a,b\n\"1\n\",\"x\n\n\n",
               "f.csv, line 3: the double quote that begins a field here is not closed");
    check_text("a\n1\r2\n",
               "f.csv, line 2: a carriage return is not followed by a line feed");
    check_text("a\r1\r",
               "f.csv, line 1: a carriage return is not followed by a line feed");
    check_text("a\n1\r\r\n",
               "f.csv, line 2: a carriage return is not followed by a line feed");
    check_text("a\n1\r",
               "f.csv, line 2: a carriage return is not followed by a line feed");
    check_bytes("a\n1\n2", 5, "f.csv, line 2: refused", "1");
    check_bytes("a\n1\0\n", 5, "f.csv, line 2: a NUL byte", NULL);
    check_bytes("a\n\"\n\0\"\n", 7, "f.csv, line 3: a NUL byte", NULL);
    check_bytes("\0a\n", 3, "f.csv, line 1: a NUL byte", NULL);
    check_bytes("\xff\xfe"
                "a\0\n\0",
                6, "f.csv, line 1: a NUL byte", NULL);
}

static void
check_hint(void)
{
    Found found = {0};
    CsvHandler handler = {.record = take_record, .context = &found};
    Diag diag = {0};

    ok(!read_text(&handler, "a\n1,2\n", 6, 100, &diag), "a field too many");
    ok(diag.hint != NULL && strstr(diag.hint, "double quotes") != NULL,
       "the hint says how to quote");
    diag_free(&diag);
}

/* A field of a megabyte, in the middle of small ones. */
static void
check_long_field(void)
{
    const size_t length = 1 << 20;
    char *text = mem_alloc(length + 20);
    Found found = {0};
    CsvHandler handler = {.record = count_record, .context = &found};
    Diag diag = {0};
    size_t used = 0;

    memcpy(text, "id,x\n1,\"", 8);
    memset(text + 8, 'x', length);
    used = 8 + length;
    memcpy(text + used, "\"\n2,b\n", 6);
    used += 6;
    ok(read_text(&handler, text, used, 65536, &diag), "a long field");
    is_int((int)found.n_records, 2, "both records");
    is_int((int)found.n_bytes, (int)length + 3, "all of it");
    free(text);
    diag_free(&diag);
}

static void
check_many_records(void)
{
    const int n_records = 1000000;
    char *text = mem_alloc(20 * (size_t)n_records + 20);
    size_t used = 3;
    Found found = {0};
    CsvHandler handler = {.record = count_record, .context = &found};
    Diag diag = {0};
    clock_t start;
    double seconds;

    memcpy(text, "id\n", 3);
    for (int i = 0; i < n_records; i++)
        used += (size_t)snprintf(text + used, 20, "%d\n", i);
    start = clock();
    ok(read_text(&handler, text, used, 65536, &diag), "a million records");
    seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    is_int((int)found.n_records, n_records, "all of them");
    ok(seconds < 5, "in %.2f s", seconds);
    free(text);
    diag_free(&diag);
}

int
main(void)
{
    check_records();
    check_lines();
    check_options();
    check_byte_order_mark();
    check_header_errors();
    check_record_errors();
    check_hint();
    check_long_field();
    check_many_records();
    return done_testing();
}
