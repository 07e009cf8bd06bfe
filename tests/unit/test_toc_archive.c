#include "dump/toc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "tap.h"

/* What is written as pg_dump does it, on a machine with integers of 4 bytes. */
typedef struct Shape
{
    int format;
    const char *dump_version;
    const char *access_method;
    bool has_data;
    bool is_partitioned;
} Shape;

static const Shape usual = {14, "15.18 (Debian 15.18-1)", "heap", false, false};

static void
write_integer(PQExpBuffer out, int value)
{
    unsigned rest = value < 0 ? -(unsigned)value : (unsigned)value;

    appendPQExpBufferChar(out, value < 0);
    for (int i = 0; i < 4; i++)
        appendPQExpBufferChar(out, (char)(rest >> (8 * i)));
}

static void
write_string(PQExpBuffer out, const char *text)
{
    write_integer(out, text != NULL ? (int)strlen(text) : -1);
    if (text != NULL)
        appendPQExpBufferStr(out, text);
}

static void
write_header(PQExpBuffer out, const Shape *shape, int n_entries)
{
    appendPQExpBufferStr(out, "PGDMP\1");
    appendPQExpBufferChar(out, (char)shape->format);
    appendBinaryPQExpBuffer(out, "\0\4\10\1", 4);
    if (shape->format >= 15)
        appendPQExpBufferChar(out, 1);
    else
        write_integer(out, -1);
    for (int i = 0; i < 7; i++)
        write_integer(out, i);
    write_string(out, "shop");
    write_string(out, "14.2");
    write_string(out, shape->dump_version);
    write_integer(out, n_entries);
}

static void
write_entry(PQExpBuffer out, const Shape *shape, int dump_id, const char *oids[2],
            const char *kind, const char *name, const char *definition, int section,
            const char *access_method)
{
    write_integer(out, dump_id);
    write_integer(out, shape->has_data);
    write_string(out, oids[0]);
    write_string(out, oids[1]);
    write_string(out, name);
    write_string(out, kind);
    write_integer(out, section);
    write_string(out, definition);
    write_string(out, "DROP it;\n");
    write_string(out, NULL);
    write_string(out, oids[0][0] == '0' ? NULL : "app");
    write_string(out, "");
    if (shape->format >= 14)
        write_string(out, access_method);
    if (shape->format >= 16)
        write_integer(out, shape->is_partitioned ? 'p' : 'r');
    write_string(out, "the\nowner");
    write_string(out, "false");
    write_string(out, "7");
    write_string(out, NULL);
    appendBinaryPQExpBuffer(out, "\3\0\0\0\0\0\0\0\0", 9);
}

static void
write_archive(PQExpBuffer out, const Shape *shape)
{
    const char *none[] = {"0", "0"};
    const char *table[] = {"1259", "4294967295"};

    write_header(out, shape, 5);
    write_entry(out, shape, 1, none, "ENCODING", "ENCODING",
                "SET client_encoding = 'UTF8';\n", 2, NULL);
    write_entry(out, shape, 2, none, "STDSTRINGS", "STDSTRINGS",
                "SET standard_conforming_strings = 'on';\n", 2, NULL);
    write_entry(out, shape, 9, table, "TABLE", "a\nb", "CREATE TABLE app.x ();\n", 2,
                shape->access_method);
    write_entry(out, shape, 10, none, "ACL", "TABLE x", "GRANT;\n", 1, NULL);
    write_entry(out, shape, 11, none, "COMMENT", "TABLE x", "COMMENT;\n", 1, NULL);
}

static Toc *
read_shape(Shape shape)
{
    PQExpBufferData out;
    Toc *toc;

    initPQExpBuffer(&out);
    write_archive(&out, &shape);
    toc = toc_archive_read(out.data, out.len);
    termPQExpBuffer(&out);
    return toc;
}

