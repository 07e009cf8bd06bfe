/* The options of pg-sample-load about batches. */
#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_batch[] = {
    {OPTION("batch-id", 0, "ID",
            LOAD_WITH_STATUS | LOAD_WITH_APPROVE | LOAD_WITH_ROLLBACK),
     .parse = load_set_batch_id, .help = "load the batch ID, once",
     .manual = "Load the batch ID: the files in the directory staging/ID/TABLE of "
               "--source, for each TABLE. A batch that is loaded already is not loaded "
               "again, and one whose files differ from those that were loaded is "
               "refused. With --status, list only this batch. See BATCHES."},
    {OPTION("force", 0, NULL, 0), STORE(option_set_flag, settings.is_forced),
     .help = "load the batch in spite of its state",
     .manual = "Load the batch even if it is loaded already, has other contents than "
               "when it was loaded or approved, or is not approved, or the validation "
               "queue has no pending entries for it. Entries that have failed prevent "
               "it nevertheless."},
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
     .help = "fail if there is no table validation_queue",
     .manual = "Fail if there is no table validation_queue in the search_path. If there "
               "is one, it is consulted in any case."},
    {OPTION("max-records", 0, "N", 0), .is_number = true,
     STORE(option_set_count, settings.max_records),
     .help = "maximum number of records (default: 10000)",
     .manual = "Maximum number of records of the batch; if it has more, nothing is "
               "loaded. The default is 10000, or the value of the environment variable "
               "MAX_RECORDS_PER_BATCH; 0 allows any number."},
    {OPTION("rollback", 0, NULL, LOAD_WITH_ROLLBACK), STORE(option_set_flag, rollback),
     .help = "undo what was loaded of the batch, then exit",
     .manual = "Undo the batch of --batch-id: delete the rows that it has inserted, and "
               "restore those that it has updated or deleted, in one transaction, then "
               "exit. See ROLLBACK."},
    {OPTION("undo-of", 0, "RUN", LOAD_WITH_UNDO_OF), .parse = load_set_run_id,
     .help = "undo the load of this run id, then exit",
     .manual = "Undo a single load that has kept what it has changed, with or without a "
               "batch, then exit. RUN is its run_id in the table undo, as --status lists "
               "it. See ROLLBACK."},
    {OPTION("rollback-conflicts", 0, ROLLBACK_WORDS, LOAD_WITH_UNDOING),
     STORE(option_set_word, settings.rollback_conflicts),
     .help = "rows changed since the load (default: fail)",
     .manual = "What a rollback does if rows are not as the load left them: list them "
               "and change nothing (fail, the default); leave them as they are, and "
               "roll back the others (skip); or restore them nevertheless, so that later "
               "changes are lost (force)."},
    {.name = NULL},
};
