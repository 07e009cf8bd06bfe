#include "model/mask_plan.h"

#include <stdlib.h>
#include <string.h>

#include "mask/mask_kind.h"
#include "model/mask_constants.h"
#include "model/mask_maximum.h"
#include "model/mask_model.h"
#include "model/mask_plan_rows.h"

/* What goes on while a plan is built. */
typedef struct Building
{
    MaskPlan *plan;
    Answers *answers;
    const MaskModel *model;
    MaskMatches *matches;
    Diag *diag;
} Building;

/* ---- one column */

static void
note_kept(const Building *building, const MaskGroup *group, int number)
{
    MaskPlan *plan = building->plan;
    MaskDecision *kept = &plan->kept[plan->n_kept++];

    mask_class_locate(building->model->classes, number, &kept->relation, &kept->column);
    kept->rule = group->rule->text;
}

/* Names of one word, such as John, are in too many other texts. */
static bool
is_scanned(const MaskColumn *column)
{
    MaskType type = column->target.type;

    if (column->spec == NULL || column->spec->sql != NULL ||
        (type != MASK_TYPE_TEXT && type != MASK_TYPE_UUID && type != MASK_TYPE_INET &&
         type != MASK_TYPE_MACADDR))
        return false;
    return strcmp(column->spec->kind->name, "name") == 0 ||
           mask_spec_get_uniqueness(column->spec, &column->target) != MASK_NOT_UNIQUE;
}

static bool
refuse_masker(const Building *building, const MaskColumn *column, int number,
              const Diag *problem)
{
    diag_set_message(building->diag, "column %s cannot be masked by rule \"%s\"",
                     mask_check_name_column(building->model->classes, number),
                     column->rule);
    diag_set_detail(building->diag, "The reason: %s.%s%s", problem->message,
                    problem->detail != NULL ? " " : "",
                    problem->detail != NULL ? problem->detail : "");
    if (problem->hint != NULL)
        diag_set_hint(building->diag, "%s", problem->hint);
    return false;
}

static Masker *
make_masker(const Building *building, const MaskColumn *column, Diag *problem)
{
    Arena *arena = building->plan->catalog->arena;
    MaskJsonRule *rules;

    if (column->n_path_rules == 0)
        return masker_new(arena, column->spec, &column->target, building->plan->key,
                          problem);
    rules = ARENA_ARRAY(arena, column->n_path_rules, MaskJsonRule);
    for (int i = 0; i < column->n_path_rules; i++)
        rules[i] = (MaskJsonRule){.path = column->path_rules[i]->path,
                                  .spec = &column->path_rules[i]->spec};
    return masker_new_json(arena, rules, (size_t)column->n_path_rules, column->spec,
                           &column->target, building->plan->key, problem);
}

/* Its own type and modifiers, and what all of the class must have in common. */
static void
set_column_target(MaskColumn *column, const MaskGroup *group, int number)
{
    const MaskColumnFacts *facts = mask_check_get_facts(group, number);

    column->target = facts->target;
    column->target.max_length = group->target.max_length;
    column->target.size = group->target.size;
    column->target.precision = group->target.precision;
    column->target.scale = group->target.scale;
    column->target.maximum = group->target.maximum;
    column->target.is_unique = group->target.is_unique;
    column->target.is_lowered = group->target.is_lowered;
    column->canonical = mask_check_choose_form(group, number);
    column->has_domain = facts->has_domain;
}

static void
set_rules(MaskColumn *column, const MaskGroup *group, int number)
{
    const MaskMatch *match = mask_check_get_match(group, number);

    column->path_rules = match->paths;
    column->n_path_rules = match->n_paths;
    if (group->rule != NULL && !mask_spec_is_keep(&group->rule->spec))
        column->spec = &group->rule->spec;
    column->rule = group->rule != NULL ? group->rule->text : match->paths[0]->text;
    column->is_derived = match->rule == NULL && group->rule != NULL;
}

static bool
add_masked(Building *building, const MaskGroup *group, MaskClass *class, int number)
{
    MaskPlan *plan = building->plan;
    MaskColumn *column = &plan->columns[plan->n_columns];
    const Relation *relation;
    Diag problem = {0};
    bool is_good;

    *column = (MaskColumn){.class_number = class->number, .by = -1};
    mask_class_locate(building->model->classes, number, &column->relation,
                      &column->column);
    relation = &plan->catalog->relations[column->relation];
    set_rules(column, group, number);
    set_column_target(column, group, number);
    column->is_scanned = is_scanned(column);
    if (column->spec != NULL && column->spec->by_column != NULL)
        column->by = catalog_find_column(relation, column->spec->by_column);
    plan->n_columns++;
    column->masker = make_masker(building, column, &problem);
    is_good =
        (column->masker != NULL || refuse_masker(building, column, number, &problem));
    diag_free(&problem);
    if (is_good && column->spec != NULL &&
        !mask_constants_check(column->spec, &column->target,
                              &relation->columns[column->column], building->answers,
                              &problem))
    {
        is_good = refuse_masker(building, column, number, &problem);
        diag_free(&problem);
    }
    return is_good;
}

/* ---- one class */

