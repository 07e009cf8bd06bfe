#include "dump/toc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum
{
    PG_TYPE = 1247,
    PG_PROC = 1255,
    PG_CLASS = 1259,
    PG_CONSTRAINT = 2606,
    PG_EXTENSION = 3079
};

/*
 * A listing as pg_restore -l -v prints it: entries in the archive's order, some with a
 * line of dependencies (with repetitions, and with ids that are not in the archive).
 */
static const char listing[] =
    ";\n"
    "; Archive created at 2026-01-01 00:00:00 UTC\n"
    ";     dbname: shop\n"
    ";\n"
    "; Selected TOC Entries:\n"
    ";\n"
    "900; 0 0 ENCODING - ENCODING \n"
    "901; 0 0 STDSTRINGS - STDSTRINGS \n"
    "902; 1262 5 DATABASE - shop admin\n"
    "10; 2615 100 SCHEMA - app admin\n"
    "903; 0 0 COMMENT - SCHEMA app admin\n"
    ";\tdepends on: 10\n"
    "11; 2615 101 SCHEMA - lib admin\n"
    "12; 2615 102 SCHEMA - DATA admin\n"
    "2; 3079 110 EXTENSION - files \n"
    "3; 3079 111 EXTENSION - citext \n"
    "20; 1247 120 TYPE lib mood admin\n"
    ";\tdepends on: 11\n"
    "21; 1247 121 DOMAIN lib positive admin\n"
    ";\tdepends on: 11\n"
    "22; 0 0 SHELL TYPE lib base admin\n"
    "23; 1255 123 FUNCTION lib base_in(cstring) admin\n"
    ";\tdepends on: 11 22\n"
    "24; 1247 124 TYPE lib base admin\n"
    ";\tdepends on: 11 23\n"
    "25; 1255 125 FUNCTION lib touch() admin\n"
    ";\tdepends on: 11\n"
    "26; 1255 126 FUNCTION lib to_number(lib.mood) admin\n"
    ";\tdepends on: 11 20\n"
    "27; 2605 127 CAST - CAST (lib.mood AS integer) \n"
    ";\tdepends on: 26 20\n"
    "28; 2617 128 OPERATOR CLASS =% admin\n"
    "30; 1259 130 TABLE app customer admin\n"
    ";\tdepends on: 10 20 3 3 777\n"
    "904; 0 0 ACL app TABLE customer admin\n"
    ";\tdepends on: 30\n"
    "31; 1259 131 SEQUENCE app customer_id_seq admin\n"
    ";\tdepends on: 10 30\n"
    "905; 0 0 SEQUENCE OWNED BY app customer_id_seq admin\n"
    ";\tdepends on: 31\n"
    "32; 1259 132 TABLE app orders admin\n"
    ";\tdepends on: 10\n"
    "33; 1259 133 TABLE app orders_1 admin\n"
    ";\tdepends on: 10 32\n"
    "34; 1259 134 TABLE DATA log admin\n"
    ";\tdepends on: 12\n"
    "35; 1259 135 VIEW app recent admin\n"
    ";\tdepends on: 10 32\n"
    "36; 1259 136 MATERIALIZED VIEW app totals admin\n"
    ";\tdepends on: 10 35 24\n"
    "40; 2328 140 FOREIGN DATA WRAPPER - files admin\n"
    ";\tdepends on: 2\n"
    "41; 1417 141 SERVER - my files admin\n"
    ";\tdepends on: 40\n"
    "906; 0 0 USER MAPPING - USER MAPPING some one SERVER my files admin\n"
    "50; 0 0 TABLE ATTACH app orders_1 admin\n"
    ";\tdepends on: 33 32\n"
    "51; 2604 151 DEFAULT app customer id admin\n"
    ";\tdepends on: 31 30 30\n"
    "52; 2606 152 CONSTRAINT app customer customer_pkey admin\n"
    ";\tdepends on: 30\n"
    "53; 2606 153 CONSTRAINT app orders orders_pkey admin\n"
    ";\tdepends on: 32 32\n"
    "54; 2606 154 CONSTRAINT app orders_1 orders_1_pkey admin\n"
    ";\tdepends on: 33 33 53\n"
    "55; 2606 155 CHECK CONSTRAINT lib positive is_positive admin\n"
    ";\tdepends on: 21\n"
    "56; 0 0 INDEX ATTACH app orders_1_pkey admin\n"
    ";\tdepends on: 54 53 33 32\n"
    "57; 2618 157 RULE app customer log_it admin\n"
    ";\tdepends on: 34 30 34 30\n"
    "58; 2620 158 TRIGGER app customer touch admin\n"
    ";\tdepends on: 25 30\n"
    "907; 0 0 COMMENT app TRIGGER touch ON customer admin\n"
    ";\tdepends on: 58\n"
    "59; 2606 159 FK CONSTRAINT app orders orders_customer_fkey admin\n"
    ";\tdepends on: 32 30 52\n"
    "908; 0 0 COMMENT app CONSTRAINT orders_customer_fkey ON orders admin\n"
    ";\tdepends on: 59\n"
    "60; 0 130 ROW SECURITY app customer admin\n"
    ";\tdepends on: 30\n"
    "61; 6104 161 PUBLICATION - feed admin\n"
    "62; 6106 162 PUBLICATION TABLE app feed customer admin\n"
    ";\tdepends on: 30 61\n"
    "63; 3466 163 EVENT TRIGGER - watch admin\n"
    ";\tdepends on: 25\n"
    "64; 9999 164 NEWKIND app thing admin\n";

