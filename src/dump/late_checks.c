#include "dump/late_checks.h"

#include "base/copytext.h"
#include "base/log.h"
#include "db/sql_text.h"
#include "dump/do_block.h"
#include "dump/late_constraint.h"
#include "dump/user_functions.h"

typedef void (*CheckWriter)(Sink *sink, const LateConstraint *check);

/* Calls write for each that is in the dump, after the introduction. */
static void
write_checks(Sink *sink, const Toc *toc, Answers *answers, const char *introduction,
             CheckWriter write)
{
    PGresult *result = user_functions_query(answers, sql_late_checks);
    RowReader row = row_reader(result);
    bool has_any = false;

    while (row_next(&row))
    {
        LateConstraint check = late_constraint_read(&row);

        if (!toc_is_kept(toc, check.owner_class, check.owner))
            continue;
        if (!has_any)
            sink_write_string(sink, introduction);
        has_any = true;
        write(sink, &check);
    }
    PQclear(result);
}

void
late_checks_ask(Answers *answers)
{
    PQclear(user_functions_query(answers, sql_late_checks));
}

void
late_checks_leave_out(Toc *toc, Answers *answers)
{
    PGresult *result = user_functions_query(answers, sql_late_checks);
    RowReader row = row_reader(result);

    while (row_next(&row))
        toc_select_drop(toc, CATALOG_PG_CONSTRAINT, late_constraint_read(&row).oid, true);
    PQclear(result);
}

static void
write_drop(Sink *sink, const LateConstraint *check)
{
    log_notice("constraint %s of %s calls functions that can read other rows: it is "
               "added after the rows, and stays NOT VALID if they do not satisfy it",
               check->qname, check->owner_qname);
    /* a table that inherits from another loses its own with its parent's */
    sink_format(sink, "ALTER %s %s DROP CONSTRAINT IF EXISTS %s;\n", check->owner_kind,
                check->owner_qname, check->qname);
}

void
late_checks_write_drops(Sink *sink, const Toc *toc, Answers *answers)
{
    write_checks(
        sink, toc, answers,
        "\n--\n-- Constraints that can depend on other rows: added after the rows\n"
        "--\n\n",
        write_drop);
}

static void
write_validation(Sink *sink, const LateConstraint *check)
{
    PQExpBufferData statement;
    PQExpBufferData name;
    PQExpBufferData then;
    PQExpBufferData block;

    initPQExpBuffer(&statement);
    initPQExpBuffer(&name);
    initPQExpBuffer(&then);
    initPQExpBuffer(&block);
    appendPQExpBuffer(&statement, "ALTER %s %s VALIDATE CONSTRAINT %s;",
                      check->owner_kind, check->owner_qname, check->qname);
    appendPQExpBuffer(&name, "%s of %s", check->qname, check->owner_qname);
    appendPQExpBufferStr(&then, "RAISE WARNING 'constraint % stays NOT VALID: %', ");
    copytext_append_string(&then, name.data, name.len);
    appendPQExpBufferStr(&then, ", SQLERRM");
    do_block_append_caught(&block, "validate", statement.data, statement.len, "OTHERS",
                           then.data);
    sink_write(sink, block.data, block.len);
    termPQExpBuffer(&statement);
    termPQExpBuffer(&name);
    termPQExpBuffer(&then);
    termPQExpBuffer(&block);
}

static void
write_addition(Sink *sink, const LateConstraint *check)
{
    late_constraint_write(sink, check, " NOT VALID");
}

void
late_checks_write(Sink *sink, const Toc *toc, Answers *answers)
{
    write_checks(
        sink, toc, answers,
        "\n--\n-- Constraints that can depend on other rows: not valid where a sample"
        " cannot\n-- satisfy them\n--\n\n",
        write_addition);
    write_checks(sink, toc, answers, "", write_validation);
}
