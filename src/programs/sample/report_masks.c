/* Masks in the report: what was done to which column, and what of it is proved. */
#include "programs/sample/run_internal.h"

#include <inttypes.h>
#include <jansson.h>

#include "base/display.h"
#include "base/plural.h"
#include "mask/mask_lists.h"

static void
set_column_names(json_t *object, const Catalog *catalog, int relation, int column)
{
    const Relation *source = &catalog->relations[relation];

    report_json_set_text(object, "schema", source->schema);
    report_json_set_text(object, "table", source->name);
    report_json_set_text(object, "column", source->columns[column].name);
}

static void
set_number(json_t *object, const char *name, uint64_t n)
{
    json_object_set_new(object, name, json_integer((json_int_t)n));
}

/* Paths of json have masks of their own. */
static void
set_mask(json_t *object, const MaskColumn *column)
{
    json_t *paths = json_array();

    if (column->spec != NULL)
        report_json_set_text(object, "mask", column->spec->text);
    for (int i = 0; i < column->n_path_rules; i++)
    {
        json_t *path = json_object();

        report_json_set_text(path, "path", column->path_rules[i]->path);
        report_json_set_text(path, "mask", column->path_rules[i]->spec.text);
        json_array_append_new(paths, path);
    }
    if (column->n_path_rules > 0)
        json_object_set(object, "paths", paths);
    json_decref(paths);
}

static json_t *
make_masked_column(const Plan *plan, const Masking *masking, const MaskColumn *column)
{
    const MaskCounts counts = masking_count(masking, column);
    json_t *object = json_object();

    set_column_names(object, plan->catalog, column->relation, column->column);
    set_mask(object, column);
    report_json_set_text(object, "rule", column->rule);
    json_object_set_new(object, "class", json_integer(column->class_number));
    json_object_set_new(object, "by_class", json_boolean(column->is_derived));
    set_number(object, "values", counts.n_values);
    if (counts.is_function)
        set_number(object, "distinct_in_class", counts.n_distinct);
    json_object_set_new(object, "proved_equal", json_boolean(counts.is_function));
    json_object_set_new(object, "proved_unique", json_boolean(counts.is_unique));
    return object;
}

static json_t *
make_kept_column(const Plan *plan, const MaskDecision *kept)
{
    json_t *object = json_object();

    set_column_names(object, plan->catalog, kept->relation, kept->column);
    report_json_set_text(object, "rule", kept->rule);
    return object;
}

static json_t *
make_finding(const Plan *plan, const LeakFinding *finding)
{
    json_t *object = json_object();
    json_t *place = json_object();

    set_column_names(object, plan->catalog, finding->column->relation,
                     finding->column->column);
    if (finding->relation >= 0)
        set_column_names(place, plan->catalog, finding->relation, finding->found_in);
    else
        report_json_set_text(place, "text", finding->place);
    json_object_set_new(object, "found_in", place);
    set_number(object, "times", finding->n);
    return object;
}

static json_t *
make_grouping(const Plan *plan, const MaskGrouping *grouping)
{
    const Relation *relation = &plan->catalog->relations[grouping->relation];
    json_t *object = json_object();
    json_t *columns = json_array();

    report_json_set_text(object, "schema", relation->schema);
    report_json_set_text(object, "table", relation->name);
    for (int i = 0; i < grouping->n_columns; i++)
        json_array_append_new(columns, report_json_make_text(
                                           relation->columns[grouping->columns[i]].name));
    json_object_set_new(object, "columns", columns);
    set_number(object, "groups", grouping->n_groups);
    set_number(object, "smallest", grouping->n_smallest);
    return object;
}

static json_t *
make_groupings(const Plan *plan, const Masking *masking)
{
    json_t *array = json_array();
    size_t n;
    const MaskGrouping *groupings = masking_get_groupings(masking, &n);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, make_grouping(plan, &groupings[i]));
    return array;
}

void *
report_masks_make(const Plan *plan, const Masking *masking)
{
    const MaskPlan *masks = plan->masks;
    json_t *object = json_object();
    json_t *columns = json_array();
    json_t *kept = json_array();
    json_t *findings = json_array();
    uint64_t n_references;
    size_t n_findings;
    const LeakFinding *found = masking_get_findings(masking, &n_findings);
    int n_keys;

    masking_count_keys(masking, &n_keys, &n_references);
    for (int i = 0; i < masks->n_columns; i++)
        json_array_append_new(columns,
                              make_masked_column(plan, masking, &masks->columns[i]));
    for (int i = 0; i < masks->n_kept; i++)
        json_array_append_new(kept, make_kept_column(plan, &masks->kept[i]));
    for (size_t i = 0; i < n_findings; i++)
        json_array_append_new(findings, make_finding(plan, &found[i]));
    report_json_set_text(object, "key", masks->fingerprint);
    json_object_set_new(object, "key_is_random", json_boolean(masks->is_random));
    json_object_set_new(object, "lists", json_integer(MASK_LISTS_VERSION));
    json_object_set_new(object, "columns", columns);
    json_object_set_new(object, "kept", kept);
    json_object_set_new(object, "foreign_keys_proved", json_integer(n_keys));
    set_number(object, "references_proved", n_references);
    json_object_set_new(object, "values_found_elsewhere", findings);
    json_object_set_new(object, "generalised", make_groupings(plan, masking));
    return object;
}

/* "of customer (born, income), the smallest of 214 groups of equal rows has 3 rows" */
static void
print_grouping(const Plan *plan, const MaskGrouping *grouping)
{
    const Relation *relation = &plan->catalog->relations[grouping->relation];
    PQExpBufferData columns;

    initPQExpBuffer(&columns);
    for (int i = 0; i < grouping->n_columns; i++)
        appendPQExpBuffer(&columns, "%s%s", i > 0 ? ", " : "",
                          relation->columns[grouping->columns[i]].qname);
    display(stderr,
            "generalised: of %s (%s), the smallest of %zu group%s of equal rows has %zu "
            "row%s\n",
            relation->qname, columns.data, grouping->n_groups, plural(grouping->n_groups),
            grouping->n_smallest, plural(grouping->n_smallest));
    termPQExpBuffer(&columns);
}

void
report_masks_print(const Plan *plan, const Masking *masking)
{
    uint64_t n_values = 0;
    uint64_t n_references;
    int n_keys;
    size_t n_groupings;
    const MaskGrouping *groupings;

    for (int i = 0; i < plan->masks->n_columns; i++)
        n_values += masking_count(masking, &plan->masks->columns[i]).n_values;
    masking_count_keys(masking, &n_keys, &n_references);
    display(stderr,
            "masked: %" PRIu64 " value%s of %d column%s; proved again: %" PRIu64
            " reference%s of %d foreign key%s\n",
            n_values, plural(n_values), plan->masks->n_columns,
            plural(plan->masks->n_columns), n_references, plural(n_references), n_keys,
            plural(n_keys));
    groupings = masking_get_groupings(masking, &n_groupings);
    for (size_t i = 0; i < n_groupings; i++)
        print_grouping(plan, &groupings[i]);
}
