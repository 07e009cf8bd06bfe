#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "cli/program.h"
#include "programs/load/load_options.h"
#include "programs/load/load_run.h"

int
main(int argc, char **argv)
{
    LoadOptions options;

    program_start("pg-sample-load");
    load_options_parse(&options, arena_new(), argc, argv);
    log_init("pg-sample-load", options.verbosity);
    /* options and arena are there for what is done at exit */
    exit((int)load_run(&options));
}