static bool
has_rules(const MaskGroup *group)
{
    for (int i = 0; i < group->n_members; i++)
    {
        const MaskMatch *match = mask_check_get_match(group, group->members[i]);

        if (match->rule != NULL || match->n_paths > 0)
            return true;
    }
    return false;
}

static bool
add_masked_class(Building *building, MaskGroup *group)
{
    MaskPlan *plan = building->plan;
    MaskClass *class = &plan->classes[plan->n_classes];

    *class = (MaskClass){.number = plan->n_classes, .is_unique = group->is_unique};
    plan->n_classes++;
    class->columns =
        ARENA_ARRAY(plan->catalog->arena, group->n_members, const MaskColumn *);
    if (group->rule != NULL && strcmp(group->rule->spec.kind->name, "key") == 0)
        group->target.maximum = mask_maximum_find(group, building->answers);
    for (int i = 0; i < group->n_members; i++)
    {
        if (!add_masked(building, group, class, group->members[i]))
            return false;
    }
    class->n_columns = group->n_members;
    return true;
}

static bool
add_group(Building *building, MaskGroup *group)
{
    bool is_kept;
    bool has_paths;

    if (!mask_check_choose_rule(group, building->diag) ||
        !mask_check_group(group, building->diag))
        return false;
    is_kept = group->rule != NULL && mask_spec_is_keep(&group->rule->spec);
    has_paths = mask_check_get_match(group, group->decider)->n_paths > 0;
    if (!is_kept || has_paths)
        return add_masked_class(building, group);
    for (int i = 0; i < group->n_members; i++)
        note_kept(building, group, group->members[i]);
    return true;
}

static bool
add_all_groups(Building *building)
{
    MaskPlan *plan = building->plan;
    int n = building->model->classes->n;

    plan->columns = ARENA_ARRAY(plan->catalog->arena, n, MaskColumn);
    plan->classes = ARENA_ARRAY(plan->catalog->arena, n, MaskClass);
    plan->kept = ARENA_ARRAY(plan->catalog->arena, n, MaskDecision);
    for (int i = 0; i < n; i++)
    {
        MaskGroup group = mask_model_get_group(building->model, building->matches, i);

        if (has_rules(&group) && !add_group(building, &group))
            return false;
    }
    return true;
}

/* ---- the plan */

static int
compare_columns(const void *left, const void *right)
{
    const MaskColumn *a = left;
    const MaskColumn *b = right;

    if (a->relation != b->relation)
        return a->relation < b->relation ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

/* Sorts the columns, and lets classes and relations refer to them. */
static void
index_columns(MaskPlan *plan)
{
    const Catalog *catalog = plan->catalog;

    qsort(plan->columns, (size_t)plan->n_columns, sizeof(*plan->columns),
          compare_columns);
    plan->column_of = ARENA_ARRAY(catalog->arena, catalog->n_relations, MaskColumn **);
    for (int i = 0; i < plan->n_classes; i++)
        plan->classes[i].n_columns = 0;
    for (int i = 0; i < plan->n_columns; i++)
    {
        MaskColumn *column = &plan->columns[i];
        MaskClass *class = &plan->classes[column->class_number];
        MaskColumn ***of = &plan->column_of[column->relation];

        column->number = i;
        class->columns[class->n_columns++] = column;
        if (*of == NULL)
            *of =
                ARENA_ARRAY(catalog->arena,
                            catalog->relations[column->relation].n_columns, MaskColumn *);
        (*of)[column->column] = column;
    }
}

static bool
fill_plan(Building *building, const MaskRequest *request)
{
    MaskPlan *plan = building->plan;

    building->matches = mask_match_rules(plan->catalog, building->model->facts,
                                         request->rules, building->diag);
    if (building->matches == NULL)
        return false;
    plan->skipped = building->matches->skipped;
    plan->n_skipped = building->matches->n_skipped;
    plan->shadows = building->matches->shadows;
    plan->n_shadows = building->matches->n_shadows;
    if (!add_all_groups(building))
        return false;
    index_columns(plan);
    mask_plan_rows_find(plan, building->model->facts);
    return true;
}

MaskPlan *
mask_plan_build(const MaskModel *model, Answers *answers, const MaskRequest *request,
                Diag *diag)
{
    MaskPlan *plan = arena_alloc(model->catalog->arena, sizeof(*plan));
    Building building = {.plan = plan, .answers = answers, .model = model, .diag = diag};

    plan->catalog = model->catalog;
    plan->model = model;
    plan->key = request->key;
    plan->is_random = request->is_random;
    mask_key_get_fingerprint(plan->key, plan->fingerprint);
    if (fill_plan(&building, request))
        return plan;
    mask_plan_free(plan);
    return NULL;
}

bool
mask_plan_has_column(const MaskPlan *plan, int relation, int column)
{
    return plan != NULL && plan->column_of[relation] != NULL &&
           plan->column_of[relation][column] != NULL;
}

bool
mask_plan_has_relation(const MaskPlan *plan, int relation)
{
    return plan->column_of[relation] != NULL;
}

void
mask_plan_free(MaskPlan *plan)
{
    if (plan == NULL)
        return;
    for (int i = 0; i < plan->n_columns; i++)
    {
        if (plan->columns[i].masker != NULL)
            masker_free(plan->columns[i].masker);
    }
    mask_key_free(plan->key);
    plan->key = NULL;
    plan->n_columns = 0;
}
