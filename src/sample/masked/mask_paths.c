#include "sample/masked/mask_paths.h"

#include "base/log.h"

/* Has the rule led to a part of a value in any of its columns? */
static bool
has_rule_led(const MaskPlan *plan, const MaskRule *rule)
{
    for (int i = 0; i < plan->n_columns; i++)
    {
        const MaskColumn *column = &plan->columns[i];

        for (int j = 0; j < column->n_path_rules; j++)
        {
            if (column->path_rules[j] == rule &&
                mask_json_has_led(column->masker, (size_t)j))
                return true;
        }
    }
    return false;
}

/* Is the column the first one with values that has the rule? */
static bool
is_first(const MaskPlan *plan, const MaskProof *proof, int column, const MaskRule *rule)
{
    for (int i = 0; i < column; i++)
    {
        for (int j = 0; j < plan->columns[i].n_path_rules; j++)
        {
            if (plan->columns[i].path_rules[j] == rule &&
                mask_proof_count(proof, &plan->columns[i]).n_values > 0)
                return false;
        }
    }
    return true;
}

void
mask_paths_report(const MaskPlan *plan, const MaskProof *proof)
{
    for (int i = 0; i < plan->n_columns; i++)
    {
        const MaskColumn *column = &plan->columns[i];

        if (mask_proof_count(proof, column).n_values == 0)
            continue;
        for (int j = 0; j < column->n_path_rules; j++)
        {
            const MaskRule *rule = column->path_rules[j];

            if (mask_json_has_led(column->masker, (size_t)j) ||
                has_rule_led(plan, rule) || !is_first(plan, proof, i, rule))
                continue;
            log_warning_hint("Check the names in the path, and rules before it.",
                             "mask rule \"%s\" masks nothing: no value in the sample has "
                             "such a path, or another rule comes first",
                             rule->text);
        }
    }
}
