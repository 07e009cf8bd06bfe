#include "dump/dump_answers.h"

#include "dump/exclusions.h"
#include "dump/largeobjects.h"
#include "dump/late_checks.h"
#include "dump/missing_objects.h"
#include "dump/schema_choice.h"
#include "dump/sequences.h"

void
dump_facts_ask(Session *session)
{
    schema_ask_choices(session->facts);
    late_checks_ask(session->facts);
    exclusions_ask(session->facts);
    largeobjects_exist(session);
    sequences_ask(session);
    lost_objects_ask(session->catalog, session->facts);
}
