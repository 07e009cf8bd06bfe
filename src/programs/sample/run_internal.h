/* What the files behind run.h share. */
#ifndef PROGRAMS_SAMPLE_RUN_INTERNAL_H
#define PROGRAMS_SAMPLE_RUN_INTERNAL_H

#include "base/arena.h"
#include "dump/ddl.h"
#include "dump/pg_programs.h"
#include "dump/sink.h"
#include "model/reference_rule.h"
#include "model/rules.h"
#include "programs/sample/mode.h"
#include "programs/sample/options.h"
#include "programs/sample/report.h"
#include "sample/budget.h"
#include "sample/proof.h"
#include "sample/provenance.h"
#include "sample/sample.h"
#include "sample/session.h"
#include "sample/staging/staging.h"

/* See run_why.c. */
typedef struct Explained Explained;

/* Everything that a run owns, in the order in which it comes to be. */
typedef struct Run
{
    const Options *options;
    Options translated; /* the same, in the encoding of the dump */
    Arena *arena;       /* for texts of the two */
    Session *session;
    RuleList rules;
    Subset subset;
    ReferenceRule *references;
    size_t n_references;
    Catalog *catalog;
    Plan plan;
    Sink *sink;
    Sink *report; /* or NULL */
    PgPrograms programs;
    char **environment;
    int service_fd;
    const char **excluded; /* tables that pg_dump leaves out */
    const char **excluded_schemas;
    DdlOptions ddl_options; /* the Ddl refers to them */
    Ddl *ddl;
    DdlText ddl_text;
    Toc *toc;
    ModeChoice mode;
    StagingOptions staging_options; /* the Stage refers to them */
    Staging *staging;               /* or NULL: direct mode */
    Budget budget;                  /* the Sample refers to it */
    Sample *sample;
    Proof proof;
    Explained *explained; /* by --explain */
    size_t n_explained;
    Provenance *provenance; /* or NULL: nobody asks */
    ProvenanceCounts *fks;  /* or NULL */
    PQExpBufferData left_out;
    ReportSummary summary;
    double start; /* of clock_seconds() */
} Run;

/* ---- run_schema.c: pg_dump, which runs beside the sampling */

bool run_schema_is_needed(const Run *run);
/* Is it the first table of a schema of pg-sample-load's of which nothing is selected? */
bool run_schema_is_left_out(const Run *run, int relation);
void run_schema_start(Run *run);
/* Takes the archive from the staging schema instead. */
void run_schema_resume(Run *run);
void run_schema_wait(Run *run);
/* Reads its table of contents, and decides what of it goes into the dump. */
void run_schema_finish(Run *run);

/* ---- run_privileges.c: tables that may not be read */

/*
 * Ends the program if a required table cannot be read, before any lock is requested;
 * with --continue-on-error such tables are lost instead (see lost.h).
 */
void run_privileges_check(const Run *run);
/* Tells of the foreign keys that are cut. */
void run_privileges_report_cut(const Run *run);

/* ---- run_sample.c: the rows, in direct or staging mode */

/* Chooses the mode, and connects for staging before pg_dump does. */
void run_sample_prepare_staging(Run *run);
void run_sample(Run *run);

/* ---- run_why.c: what brought the rows, and that they are not too many */

/* The sample that was just made is to keep within the budgets. */
void run_provenance_set_budget(Run *run);
/* Finds the rows that --explain names, so that a mistake ends the run early. */
void run_provenance_find_rows(Run *run);
/* Finds out what --explain, --explain-edges and --keep ask for; while rows are here. */
void run_provenance_find(Run *run);
/* ... and tells it; from then on only the counts of edges are there. */
void run_provenance_report(Run *run);
/* Releases what run_provenance_find() found. */
void run_provenance_forget(Run *run);
/* Releases what run_provenance_find_rows() found. */
void run_provenance_free_rows(Run *run);

/* ---- run_options.c: the options that choose rows and tables, in the manifest */

/* As an SQL expression of type jsonb, owned by the caller. */
char *run_options_format(const Options *options, uint64_t seed);
/* Reads them back from the schema; texts are in the arena. */
void run_options_read(Options *options, Arena *arena, Db *db, const char *qschema);

/* The name of the staging schema. */
const char *run_options_get_schema(const Options *options);

/* ---- run_slice.c */

void run_subset_parse(Run *run);
/* Warns of rules that do not do what one might think. */
void run_subset_warn(const Run *run);
/* The options that choose rows and tables besides --limit, for the header of the dump. */
void run_subset_append_choice(PQExpBuffer text, const Options *options);

/* ---- run_doubts.c */

/* Warns of rules that never count, and of parents without their children. */
void run_warnings(const Run *run);

/* ---- run_resume.c */

/* Writes the dump of a staging schema that is there. */
void run_resume(Run *run);

/* ---- run.c: steps that resuming has as well */

void run_parse_rules(Run *run);
void run_make_plan(Run *run);
void run_open_output(Run *run);
void run_write_dump(Run *run);
/* Renames files and reports. */
void run_finish_output(Run *run);

#endif
