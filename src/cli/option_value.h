/*
 * What an option's argument means: the parsers that option tables name, and what others
 * are made of. These store into the row's target member, whose type is given here.
 *
 * Pure: no output, no exit.
 */
#ifndef CLI_OPTION_VALUE_H
#define CLI_OPTION_VALUE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/stringlist.h"
#include "cli/option_table.h"

typedef enum PasswordPrompt
{
    PROMPT_IF_NEEDED,
    PROMPT_NEVER, /* -w */
    PROMPT_ALWAYS /* -W */
} PasswordPrompt;

#define OPTION_PARSER(name)                                                              \
    bool name(const OptionRow *row, const char *argument, void *options, Arena *arena,   \
              Diag *diag)

OPTION_PARSER(option_set_flag);      /* bool */
OPTION_PARSER(option_set_text);      /* const char *; may be empty, as libpq allows */
OPTION_PARSER(option_set_name);      /* const char *; must not be empty */
OPTION_PARSER(option_set_output);    /* the same: a file that is written as it is */
OPTION_PARSER(option_append);        /* StringList */
OPTION_PARSER(option_count);         /* int, which is raised by one */
OPTION_PARSER(option_prompt_never);  /* PasswordPrompt */
OPTION_PARSER(option_prompt_always); /* PasswordPrompt */
OPTION_PARSER(option_set_number);    /* int, from 0 on */
OPTION_PARSER(option_set_count);     /* int64_t, from 0 on */
OPTION_PARSER(option_set_positive);  /* int64_t, from 1 on */
OPTION_PARSER(option_set_size);      /* int64_t: bytes, or a number with a unit */
OPTION_PARSER(option_set_timeout);   /* int: milliseconds; 0: none */
/* An enum whose values are, from 0 on, the words of the row's argument, "one|two". */
OPTION_PARSER(option_set_word);

/* Reports the argument as invalid; returns false. */
bool option_value_reject(const OptionRow *row, const char *argument, Diag *diag,
                         const char *hint);

/* The member of options that the row's option stores into. */
void *option_value_target(const OptionRow *row, void *options);

/*
 * Reads the decimal digits at text as one number; *rest is what follows them. False when
 * there are none or the number has no room.
 */
bool option_value_parse_digits(const char *text, uint64_t *number, const char **rest);

/* Whole seconds, or a number with ms, s, min, h or d; at most INT64_MAX milliseconds. */
bool option_value_parse_time(const char *text, uint64_t *milliseconds);

/*
 * Which of the words, separated by "|", the text is: from 0 on, or -1 with a hint in diag
 * that names them and the nearest one.
 */
int option_value_parse_word(const char *words, const char *text, Arena *arena,
                            Diag *diag);

void option_value_append_text(StringList *list, const char *text, Arena *arena);

#endif
