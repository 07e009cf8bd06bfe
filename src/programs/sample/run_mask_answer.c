#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "mask/mask.h"
#include "programs/sample/run.h"

static void
list_masks(void)
{
    PQExpBufferData text;
    char *rest;

    initPQExpBuffer(&text);
    mask_list_append(&text);
    rest = text.data;
    for (const char *line; (line = strsep(&rest, "\n")) != NULL && rest != NULL;)
        display(stdout, "%s\n", line);
    termPQExpBuffer(&text);
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}

ExitCode
run_mask_answer(const Options *options)
{
    Diag diag = {0};

    if (options->mask.is_listing)
        list_masks();
    else if (!mask_key_create(options->mask.new_key, &diag))
        die(EXIT_OUTPUT, &diag);
    else
        log_info("wrote a new key to \"%s\"; keep it apart from the dumps that it masks",
                 options->mask.new_key);
    return EXIT_DONE;
}
