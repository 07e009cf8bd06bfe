/* Rows that extensions call their users' own, and so leave to dumps. */
#ifndef DUMP_CONFIGURATION_H
#define DUMP_CONFIGURATION_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Writes them for the extensions that the dump has. Where an administrator has made the
 * extension, its tables may be closed to the role that restores, or have these rows: then
 * they are left out there, with a warning. With keeps_others (see emit_rows.h) rows that
 * it does not have are added.
 */
void configuration_write(Sink *sink, Sample *sample, Session *session, const Toc *toc,
                         bool keeps_others);

#endif
