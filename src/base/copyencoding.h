/*
 * How to find the end of a character. {0} is right for every encoding in which ASCII
 * bytes only ever mean themselves, so for all server encodings; in some client-only
 * encodings (SJIS, BIG5, GBK, ...) the second byte of a character can look like a
 * backslash, and there it is {PQmblenBounded, PQclientEncoding(connection)}.
 */
#ifndef BASE_COPYENCODING_H
#define BASE_COPYENCODING_H

typedef struct CopyEncoding
{
    int (*char_length)(const char *text, int encoding); /* bytes; NULL: not needed */
    int encoding;                                       /* handed to char_length */
} CopyEncoding;

#endif
