/*
 * The dump, put together from the proven sample, the schema, and what belongs to both. It
 * restores with psql -X -v ON_ERROR_STOP=1 into an empty database. Which file writes
 * which part of it:
 *
 *     emit            header: options, missing tables, what is left out
 *     sink              \restrict KEY, a digest of the body
 *     ddl_text        SET statements                       from pg_restore
 *     emit            BEGIN and the seal
 *     ddl, ddl_text   DROP statements (--clean)            from pg_restore
 *     ddl, ddl_adapt  tables, types, functions ...         from pg_restore, pre-data
 *     late_checks     DROP of constraints that come back after the rows
 *     emit_rows, inserts                                   in the order of emit_order
 *                     the rows of each table: COPY, or INSERT; then UPDATE of
 *                     columns that a cycle of foreign keys postponed
 *     configuration   rows of extensions
 *     largeobjects    lo_create(), lo_put()
 *     sequences       setval()
 *     exclusions      constraints that pg_dump's statements cannot restore
 *     ddl, ddl_adapt  indexes, foreign keys, triggers ...  from pg_restore, post-data
 *     emit_schema     foreign keys as NOT VALID that the rows do not satisfy
 *     late_checks     those constraints again, as NOT VALID, then VALIDATE
 *     emit            the row that the seal needs, COMMIT
 *     emit_schema     REFRESH MATERIALIZED VIEW
 *     emit            trailer: rows by table
 *     sink              \unrestrict KEY
 *
 * schema_choice decides which entries of pg_dump's archive are in it: toc reads the table
 * of contents, toc_select finds what entries depend on, missing_objects what cannot be
 * restored without tables that the dump does not have.
 *
 * All of it except the refreshes is one transaction with a seal, so that a truncated dump
 * restores nothing: in COPY psql takes the end of its input for the end of the data, and
 * psql -1 would then commit. The seal is a temporary table whose first row refers, by a
 * deferred foreign key, to a row that the last statement before COMMIT inserts. A dump
 * that is truncated among the refreshes restores all rows; reading a view that was not
 * refreshed is an error.
 */
#ifndef DUMP_EMIT_H
#define DUMP_EMIT_H

#include "base/stringlist.h"
#include "dump/ddl.h"
#include "dump/emit_rows.h"
#include "dump/sink.h"
#include "dump/toc.h"
#include "model/plan.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct EmitOptions
{
    const char *version; /* of this program */
    const char *database;
    const char *server_version;
    const StringList *limits; /* as given, for the header */
    const char *selection;    /* the options that select, for the header, or "" */
    const char *mark;         /* how rows are masked, for header and end, as
                                 "key 0123456789abcdef, lists 1"; NULL: they are not */
    const char *left_out;     /* lines for the header, or "" */
    bool has_schema;          /* not --data-only */
    bool has_data;            /* not --schema-only */
    bool is_clean;            /* it replaces what an earlier dump restored */
    bool has_refreshes;       /* of materialized views */
    const char *restore_path; /* search_path from the rows on, or NULL: an empty one */
    bool is_in_transaction;   /* with BEGIN, seal and COMMIT */
    RowStyle rows;
} EmitOptions;

/* What a dump is made of. */
typedef struct EmitSource
{
    Sample *sample; /* its rows are sorted by emit_dump() */
    const Proof *proof;
    Session *session;
    const Toc *toc;     /* NULL without a schema, as the next one */
    const DdlText *ddl; /* of the kept entries of toc */
} EmitSource;

/*
 * Writes header, body and trailer. Dies with EXIT_USAGE when --data-only has no valid
 * order.
 */
void emit_dump(Sink *sink, const EmitOptions *options, const EmitSource *source);

/* ---- emit_schema.c */

/*
 * Is the key written here, instead of by pg_dump, because the rows of the source do not
 * satisfy it, or it refers to a skipped table?
 */
bool emit_schema_is_broken_key(const Plan *plan, const Proof *proof, int foreign_key);

/* Can it be written as NOT VALID? Before server 18, not on a partitioned table. */
bool emit_schema_can_write_broken_key(const Catalog *catalog, const ForeignKey *key);

/* ADD CONSTRAINT ... NOT VALID for such keys. */
void emit_schema_broken_keys(Sink *sink, const Plan *plan, const Proof *proof);

/*
 * REFRESH for the materialized views that were populated in the source, each after those
 * that it reads; not for those that --exclude-table-data matches. It comes after the
 * COMMIT, so that a view that fails there stays unpopulated and all rows are restored.
 */
void emit_schema_refreshes(Sink *sink, const Plan *plan, const Toc *toc);

/* ---- configuration.c */

/*
 * Writes them for the extensions that the dump has. Where an administrator has created
 * the extension, the role that restores can lack privileges on its tables, or the rows
 * can exist: then they are left out there, with a warning. With keeps_others (see
 * emit_rows.h) rows that do not exist are added.
 */
void configuration_write(Sink *sink, Sample *sample, Session *session, const Toc *toc,
                         bool keeps_others);

#endif
