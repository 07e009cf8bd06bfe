/*
 * The questions that writing a dump asks the source besides those for rows, whatever the
 * options of the output are, but for --data-only: asked once while a sample is taken that
 * is to be kept, they need no source when the dump is written again.
 */
#include "dump/staging_store.h"

#include "dump/exclusions.h"
#include "dump/largeobjects.h"
#include "dump/late_checks.h"
#include "dump/missing_objects.h"
#include "dump/schema_choice.h"
#include "dump/sequences.h"

void
dump_answers_ask(Session *session, bool has_schema)
{
    largeobjects_exist(session);
    sequences_ask(session);
    if (!has_schema)
        return;
    schema_choice_ask(session->answers);
    late_checks_ask(session->answers);
    exclusions_ask(session->answers);
    missing_objects_ask(session->catalog, session->answers);
}