/* "+" and the dump ids of the kept entries; owned by the caller. */
static char *
format_kept(const Toc *toc)
{
    char *list = toc_format_list(toc);

    for (char *next = list; *next != '\0'; next++)
    {
        if (*next == ';' || *next == '\n')
            *next = next[1] == '\0' || *next == ';' ? ' ' : '+';
    }
    return list;
}

static void
is_kept(const Toc *toc, const char *expected, const char *name)
{
    char *kept = format_kept(toc);
    char *compact = kept;

    for (char *next = kept; *next != '\0'; next++)
    {
        if (*next != ' ')
            *compact++ = *next;
    }
    *compact = '\0';
    is_str(kept, expected, "%s", name);
    free(kept);
}

static void
is_named(const Toc *toc, int dump_id, const char *kind, const char *expected)
{
    const TocEntry *entry = toc_find_id(toc, dump_id);
    char *name = toc_format_name(entry);

    is_str(entry->kind, kind, "kind of entry %d", dump_id);
    is_str(name, expected, "name of entry %d", dump_id);
    free(name);
}

static void
check_parse(void)
{
    Toc *toc = toc_parse(listing);
    const TocEntry *entry = toc_find(toc, PG_CLASS, 130);

    is_int(toc->n_entries, 47, "every entry is read");
    is_int(entry->dump_id, 30, "an object is found");
    is_str(entry->label, "app customer admin", "the label is kept as it is");
    is_int(entry->n_dependencies, 5, "dependencies are read");
    is_int(entry->dependencies[4], 777, "also one that is not in the archive");
    ok(toc_is_kept(toc, PG_CLASS, 130), "everything is kept at first");
    ok(toc_find(toc, PG_CLASS, 5000) == NULL, "an unknown object is not found");
    ok(toc_find(toc, 0, 130) == NULL, "without a class nothing is found");
    is_named(toc, 30, "TABLE", "TABLE app.customer");
    is_named(toc, 34, "TABLE", "TABLE DATA.log");
    is_named(toc, 28, "OPERATOR", "OPERATOR CLASS.=%");
    is_named(toc, 36, "MATERIALIZED VIEW", "MATERIALIZED VIEW app.totals");
    is_named(toc, 905, "SEQUENCE OWNED BY", "SEQUENCE OWNED BY app.customer_id_seq");
    is_named(toc, 51, "DEFAULT", "DEFAULT app.customer id");
    is_named(toc, 26, "FUNCTION", "FUNCTION lib.to_number(lib.mood)");
    is_named(toc, 27, "CAST", "CAST (lib.mood AS integer)");
    is_named(toc, 3, "EXTENSION", "EXTENSION citext");
    is_named(toc, 64, "NEWKIND", "NEWKIND app.thing");
    is_int(toc_find_id(toc, 22)->dependencies[0], 24, "a shell type needs its type");
    is_int(toc_find_id(toc, 906)->dependencies[0], 41, "a mapping needs its server");
    toc_free(toc);

    toc = toc_parse("");
    is_int(toc->n_entries, 0, "an empty listing has no entries");
    ok(toc_find_id(toc, 1) == NULL, "and nothing is found in it");
    is_kept(toc, "", "and its list is empty");
    toc_free(toc);
    toc_free(NULL);
}

