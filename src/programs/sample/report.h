/* What was done: a table on standard error, and JSON for --report. */
#ifndef PROGRAMS_SAMPLE_REPORT_H
#define PROGRAMS_SAMPLE_REPORT_H

#include <stdint.h>

#include "dump/sink.h"
#include "programs/sample/options.h"
#include "sample/closure_parts.h"
#include "sample/proof.h"
#include "sample/provenance.h"
#include "sample/sample.h"
#include "sample/session.h"

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
} ReportSummary;

/* The table of rows, on stderr. */
void report_print(const Sample *sample, const Proof *proof, const ReportSummary *summary);

/* Writes it as JSON. */
void report_write(Sink *sink, const Sample *sample, const Proof *proof,
                  const ReportSummary *summary);

#endif
