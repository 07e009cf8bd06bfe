/*
 * A message in three parts, filled in by pure code that neither logs nor exits.
 * The strings are owned by the Diag and released by diag_free().
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>

typedef struct Diag
{
    char *message; /* what is wrong and where; NULL while there is no error */
    char *detail;  /* more about it, or NULL */
    char *hint;    /* what to do next, or NULL */
} Diag;

/* Sets one part, printf style; an earlier text of that part is released. */
void diag_set_message(Diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void diag_set_detail(Diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void diag_set_hint(Diag *diag, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Releases the texts and makes the Diag empty. */
void diag_free(Diag *diag);

#endif
