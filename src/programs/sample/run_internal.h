/* What the files behind run.h share. */
#ifndef PROGRAMS_SAMPLE_RUN_INTERNAL_H
#define PROGRAMS_SAMPLE_RUN_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"
#include "dump/ddl.h"
#include "dump/pg_programs.h"
#include "dump/sink.h"
#include "model/mask_plan.h"
#include "model/mask_rule.h"
#include "model/personal.h"
#include "model/personal_content.h"
#include "model/reference_rule.h"
#include "model/rules.h"
#include "programs/sample/mode.h"
#include "programs/sample/options.h"
#include "sample/budget.h"
#include "sample/child_index.h"
#include "sample/closure_parts.h"
#include "sample/masked/masking.h"
#include "sample/proof.h"
#include "sample/provenance.h"
#include "sample/sample.h"
#include "sample/session.h"
#include "sample/staging/staging.h"

/* The rows that one --explain names; see run_provenance.c. */
typedef struct Explained Explained;

/* What is asked for, parsed. */
typedef struct RunRequest
{
    Options translated; /* the options in the encoding of the dump */
    Arena *arena;       /* for texts of the options */
    RuleList rules;
    Subset subset;
    ReferenceRule *references;
    size_t n_references;
    MaskRuleList masks;
} RunRequest;

/* What the rules say of a column. */
typedef enum MaskState
{
    MASK_STATE_OPEN, /* nothing */
    MASK_STATE_MASKED,
    MASK_STATE_KEPT
} MaskState;

/* The masks. */
typedef struct RunMasks
{
    MaskKey *key; /* until the plan has it; or NULL */
    bool is_random;
    MaskModel *model;           /* NULL: neither masks nor --plan need it */
    PersonalContents *contents; /* NULL: they are not looked at */
    MaskPlan *plan;             /* NULL: nothing is masked */
} RunMasks;

/* The schema, from pg_dump. */
typedef struct RunSchema
{
    PgPrograms programs;
    char **environment;    /* of pg_dump */
    DbRelay *relay;        /* to which that leads, or NULL: to the server */
    int service_fd;        /* -1: there is none */
    const char **excluded; /* tables that pg_dump leaves out */
    const char **excluded_schemas;
    DdlOptions ddl_options; /* the Ddl refers to them */
    Ddl *ddl;               /* or NULL: the schema is not dumped */
    DdlText ddl_text;
    Toc *toc;
    PQExpBufferData left_out; /* objects, for the header of the dump */
} RunSchema;

/* The rows, in direct or staging mode. */
typedef struct RunRows
{
    ModeChoice mode;
    StagingOptions staging_options; /* the Staging refers to them */
    Staging *staging;               /* or NULL: direct mode */
    Budget budget;                  /* the Sample refers to it */
    Sample *sample;
    Proof proof;
    Masking *masking; /* or NULL: nothing is masked */
} RunRows;

/* What brought rows into the sample, as far as it is asked for. */
typedef struct RunProvenance
{
    Explained *explained; /* by --explain */
    size_t n_explained;
    Provenance *provenance;   /* or NULL */
    ProvenanceCounts *counts; /* or NULL */
} RunProvenance;

/* For the report. */
typedef struct ReportSummary
{
    const char *version; /* of this program */
    const char *database;
    const char *server_version;
    const char *host;
    char snapshot_time[40]; /* ISO 8601, server's clock */
    double seconds;
    uint64_t dump_bytes;
    bool is_written; /* whether there is a dump, so that bytes are known */
    bool is_staging;
    uint64_t n_statements; /* of sampling, when staging */
    ClosureStatistics closure;
    const ProvenanceCounts *fks; /* what brought rows into the sample, or NULL */
    const Masking *masking;      /* or NULL: nothing is masked */
} ReportSummary;

/* What is written besides messages. */
typedef struct RunOutput
{
    Sink *dump;   /* or NULL: --verify-only */
    Sink *report; /* or NULL */
    ReportSummary summary;
    double start; /* of the run, as clock_seconds() */
} RunOutput;

/* Everything that a run owns, in the order in which it comes to be. */
typedef struct Run
{
    const Options *options; /* as given, then request.translated */
    RunRequest request;
    Session *session;
    Catalog *catalog;
    Plan plan;
    RunMasks masks;
    RunSchema schema;
    RunRows rows;
    RunProvenance why;
    RunOutput output;
} Run;

/* ---- run_plan.c: from the options to the plan */

void run_plan_parse_rules(Run *run);
void run_plan_make(Run *run);
/* Plans, and takes the snapshot in which the plan is valid. */
void run_plan_begin_snapshot(Run *run);
/* The search_path of the restore, or NULL: the empty one. */
const char *run_plan_get_restore_path(const Run *run);

/* ---- run_mask.c: the masks */

/* Reads the file of the key, if there is one. */
void run_mask_read_key(Run *run);
/* Ends the program if the key is not that of the run that is resumed. */
void run_mask_check_resume(const Run *run);
/*
 * Decides what is masked, once the plan is made, in a transaction. Ends the program with
 * EXIT_USAGE if the rules cannot be followed, and with EXIT_UNMASKED if --mask-required
 * asks for more.
 */
void run_mask_make(Run *run);
/* What a column of a table with rows looks like. */
PersonalHit run_mask_find_personal(const Run *run, int relation, int column);
MaskState run_mask_get_state(const Run *run, int relation, int column);
/* Columns that certainly look personal, and have no rule. */
int run_mask_count_personal(const Run *run);
void run_mask_free(Run *run);

/* ---- mask_print.c */

/* What is masked, and what looks personal and is not, for --plan. */
void mask_print_plan(const Run *run);
/* Rules for what looks personal, for --suggest-masks. */
void mask_print_suggestions(const Run *run);

