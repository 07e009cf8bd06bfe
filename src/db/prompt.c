/* Asking for a password on the terminal, as psql and pg_dump do. */
#include "db/db_internal.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/die.h"
#include "base/display.h"
#include "base/signals.h"

static bool
prompt_set_echo(FILE *terminal, bool is_on)
{
    struct termios settings;

    if (tcgetattr(fileno(terminal), &settings) != 0)
        return false;
    if (is_on)
        settings.c_lflag |= ECHO;
    else
        settings.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(fileno(terminal), TCSAFLUSH, &settings) == 0;
}

char *
prompt_password(const char *user)
{
    FILE *terminal = fopen("/dev/tty", "r+");
    FILE *in = terminal != NULL ? terminal : stdin;
    FILE *out = terminal != NULL ? terminal : stderr;
    bool is_silent = prompt_set_echo(in, false);
    char *password = NULL;
    size_t size = 0;
    ssize_t length;

    if (user != NULL)
        display(out, "Password for user %s: ", user);
    else
        fputs("Password: ", out);
    fflush(out);
    length = getline(&password, &size, in);
    if (is_silent)
    {
        prompt_set_echo(in, true);
        fputc('\n', out);
    }
    if (terminal != NULL)
        fclose(terminal);
    signals_check();
    if (length < 0)
        die_hint(EXIT_CONNECTION, "Set PGPASSWORD or a password file, or use -w.",
                 "could not read a password");
    password[strcspn(password, "\r\n")] = '\0';
    return password;
}
