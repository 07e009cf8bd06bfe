/* Asking for a password on the terminal, as psql and pg_dump do. */
#ifndef DB_PROMPT_H
#define DB_PROMPT_H

/*
 * Asks on /dev/tty without echo; standard input and error serve where there is none.
 * user may be NULL. The answer is owned by the caller.
 */
char *prompt_password(const char *user);

#endif
