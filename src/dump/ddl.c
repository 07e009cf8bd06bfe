#include "dump/ddl.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/copytext.h"
#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"
#include "dump/ddl_text.h"

/* An argument list under construction; the strings are its own. */
typedef struct Arguments
{
    char **items;
    size_t n_items;
    size_t capacity;
} Arguments;

struct Ddl
{
    const DdlOptions *options;
    Arguments arguments; /* of pg_dump */
    bool is_kept_whole;  /* with all privileges */
    Child pg_dump;
    int archive; /* unnamed temporary file */
};

/* Takes over an argument that was made for it; NULL ends the list. */
static void
arguments_add(Arguments *arguments, char *argument)
{
    MEM_GROW(arguments->items, arguments->capacity, arguments->n_items);
    arguments->items[arguments->n_items++] = argument;
}

/* Adds a constant if it is wanted. */
static void
arguments_add_if(Arguments *arguments, bool is_wanted, const char *argument)
{
    if (is_wanted)
        arguments_add(arguments, mem_copy_string(argument));
}

static void
arguments_free(Arguments *arguments)
{
    for (size_t i = 0; i < arguments->n_items; i++)
        free(arguments->items[i]);
    free(arguments->items);
}

/*
 * Owners and tablespaces are always in the archive, and privileges in one that is kept:
 * pg_restore decides about them.
 */
static void
build_pg_dump_arguments(Arguments *arguments, const DdlOptions *options)
{
    bool is_full = options->privileges || options->keep_all;

    arguments_add(arguments, mem_copy_string(options->pg_dump));
    arguments_add(arguments, mem_copy_string("--schema-only"));
    arguments_add(arguments, mem_copy_string("--format=custom"));
    arguments_add(arguments, mem_copy_string("--no-password"));
    arguments_add(arguments, mem_copy_string("--no-subscriptions"));
    arguments_add_if(arguments, !is_full, "--no-privileges");
    arguments_add_if(arguments, !is_full, "--no-security-labels");
    arguments_add_if(arguments, options->enable_row_security, "--enable-row-security");
    if (options->snapshot != NULL)
        arguments_add(arguments, mem_format("--snapshot=%s", options->snapshot));
    if (options->encoding != NULL)
        arguments_add(arguments, mem_format("--encoding=%s", options->encoding));
    if (options->lock_timeout != NULL)
        arguments_add(arguments,
                      mem_format("--lock-wait-timeout=%s", options->lock_timeout));
    for (size_t i = 0; i < options->n_exclude_schemas; i++)
        arguments_add(arguments,
                      mem_format("--exclude-schema=%s", options->exclude_schemas[i]));
    for (size_t i = 0; i < options->n_exclude_tables; i++)
        arguments_add(arguments,
                      mem_format("--exclude-table=%s", options->exclude_tables[i]));
    arguments_add(arguments, NULL);
}

Ddl *
ddl_start(const DdlOptions *options)
{
    Ddl *ddl = mem_alloc_zero(1, sizeof(*ddl));

    ddl->options = options;
    ddl->is_kept_whole = options->keep_all;
    ddl->archive = tempfile_open();
    build_pg_dump_arguments(&ddl->arguments, options);
    child_start(&ddl->pg_dump, ddl->arguments.items, options->environ, -1, ddl->archive);
    if (options->relay != NULL)
        db_relay_run(options->relay, ddl->pg_dump.pid);
    return ddl;
}

bool
ddl_serves(const Ddl *ddl, const DdlOptions *options)
{
    DdlOptions wanted = *options;
    Arguments arguments = {0};
    bool is_same;

    if (options->keep_all && !ddl->is_kept_whole)
        return false;
    wanted.keep_all = ddl->is_kept_whole;
    build_pg_dump_arguments(&arguments, &wanted);
    is_same = arguments.n_items == ddl->arguments.n_items;
    for (size_t i = 0; is_same && i + 1 < arguments.n_items; i++)
        is_same = strcmp(arguments.items[i], ddl->arguments.items[i]) == 0;
    arguments_free(&arguments);
    return is_same;
}

Ddl *
ddl_resume(const DdlOptions *options, int archive)
{
    Ddl *ddl = mem_alloc_zero(1, sizeof(*ddl));

    ddl->options = options;
    ddl->archive = archive;
    return ddl;
}

int
ddl_get_archive(const Ddl *ddl)
{
    return ddl->archive;
}

/* Runs pg_restore on the archive to its end; takes over the arguments. */
static char *
run_pg_restore(const Ddl *ddl, Arguments *arguments)
{
    int output = tempfile_open();
    Child pg_restore;
    size_t size;
    char *text;

    arguments_add(arguments, NULL);
    if (lseek(ddl->archive, 0, SEEK_SET) != 0)
        die_errno(EXIT_OUTPUT, "could not rewind a temporary file");
    child_start(&pg_restore, arguments->items, ddl->options->environ, ddl->archive,
                output);
    child_wait_success(&pg_restore);
    tempfile_check_room(output);
    arguments_free(arguments);
    text = tempfile_read_all(output, &size);
    close(output);
    return text;
}

