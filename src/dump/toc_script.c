/*
 * Writes what pg_restore prints of an archive that was read (toc_archive.c): the kept
 * entries of a section, each as
 *
 *     SET default_table_access_method = heap;             before the first table
 *     --
 *     -- Name: customer; Type: TABLE; Schema: app; Owner: -
 *     --
 *
 *     CREATE TABLE app.customer ( ... );
 *
 * An entry without a section is in that of the entry before it. As pg_restore does it,
 * there are three passes: privileges come after all else, since a later statement may
 * need the rights of the owner, and event triggers after those.
 *
 * Owners and tablespaces are not written: pg_restore makes statements of them in which it
 * quotes names by its own list of keywords.
 *
 * Pure: no server, no output.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "dump/toc.h"

enum
{
    WITH_TRANSACTION_TIMEOUT = 17 /* of a pg_restore that sets it */
};

typedef enum Pass
{
    MAIN_PASS,
    PRIVILEGES_PASS,
    LAST_PASS,
    N_PASSES
} Pass;

typedef struct Script
{
    PQExpBuffer out;
    bool is_access_method_set;
} Script;

static bool
is_kind(const TocEntry *entry, const char *kind)
{
    return strcmp(entry->kind, kind) == 0;
}

static bool
has_name_prefix(const TocEntry *entry, const char *prefix)
{
    return strncmp(entry->text.name, prefix, strlen(prefix)) == 0;
}

static Pass
get_pass(const TocEntry *entry)
{
    if (is_kind(entry, "ACL") || is_kind(entry, "DEFAULT ACL"))
        return PRIVILEGES_PASS;
    if (is_kind(entry, "EVENT TRIGGER") || is_kind(entry, "MATERIALIZED VIEW DATA") ||
        (is_kind(entry, "COMMENT") && has_name_prefix(entry, "EVENT TRIGGER ")))
        return LAST_PASS;
    return MAIN_PASS;
}

/* The database itself and what annotates it are written with --create only. */
static bool
is_of_whole_database(const TocEntry *entry)
{
    bool is_annotation = is_kind(entry, "ACL") || is_kind(entry, "COMMENT") ||
                         is_kind(entry, "SECURITY LABEL");

    return is_kind(entry, "DATABASE") || is_kind(entry, "DATABASE PROPERTIES") ||
           (is_annotation && has_name_prefix(entry, "DATABASE "));
}

/* Is it one of those that the settings are made of? */
static bool
is_setting(const TocEntry *entry)
{
    return is_kind(entry, "ENCODING") || is_kind(entry, "STDSTRINGS") ||
           is_kind(entry, "SEARCHPATH");
}

static bool
is_written(const TocEntry *entry)
{
    return entry->is_kept && entry->text.definition != NULL &&
           entry->text.definition[0] != '\0' && !is_of_whole_database(entry) &&
           !is_setting(entry);
}

static const char nothing[] = "-";

/* For a comment. */
static void
append_line(PQExpBuffer out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        appendPQExpBufferChar(out, *c == '\n' || *c == '\r' ? ' ' : *c);
}

static void
append_entry_header(PQExpBuffer out, const TocEntry *entry)
{
    const TocText *text = &entry->text;

    appendPQExpBufferStr(out, "--\n-- Name: ");
    append_line(out, text->name);
    appendPQExpBuffer(out, "; Type: %s; Schema: ", entry->kind);
    append_line(out, text->schema != NULL ? text->schema : nothing);
    appendPQExpBuffer(out, "; Owner: %s\n--\n\n", nothing);
}

static void
append_script_entry(Script *script, const TocEntry *entry)
{
    if (entry->text.has_storage && !script->is_access_method_set)
        appendPQExpBufferStr(script->out, "SET default_table_access_method = heap;\n\n");
    script->is_access_method_set |= entry->text.has_storage;
    append_entry_header(script->out, entry);
    appendPQExpBuffer(script->out, "%s\n\n", entry->text.definition);
}

static void
append_pass(Script *script, const Toc *toc, TocSection section, Pass pass)
{
    TocSection current = TOC_PRE_DATA;

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        const TocEntry *entry = &toc->entries[i];

        if (!entry->is_kept)
            continue;
        if (entry->text.section != TOC_NO_SECTION)
            current = entry->text.section;
        if (current == section && get_pass(entry) == pass && is_written(entry))
            append_script_entry(script, entry);
    }
}

char *
toc_script_format_section(const Toc *toc, TocSection section)
{
    PQExpBufferData out;
    Script script = {.out = &out};

    initPQExpBuffer(&out);
    for (Pass pass = MAIN_PASS; pass < N_PASSES; pass++)
        append_pass(&script, toc, section, pass);
    while (out.len > 1 && out.data[out.len - 2] == '\n')
        out.data[--out.len] = '\0';
    return out.data; /* as malloc() gave it */
}

static const char *
find_setting(const Toc *toc, const char *kind)
{
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        if (is_kind(&toc->entries[i], kind) && toc->entries[i].text.definition != NULL)
            return toc->entries[i].text.definition;
    }
    return "";
}

char *
toc_script_format_settings(const Toc *toc, bool enable_row_security)
{
    bool has_standard_strings = strstr(find_setting(toc, "STDSTRINGS"), "'on'") != NULL;

    return mem_format("SET statement_timeout = 0;\n"
                      "SET lock_timeout = 0;\n"
                      "SET idle_in_transaction_session_timeout = 0;\n"
                      "%s%s" /* ends with a newline */
                      "SET standard_conforming_strings = %s;\n"
                      "%s"
                      "SET check_function_bodies = false;\n"
                      "SET xmloption = content;\n"
                      "SET client_min_messages = warning;\n"
                      "%s"
                      "SET row_security = %s;\n",
                      toc->dump_major >= WITH_TRANSACTION_TIMEOUT
                          ? "SET transaction_timeout = 0;\n"
                          : "",
                      find_setting(toc, "ENCODING"), has_standard_strings ? "on" : "off",
                      find_setting(toc, "SEARCHPATH"),
                      has_standard_strings ? "" : "SET escape_string_warning = off;\n",
                      enable_row_security ? "on" : "off");
}
