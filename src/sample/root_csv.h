/* Keys of root rows from CSV files, whose first line names columns of the table. */
#ifndef SAMPLE_ROOT_CSV_H
#define SAMPLE_ROOT_CSV_H

#include "model/root_file.h"
#include "sample/root_keys.h"

/*
 * Prepares keys (root_keys_init()) and reads them from the file. Ends the program, with
 * file and line, when it cannot be read or is malformed, or names unknown columns.
 */
void root_csv_read(RootKeys *keys, Session *session, const Relation *relation,
                   const RootFile *file, const char *source);

#endif