static void
check_select_one(uint32_t class_oid, uint32_t oid, const char *expected, const char *name)
{
    Toc *toc = toc_parse(listing);

    toc_select(toc, &(TocObject){.class_oid = class_oid, .oid = oid}, 1);
    is_kept(toc, expected, name);
    toc_free(toc);
}

static void
check_select(void)
{
    static const TocObject both[] = {{PG_CLASS, 130, NULL}, {PG_CLASS, 132, NULL}};
    Toc *toc = toc_parse(listing);

    toc_select(toc, NULL, 0);
    is_kept(toc, "900+901", "without objects only the archive's settings are kept");
    toc_select(toc, both, 2);
    ok(toc_is_kept(toc, PG_CONSTRAINT, 159), "a foreign key between kept tables is kept");
    ok(toc_find_id(toc, 908)->is_kept, "and so is its comment");
    toc_free(toc);

    check_select_one(PG_CLASS, 130,
                     "900+901+10+903+11+12+3+20+25+26+27+30+904+31+905+34+51+52+57+58+"
                     "907+60+61+62",
                     "a table with what belongs to it and what all that needs");
    check_select_one(PG_CLASS, 132, "900+901+10+903+32+33+50+53+54+56",
                     "a partitioned table with its partitions, not what it refers to");
    check_select_one(PG_CLASS, 133, "900+901+10+903+32+33+50+53+54+56",
                     "a partition with the whole partitioned table");
    check_select_one(PG_CLASS, 134, "900+901+12+34",
                     "a table that a rule writes to without the rule");
    check_select_one(PG_CLASS, 135, "900+901+10+903+32+33+35+50+53+54+56",
                     "a view with the tables that it reads");
    check_select_one(PG_TYPE, 124, "900+901+11+22+23+24",
                     "a base type with its shell and functions");
    check_select_one(PG_TYPE, 121, "900+901+11+21+55",
                     "a domain with its late constraint");
    check_select_one(PG_CLASS, 131,
                     "900+901+10+903+11+12+3+20+25+26+27+30+904+31+905+34+51+52+57+58+"
                     "907+60+61+62",
                     "an owned sequence with its table");
    check_select_one(PG_CLASS, 5000, "900+901", "an unknown object adds nothing");
}

/* What toc_select_leave_out() or toc_select_remove() reported, one line each. */
typedef struct Reported
{
    char text[2000];
} Reported;

static void
report(void *context, const TocEntry *entry, const char *reason)
{
    Reported *reported = context;
    size_t used = strlen(reported->text);

    snprintf(reported->text + used, sizeof(reported->text) - used, "%d %s\n",
             entry->dump_id, reason);
}

