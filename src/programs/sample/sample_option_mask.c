/* The options of pg-sample about masks. */
#include "programs/sample/sample_option_table.h"

#include "programs/sample/sample_option_value.h"

const OptionRow sample_option_mask[] = {
    {OPTION("mask", 0, "RULES", WITH_ROWS), STORE(option_append, mask.rules),
     .help = "mask the values of columns; repeatable",
     .manual = "Which columns are masked, and how: a list of rules TABLE.COLUMN = MASK "
               "separated by commas, such as 'customer.email = email, *.*phone* = "
               "phone'. The first rule that matches a column applies. Columns that "
               "refer to each other have the same mask; a rule with wildcards that "
               "keeps what the rules before it leave, such as *.* = keep, is not for "
               "these. Masked values are proved before "
               "anything is written. See MASKING. Can be given several times; the lists "
               "are read one after the other."},
    {OPTION("mask-key-file", 0, "FILE", WITH_ROWS | WITH_RESUME),
     STORE(option_set_name, mask.key_file), .help = "secret key of the masks",
     .manual = "Compute masks with the secret key in FILE, which only its owner may be "
               "able to read. The same key gives the same value the same mask in every "
               "run. Without this option the key is random, and masks differ from run "
               "to run. With --resume, the key of the run that was kept is needed."},
    {OPTION("mask-labels", 0, NULL, WITH_ROWS), STORE(option_set_flag, mask.labels),
     .help = "take masks from security labels as well",
     .manual = "After the rules of --mask, take rules from the security labels of "
               "PostgreSQL Anonymizer (SECURITY LABEL FOR anon ON COLUMN ... IS 'MASKED "
               "WITH ...')."},
    {OPTION("mask-required", 0, "all", WITH_ROWS), .is_optional = true,
     .parse = option_set_mask_required, .help = "fail if a personal column has no mask",
     .manual = "If a column that looks personal, by its name, type or comment, has no "
               "rule, name it and exit with status 7 before any row is read. With "
               "--mask-required=all, every column of type text, json, xml, hstore or "
               "bytea needs a rule. The rule COLUMN = keep says that a column is not "
               "personal. Raw values that are found in other columns of the dump are "
               "then an error, too."},
    {OPTION("suggest-masks", 0, NULL,
            WITH_SUGGEST_MASKS | WITH_NO_STAGING | WITH_VERIFY_ONLY),
     STORE(option_set_flag, mask.is_suggesting),
     .help = "print mask rules to use, then exit",
     .manual = "Print rules for the columns that look personal and have no rule, in the "
               "form that --mask takes, then exit. Only the system catalogs and "
               "statistics are read."},
    {OPTION("new-mask-key", 0, "FILE", WITH_NEW_MASK_KEY),
     STORE(option_set_output, mask.new_key), .help = "write a new key, then exit",
     .manual = "Write a new random key for --mask-key-file into FILE, which must not "
               "exist and which only its owner can read, then exit."},
    {OPTION("mask-list", 0, NULL, WITH_MASK_LIST),
     STORE(option_set_flag, mask.is_listing), .help = "list all masks, then exit",
     .manual = "List all masks with their arguments and an example of each, then exit."},
    {.name = NULL},
};
