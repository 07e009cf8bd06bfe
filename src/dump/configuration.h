/*
 * Configuration rows of extensions: those that pg_extension_config_dump() marks as the
 * user's own.
 */
#ifndef DUMP_CONFIGURATION_H
#define DUMP_CONFIGURATION_H

#include "dump/sink.h"
#include "dump/toc.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Writes them for the extensions that the dump has. Where an administrator has created
 * the extension, the role that restores can lack privileges on its tables, or the rows
 * can exist: then they are left out there, with a warning. With keeps_others (see
 * emit_rows.h) rows that do not exist are added.
 */
void configuration_write(Sink *sink, Sample *sample, Session *session, const Toc *toc,
                         bool keeps_others);

#endif