static void
test_entries(void)
{
    Toc *toc = read_shape(usual);
    const TocEntry *entry = toc_find(toc, 1259, 4294967295);

    ok(toc_has_texts(toc), "it has texts");
    is_int((int)toc->n_entries, 5, "all entries");
    ok(entry != NULL && entry->dump_id == 9, "an object is found");
    is_str(entry->kind, "TABLE", "its kind");
    is_str(entry->label, "app a b the owner", "its label, on one line");
    is_int((int)entry->n_dependencies, 1, "a dependency");
    is_int(entry->dependencies[0], 7, "its dump id");
    toc_remove_privileges(toc);
    is_int((int)toc->n_entries, 4, "without privileges");
    ok(toc_find_id(toc, 10) == NULL && toc_find_id(toc, 11) != NULL, "the others stay");
    toc_free(toc);
}

static void
test_texts(void)
{
    static const char header[] = "SET default_table_access_method = heap;\n\n"
                                 "--\n-- Name: a b; Type: TABLE; Schema: app; Owner: -\n"
                                 "--\n\nCREATE TABLE app.x ();\n\n\n";
    Toc *toc = read_shape(usual);
    char *text = toc_script_format_section(toc, TOC_PRE_DATA);
    char *settings = toc_script_format_settings(toc, true);
    const char *grant = strstr(text, "GRANT;\n");

    ok(strncmp(text, header, strlen(header)) == 0, "a table");
    ok(grant != NULL && grant > strstr(text, "COMMENT;\n"), "privileges are last");
    is_str(grant, "GRANT;\n", "one newline at the end");
    ok(strstr(settings,
              "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = "
              "on;\n") != NULL,
       "settings of the archive");
    ok(strstr(settings, "SET transaction_timeout") == NULL, "none of PostgreSQL 17");
    free(settings);
    free(text);
    text = toc_script_format_section(toc, TOC_POST_DATA);
    is_str(text, "", "a section without entries");
    free(text);
    toc_free(toc);
}

static void
is_refused(Shape shape, const char *name)
{
    Toc *toc = read_shape(shape);

    ok(toc == NULL, "refused: %s", name);
    toc_free(toc);
}

static void
test_later_settings(void)
{
    Toc *toc = read_shape((Shape){16, "17.1", "heap", false, false});
    char *settings = toc_script_format_settings(toc, false);

    ok(strstr(settings, "SET transaction_timeout = 0;\nSET client_encoding") != NULL,
       "a setting of PostgreSQL 17");
    free(settings);
    toc_free(toc);
}

static void
test_releases(void)
{
    static const struct
    {
        int format;
        const char *version;
    } known[] = {{13, "10.5"}, {14, "12.0"}, {15, "16.1"}, {16, "17.0"}, {16, "18.1"}};
    Shape shape = usual;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        Toc *toc;

        shape.format = known[i].format;
        shape.dump_version = known[i].version;
        toc = read_shape(shape);
        ok(toc != NULL && toc->n_entries == 5, "release %s", known[i].version);
        toc_free(toc);
    }
    test_later_settings();
    is_refused((Shape){12, "10.1", "heap", false, false}, "an older format");
    is_refused((Shape){17, "18.1", "heap", false, false}, "a later format");
    is_refused((Shape){16, "19.0", "heap", false, false}, "a later release");
    is_refused((Shape){16, NULL, "heap", false, false}, "no release");
    is_refused((Shape){14, "15.1", "columns", false, false}, "an access method");
    is_refused((Shape){16, "17.1", "heap", false, true}, "one of a partitioned table");
    is_refused((Shape){14, "15.1", "heap", true, false}, "data");
}

static void
test_damage(void)
{
    PQExpBufferData out;
    size_t n_read = 0;

    initPQExpBuffer(&out);
    write_archive(&out, &usual);
    for (size_t size = 0; size < out.len; size++)
    {
        char *part = mem_copy_part(out.data, size);
        Toc *toc = toc_archive_read(part, size);

        n_read += toc != NULL;
        toc_free(toc);
        free(part);
    }
    is_int((int)n_read, 0, "a part of an archive is refused");
    termPQExpBuffer(&out);
}

int
main(void)
{
    test_entries();
    test_texts();
    test_releases();
    test_damage();
    return done_testing();
}
