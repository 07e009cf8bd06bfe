/*
 * The archive that pg_dump made, stored in the staging schema: table resume_archive has
 * it in parts.
 */
#ifndef DUMP_ARCHIVE_H
#define DUMP_ARCHIVE_H

#include "db/db.h"

/* Creates the table and writes the whole file into it; the file's position stays. */
void archive_store(int fd, Db *db, const char *qschema);

/*
 * The archive in an unnamed temporary file, which the caller closes. Dies with
 * EXIT_SERVER when it is not all there.
 */
int archive_load(Db *db, const char *qschema);

#endif