bool
ddl_wait(Ddl *ddl)
{
    int status;

    if (ddl->pg_dump.pid == 0)
        return true; /* it has run long ago */
    status = child_wait(&ddl->pg_dump);
    free(ddl->pg_dump.name);
    ddl->pg_dump.name = NULL;
    if (WIFSIGNALED(status))
        die_message(EXIT_OUTPUT, "pg_dump was terminated by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        return false;
    tempfile_check_room(ddl->archive);
    return true;
}

static Toc *
list_archive(const Ddl *ddl)
{
    Arguments arguments = {0};
    char *listing;
    Toc *toc;

    arguments_add(&arguments, mem_copy_string(ddl->options->pg_restore));
    arguments_add(&arguments, mem_copy_string("--list"));
    arguments_add(&arguments, mem_copy_string("--verbose")); /* with dependencies */
    listing = run_pg_restore(ddl, &arguments);
    toc = toc_parse(listing);
    free(listing);
    return toc;
}

Toc *
ddl_finish(Ddl *ddl)
{
    size_t size;
    char *archive = tempfile_read_all(ddl->archive, &size);
    Toc *toc = toc_archive_read(archive, size);

    free(archive);
    if (toc == NULL)
        toc = list_archive(ddl);
    if (!ddl->options->privileges)
        toc_remove_privileges(toc);
    return toc;
}

/* A file that children inherit, and reach by the name /dev/fd/N. */
static int
open_list(const char *list)
{
    int fd = tempfile_open();

    tempfile_write_all(fd, tempfile_name, list, strlen(list));
    if (lseek(fd, 0, SEEK_SET) != 0 || fcntl(fd, F_SETFD, 0) != 0)
        die_errno(EXIT_OUTPUT, "could not prepare a temporary file");
    return fd;
}

/* The script for the entries on the list; section NULL: all, with DROP statements. */
static void
build_script(const Ddl *ddl, const char *section, const char *list, DdlParts *parts)
{
    const DdlOptions *options = ddl->options;
    Arguments arguments = {0};
    int fd = open_list(list);
    char *script;

    arguments_add(&arguments, mem_copy_string(options->pg_restore));
    arguments_add(&arguments, mem_copy_string("--file=-"));
    arguments_add(&arguments, mem_format("--use-list=/dev/fd/%d", fd));
    if (section != NULL)
        arguments_add(&arguments, mem_format("--section=%s", section));
    arguments_add_if(&arguments, section == NULL, "--clean");
    arguments_add_if(&arguments, section == NULL && options->if_exists, "--if-exists");
    arguments_add_if(&arguments, !options->owner, "--no-owner");
    arguments_add_if(&arguments, !options->privileges, "--no-privileges");
    arguments_add_if(&arguments, !options->privileges, "--no-security-labels");
    arguments_add_if(&arguments, !options->tablespaces, "--no-tablespaces");
    script = run_pg_restore(ddl, &arguments);
    close(fd);
    if (!ddl_text_split(script, parts))
        die_message(EXIT_OUTPUT, "could not parse the output of \"%s\"",
                    options->pg_restore);
    free(script);
}

static void
build_drops(const Ddl *ddl, const Toc *toc, DdlText *text)
{
    char *list = toc_format_drop_list(toc);
    DdlParts parts;

    build_script(ddl, NULL, list, &parts);
    text->drops = ddl_text_take_drops(parts.body, ddl->options->if_exists);
    free(parts.settings);
    free(parts.body);
    free(list);
}

/* Takes over the script of a section, and gives back what is written of it. */
static char *
adapt(const Ddl *ddl, char *script)
{
    const char *encoding = ddl->options->encoding;
    char *adapted;

    if (encoding != NULL && copytext_needs_char_length(encoding))
        return script;
    adapted = ddl_adapt(script);
    free(script);
    return adapted;
}

/* Needs no pg_restore. */
static void
format_sections(const Ddl *ddl, const Toc *toc, DdlText *text)
{
    text->settings = toc_script_format_settings(toc, ddl->options->enable_row_security);
    text->pre_data = toc_script_format_section(toc, TOC_PRE_DATA);
    text->post_data = toc_script_format_section(toc, TOC_POST_DATA);
}

static void
build_sections(const Ddl *ddl, const Toc *toc, DdlText *text)
{
    char *list = toc_format_list(toc);
    DdlParts parts;

    build_script(ddl, "pre-data", list, &parts);
    text->settings = parts.settings;
    text->pre_data = parts.body;
    build_script(ddl, "post-data", list, &parts);
    text->post_data = parts.body;
    free(parts.settings); /* the same */
    free(list);
}

void
ddl_build_text(Ddl *ddl, const Toc *toc, DdlText *text)
{
    if (toc_has_texts(toc) && !ddl->options->owner && !ddl->options->tablespaces)
        format_sections(ddl, toc, text);
    else
        build_sections(ddl, toc, text);
    text->pre_data = adapt(ddl, text->pre_data);
    text->post_data = adapt(ddl, text->post_data);
    if (ddl->options->clean)
        build_drops(ddl, toc, text);
    else
        text->drops = mem_copy_string("");
}

void
ddl_text_free(DdlText *text)
{
    free(text->settings);
    free(text->drops);
    free(text->pre_data);
    free(text->post_data);
    *text = (DdlText){0};
}

void
ddl_free(Ddl *ddl)
{
    if (ddl == NULL)
        return;
    if (ddl->pg_dump.pid > 0)
    {
        kill(ddl->pg_dump.pid, SIGTERM);
        child_wait(&ddl->pg_dump);
    }
    arguments_free(&ddl->arguments);
    free(ddl->pg_dump.name);
    close(ddl->archive);
    free(ddl);
}
