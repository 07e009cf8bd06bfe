#include <stdlib.h>

#include "base/log.h"
#include "model/plan_warnings.h"
#include "programs/sample/run_internal.h"

static void
warn_of_rules(const Run *run)
{
    /* the last one is ours */
    for (size_t i = 0; i + 1 < run->rules.n_rules; i++)
    {
        const Rule *earlier = plan_warnings_find_earlier(run->catalog, &run->rules, i);

        if (earlier != NULL)
            log_warning_hint(
                "The first rule that matches a table counts, so particular "
                "rules come before general ones.",
                "limit rule \"%s\" never counts, since \"%s\" comes before it",
                run->rules.rules[i].text, earlier->text);
    }
}

static void
warn_of_parents(const Run *run)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        char *children = plan_warnings_list_children(&run->plan, i);

        if (children != NULL)
            log_warning_hint("Each of them is a table of its own: select it with -t, and "
                             "name it in rules.",
                             "the sample has no rows of what inherits from %s: %s",
                             run->catalog->relations[i].qname, children);
        free(children);
    }
}

void
run_warnings(const Run *run)
{
    if (run->options->schema_only)
        return;
    warn_of_rules(run);
    warn_of_parents(run);
}
