/*
 * The alerts of the metrics: what is said of a commit that holds its locks for minutes,
 * which no test can wait for.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "programs/load/load_run_internal.h"
#include "tap.h"

static char path[] = "/tmp/test_load_metrics.XXXXXX";

static LoadSettings settings;
static LoadOptions options = {.metrics_file = path, .is_quiet = true};

/* lock.alert of the metrics of a run that held its rows for so long. */
static bool
write_alert(double seconds)
{
    LoadRun run = {.options = &options, .commit.row_seconds = seconds};
    json_t *metrics;
    bool is_alert;

    run.batch = (LoadBatch){.settings = &settings, .run_id = "run"};
    ok(load_metrics_write(&run, NULL, EXIT_DONE), "the metrics are written");
    metrics = json_load_file(path, 0, NULL);
    is_alert = json_is_true(json_object_get(json_object_get(metrics, "lock"), "alert"));
    json_decref(metrics);
    load_metrics_warn(&run);
    return is_alert;
}

int
main(void)
{
    int file = mkstemp(path);

    if (file < 0)
        return 1;
    close(file);
    log_init("test", -1);
    ok(!write_alert(60), "60 seconds are no alert");
    is_str(log_get_warning(0), NULL, "nor a warning");
    ok(!write_alert(61), "neither are 61");
    is_str(log_get_warning(0), "long commit: rows were locked for 61 seconds",
           "but long");
    ok(!write_alert(120), "nor 120");
    ok(write_alert(121), "more than that is one");
    is_str(log_get_warning(2), "alert: rows were locked for 121 seconds",
           "and said to be");
    is_str(log_get_warning(3), NULL, "all of them once");
    unlink(path);
    return done_testing();
}
