#include "base/log.h"
#include "cli/program.h"
#include "loadapp/load_options.h"
#include "loadapp/load_run.h"

int
main(int argc, char **argv)
{
    LoadOptions options;
    Arena *arena = arena_new();
    ExitCode status;

    program_start("pg-sample-load");
    load_options_parse(&options, arena, argc, argv);
    log_init("pg-sample-load", options.verbosity);
    status = load_run(&options);
    arena_free(arena);
    return (int)status;
}
