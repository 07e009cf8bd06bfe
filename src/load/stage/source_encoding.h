/*
 * The encoding of a source, where it is not the connection's: a dump says its own. Rows
 * are sent as they are, for the server to convert; names are converted beforehand.
 */
#ifndef LOAD_STAGE_SOURCE_ENCODING_H
#define LOAD_STAGE_SOURCE_ENCODING_H

#include "load/batch.h"

/*
 * The name of the source's encoding, or NULL: it is the connection's. Ends the program if
 * there is no such encoding. The text is constant.
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