static void
check_leave_out(void)
{
    static const TocObject objects[] = {
        {PG_PROC, 125, "untrusted"},   {PG_EXTENSION, 110, "no control file"},
        {PG_TYPE, 124, "base type"},   {PG_PROC, 123, "language c"},
        {PG_CLASS, 5000, "not there"}, {PG_TYPE, 120, NULL},
    };
    const TocCalls no_calls = {0};
    Toc *toc = toc_parse(listing);
    Reported reported = {""};

    toc_select_leave_out(toc, objects, sizeof(objects) / sizeof(objects[0]), &no_calls,
                         report, &reported);
    is_str(reported.text,
           "2 no control file\n"
           "20 kept: needed by TABLE app.customer; needs a superuser\n"
           "23 kept: needed by MATERIALIZED VIEW app.totals; language c\n"
           "24 kept: needed by MATERIALIZED VIEW app.totals; base type\n"
           "25 untrusted\n"
           "40 needs EXTENSION files\n"
           "41 needs FOREIGN DATA WRAPPER files\n"
           "906 needs SERVER my files\n"
           "58 needs FUNCTION lib.touch()\n"
           "63 needs FUNCTION lib.touch()\n",
           "reported are what is left out, what stays, and why; not comments");
    ok(!toc_find_id(toc, 907)->is_kept, "a comment goes with its object");
    ok(toc_find_id(toc, 30)->is_kept, "a table stays when its trigger goes");
    ok(toc_find_id(toc, 22)->is_kept, "the shell of a type that stays does, too");
    toc_free(toc);

    /* without the materialized view nothing needs the type */
    toc = toc_parse(listing);
    toc_select(toc, &(TocObject){.class_oid = PG_TYPE, .oid = 124}, 1);
    reported.text[0] = '\0';
    toc_select_leave_out(toc, objects + 2, 1, &no_calls, report, &reported);
    is_str(reported.text,
           "22 needs TYPE lib.base\n"
           "23 needs SHELL TYPE lib.base\n"
           "24 base type\n",
           "a base type takes its shell and functions along");
    toc_select_leave_out(toc, objects, 1, &no_calls, report, &reported);
    is_kept(toc, "900+901+11", "what was left out before is not reported again");
    toc_free(toc);
}

static void
check_remove(void)
{
    static const TocObject objects[] = {{PG_CLASS, 135, "gone"},
                                        {PG_CLASS, 5000, "gone"},
                                        {PG_TYPE, 120, "gone"}};
    Toc *toc = toc_parse(listing);
    Reported reported = {""};

    toc_select_remove(toc, objects, sizeof(objects) / sizeof(objects[0]), report,
                      &reported);
    is_str(reported.text,
           "20 gone\n"
           "26 needs TYPE lib.mood\n"
           "27 needs TYPE lib.mood\n"
           "35 gone\n"
           "36 needs VIEW app.recent\n",
           "what is removed takes along what needs it, even a materialized view");
    ok(toc_find_id(toc, 30)->is_kept, "but no table");
    toc_free(toc);
}

static void
check_drop(void)
{
    Toc *toc = toc_parse(listing);
    char *list;

    toc_select_drop(toc, PG_CONSTRAINT, 159, false);
    toc_select_drop(toc, PG_CONSTRAINT, 5000, true);
    ok(!toc_is_kept(toc, PG_CONSTRAINT, 159), "a dropped object is not kept");
    ok(!toc_find_id(toc, 908)->is_kept, "nor its comment");
    toc_select_drop(toc, PG_CONSTRAINT, 153, true);
    ok(toc_is_kept(toc, PG_CONSTRAINT, 154), "what depends on it is");
    list = toc_format_drop_list(toc);
    ok(strstr(list, "\n53;\n") != NULL, "the DROP of what is replaced stays");
    ok(strstr(list, "\n59;\n") == NULL, "but of nothing else");
    free(list);
    toc_free(toc);

    toc = toc_parse(listing);
    list = toc_format_drop_list(toc);
    ok(strstr(list, "\n53;\n") != NULL, "the drops have a partitioned table's key");
    ok(strstr(list, "\n54;\n") == NULL, "but not the key of its partition");
    free(list);
    toc_free(toc);
}

int
main(void)
{
    check_parse();
    check_select();
    check_leave_out();
    check_remove();
    check_drop();
    return done_testing();
}
