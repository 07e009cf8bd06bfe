/*
 * The encoding of a dump that is not that of the connection. Its rows are sent as they
 * are, with the option ENCODING of COPY, so that the server converts them and reports
 * what cannot be converted as an error of the row: converting them here would need all
 * of the server's conversions. Names of tables and columns are needed before, to find
 * them in the catalog, and are converted by a query.
 */
#ifndef LOAD_STAGE_SOURCE_ENCODING_H
#define LOAD_STAGE_SOURCE_ENCODING_H

#include "load/batch.h"

/*
 * The name of the encoding, or NULL: that of the connection. Ends the program if there is
 * no such encoding. The text is constant.
 */
const char *source_encoding_find(LoadBatch *batch, int source, const Input *input);

/* A text of the source in the connection's encoding, in the batch's arena, or itself. */
const char *source_encoding_convert(const LoadBatch *batch, const char *path,
                                    const char *encoding, const char *text);

/* The names of a table of the source. */
void source_encoding_convert_table(const LoadBatch *batch, const char *path,
                                   const char *encoding, InputTable *table);

/* Lines of the source, for statements whose text they are. */
void source_encoding_convert_lines(const LoadBatch *batch, const char *path,
                                   const char *encoding, Lines *lines);

#endif
