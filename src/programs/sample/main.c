#include "base/arena.h"
#include "base/log.h"
#include "cli/program.h"
#include "programs/sample/options.h"
#include "programs/sample/run.h"

int
main(int argc, char **argv)
{
    Options options = {0};
    Arena *arena = arena_new();
    ExitCode status;

    program_start("pg-sample");
    options_parse(&options, arena, argc, argv);
    log_init("pg-sample", options.verbosity);
    status = options.mask.is_listing || options.mask.new_key != NULL
                 ? run_mask_answer(&options)
                 : run(&options);
    arena_free(arena);
    return (int)status;
}
