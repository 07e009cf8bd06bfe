/* The options of pg-sample-load about batches. */
#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_batch[] = {
    {OPTION("batch-id", 0, "ID", LOAD_WITH_STATUS | LOAD_WITH_APPROVE),
     .parse = load_set_batch_id, .help = "load the batch ID, once",
     .manual = "Load the batch ID: the files in the directory staging/ID/TABLE of "
               "--source, for each TABLE. A batch that is loaded already is not loaded "
               "again, and one whose files differ from those that were loaded is "
               "refused. With --status, list only this batch. See BATCHES."},
    {OPTION("force", 0, NULL, 0), STORE(option_set_flag, settings.is_forced),
     .help = "load the batch even if it is loaded already",
     .manual = "Load the batch even if it is loaded already, has other contents than "
               "when it was loaded or approved, or is not approved, or the validation "
               "queue has no pending entries for it."},
    {OPTION("approve", 0, NULL, LOAD_WITH_APPROVE), STORE(option_set_flag, approve),
     .help = "approve the batch as it is, then exit",
     .manual = "Record that the batch of --batch-id, with its files as they are now and "
               "with these options, may be loaded by --require-approval, then exit."},
    {OPTION("require-approval", 0, NULL, 0),
     STORE(option_set_flag, settings.require_approval),
     .help = "load the batch only if it is approved",
     .manual = "Load the batch only if it was approved by --approve, and has not changed "
               "since. The environment variable REQUIRE_APPROVAL is the same."},
    {OPTION("require-queue", 0, NULL, 0), STORE(option_set_flag, settings.require_queue),
     .help = "load only what the validation queue has",
     .manual = "Fail if there is no table validation_queue in the search_path. If there "
               "is one, it is consulted in any case."},
    {OPTION("max-records", 0, "N", 0), .is_number = true,
     STORE(option_set_count, settings.max_records),
     .help = "maximum number of records (default: 10000)",
     .manual = "Maximum number of records of the batch; if it has more, nothing is "
               "loaded. The default is 10000, or the value of the environment variable "
               "MAX_RECORDS_PER_BATCH; 0 allows any number."},
    {.name = NULL},
};