/* ---- run_schema.c: pg_dump, which runs beside the sampling */

bool run_schema_is_needed(const Run *run);
/* Is it the first table of a staging schema of pg-sample-load of which no table is
 * selected? */
bool run_schema_is_left_out(const Run *run, int relation);
/*
 * Starts pg_dump before the plan is made, in the snapshot that the session has by now,
 * as it will have to run most likely.
 */
bool run_schema_can_start_early(const Run *run);
void run_schema_start_early(Run *run);
/* Starts it, or again if what runs already is not what the plan needs. */
void run_schema_start(Run *run);
/* Ends it before its end. */
void run_schema_stop(Run *run);
/* Takes the archive from the staging schema instead. */
void run_schema_resume(Run *run);
void run_schema_wait(Run *run);
/* Reads its table of contents, and decides what of it goes into the dump. */
void run_schema_finish(Run *run);

/* ---- run_privileges.c: unreadable tables */

/*
 * Ends the program if a required table is unreadable, before any lock is requested; with
 * --continue-on-error such tables are skipped instead (sample/skipped.h).
 */
void run_privileges_check(const Run *run);
/* Warns of foreign keys to tables that the role has no privilege to read. */
void run_privileges_report_cut(const Run *run);

/* ---- run_sample.c: the rows, in direct or staging mode */

/* Chooses the mode, and connects for staging before pg_dump does. */
void run_sample_prepare_staging(Run *run);
void run_sample(Run *run);

/* ---- run_masking.c: what goes out is not what was sampled */

/* How much of --memory-limit is for the text of masked rows; 0: nothing is masked. */
size_t run_masking_get_memory(const Run *run);
/* Masks the rows, and proves them again. */
void run_masking(Run *run);
/* The rules of --limit for the header: without literals where rows are masked. */
StringList run_masking_list_limits(const Run *run);
/* Key and lists, for the header; or NULL. In the request's arena. */
const char *run_masking_describe(const Run *run);
/* Searches what else goes out for raw values. */
void run_masking_search(Run *run, const char *selection);

/* ---- run_provenance.c: what brought rows into the sample, and its limits */

/* Applies --max-rows and --max-size to the sample, which was just made. */
void run_provenance_set_budget(Run *run);
/* Can it be asked what brought rows into the sample? */
bool run_provenance_is_wanted(const Run *run);
/* Finds the rows that --explain names, so that a mistake ends the run early. */
void run_provenance_find_rows(Run *run);
/* Finds what --explain, --explain-edges and the report need, while the rows are here. */
void run_provenance_find(Run *run);
/* ... and prints it; from then on only the counts are there. */
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

/* ---- run_subset.c */

void run_subset_parse(Run *run);
/* Warns of rules "= 0" for tables that get children of root rows. */
void run_subset_warn(const Run *run);
/* The options that choose rows and tables besides --limit, for the header of the dump. */
void run_subset_append_choice(PQExpBuffer text, const Options *options);
/* The same where values are masked: without keys, strings and numbers. */
void run_subset_append_hidden_choice(PQExpBuffer text, const Options *options);

/* ---- run_warnings.c */

/* Warns of rules that never apply, and of parents without their children. */
void run_warnings(const Run *run);
/* Reports what is left out of the sample, or included whole, without being asked for. */
void run_warnings_report_choice(const Run *run);

/* ---- run_resume.c */

/* Writes the dump of a staging schema that is there. */
void run_resume(Run *run);

/* ---- run_output.c: the files */

void run_output_open(Run *run);
/* Notes which database is sampled, and when. */
void run_output_note_source(Run *run);
void run_output_write_dump(Run *run);
/* Renames the files, and prints and writes the report. */
void run_output_finish(Run *run);

/* ---- cleanup.c */

/*
 * Lists the staging schemas (or only one, if schema is not NULL) on standard output; with
 * CLEANUP_DROP drops those whose run is dead and did not finish. Ends the program with
 * EXIT_SERVER if one could not be dropped.
 */
void cleanup_run(Db *db, CleanupRequest request, const char *schema);

/* ---- plan_print.c */

/*
 * Prints it on standard output; indexes are those of the children, by link. Ends the
 * program with EXIT_OUTPUT if that cannot be written.
 */
void plan_print(const Plan *plan, const ModeChoice *mode, const ChildIndex *indexes);

/* ---- provenance_print.c */

/* The numbers of rows by foreign key. */
void provenance_print_counts(const ProvenanceCounts *fks, const Sample *sample);

/* The references from a root row or a picked row to this one. */
void provenance_print_chain(Provenance *provenance, const ProvenanceChain *chain,
                            const Sample *sample);

/* ---- report.c */

/* The table of rows, on stderr. */
void report_print(const Sample *sample, const Proof *proof, const ReportSummary *summary);

/* Writes it as JSON. */
void report_write(Sink *sink, const Sample *sample, const Proof *proof,
                  const ReportSummary *summary);

/* ---- report_json.c */

/*
 * A string, of type json_t. Names can be in an encoding that JSON does not have; such
 * bytes become "?".
 */
void *report_json_make_text(const char *text);
/* Sets a member of an object, which is of type json_t. */
void report_json_set_text(void *object, const char *name, const char *text);

/* ---- report_masks.c */

/* A line of the table, on stderr. */
void report_masks_print(const Plan *plan, const Masking *masking);

/* The member "masks"; of type json_t. */
void *report_masks_make(const Plan *plan, const Masking *masking);

/* ---- translate.c */

/*
 * Converts rules and patterns; texts are in the arena. The client encoding of the
 * connection must be that of the dump. A text of the command line that is not valid in
 * the expected encoding is left unchanged; one of the configuration file ends the
 * program.
 */
void translate_options(Options *options, Arena *arena, Db *db);

#endif
