#include <locale.h>

#include "app/options.h"
#include "app/run.h"
#include "base/log.h"
#include "base/signals.h"

int
main(int argc, char **argv)
{
    Options options = {0};
    Arena *arena = arena_new();

    /* patterns match characters, not bytes */
    setlocale(LC_CTYPE, "");
    log_init("pg-sample", 0);
    signals_init();
    options_parse(&options, arena, argc, argv);
    log_init("pg-sample", options.verbosity);
    run(&options);
    arena_free(arena);
    return EXIT_DONE;
}
