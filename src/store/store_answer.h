/*
 * What the headers of an answer say. Of what comes several times (redirects, "100
 * Continue") the last one counts.
 *
 * Pure: no server, no output.
 */
#ifndef STORE_STORE_ANSWER_H
#define STORE_STORE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define STORE_UNKNOWN UINT64_MAX /* a size */

typedef struct StoreAnswer
{
    int status;           /* of HTTP; 0: there is no answer yet */
    char etag[256];       /* with its quotes, as sent; "" if there is none */
    uint64_t length;      /* of this body, or STORE_UNKNOWN */
    uint64_t range_start; /* of Content-Range; STORE_UNKNOWN: no range */
    uint64_t range_total; /* the size of the object, or STORE_UNKNOWN */
    bool is_chunked;      /* the end of the body can be told from a connection lost */
    bool is_encrypted;    /* by a key of the user: the ETag is not the MD5 sum */
    bool is_encoded;      /* in a way that cannot be told from the bytes themselves */
    char region[64];      /* of the bucket, or "" */
    time_t time;          /* of the server, or 0 */
    double retry_after;   /* seconds, or 0 */
} StoreAnswer;

void store_answer_init(StoreAnswer *answer);

/* Takes a line, with or without its newline. */
void store_answer_take(StoreAnswer *answer, const char *line, size_t length);

/* Reads digits, and returns what is behind them; NULL: there are none, or too many. */
const char *store_answer_read_size(const char *text, uint64_t *size);

/* Can the ETag be required again, for another part of the same bytes? */
bool store_answer_is_strong(const char *etag);

/* Reads the MD5 sum from an ETag that can be one: 32 digits in quotes. */
bool store_answer_read_md5(const char *etag, unsigned char md5[16]);

#endif
