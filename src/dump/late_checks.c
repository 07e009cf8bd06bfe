#include "dump/late_checks.h"

#include <string.h>

#include "base/copytext.h"
#include "base/log.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "dump/do_block.h"
#include "model/catalog.h"

/* The texts are the query result's. */
typedef struct LateCheck
{
    CatalogOid oid;
    CatalogOid owner_class;
    CatalogOid owner;
    const char *owner_kind; /* TABLE or DOMAIN */
    const char *owner_qname;
    const char *qname;
    const char *definition;
    const char *comment; /* or NULL */
} LateCheck;

typedef void (*CheckWriter)(Sink *sink, const LateCheck *check);

static LateCheck
read_check(RowReader *row)
{
    LateCheck check = {0};

    check.oid = row_oid(row);
    check.owner_class = row_oid(row);
    check.owner = row_oid(row);
    check.owner_kind = row_text(row);
    check.owner_qname = row_text(row);
    check.qname = row_text(row);
    check.definition = row_text(row);
    check.comment = row_text(row);
    return check;
}

/* Calls write for each that is in the dump, after the introduction. */
static void
write_all(Sink *sink, const Toc *toc, Answers *answers, const char *introduction,
          CheckWriter write)
{
    PGresult *result = answers_query(answers, sql_late_checks);
    RowReader row = row_reader(result);
    bool has_any = false;

    while (row_next(&row))
    {
        LateCheck check = read_check(&row);

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
    PQclear(answers_query(answers, sql_late_checks));
}

void
late_checks_leave_out(Toc *toc, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_late_checks);
    RowReader row = row_reader(result);

    while (row_next(&row))
        toc_select_drop(toc, CATALOG_PG_CONSTRAINT, read_check(&row).oid, true);
    PQclear(result);
}

static void
write_drop(Sink *sink, const LateCheck *check)
{
    log_notice("constraint %s of %s calls functions that may look at other rows: it is "
               "added behind the rows, and stays NOT VALID if they do not satisfy it",
               check->qname, check->owner_qname);
    /* a child of plain inheritance has lost its own with its parent's */
    sink_format(sink, "ALTER %s %s DROP CONSTRAINT IF EXISTS %s;\n", check->owner_kind,
                check->owner_qname, check->qname);
}

void
late_checks_write_drops(Sink *sink, const Toc *toc, Answers *answers)
{
    write_all(sink, toc, answers,
              "\n--\n-- Constraints that may look at other rows come back behind them\n"
              "--\n\n",
              write_drop);
}

static void
write_validation(Sink *sink, const LateCheck *check)
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
write_addition(Sink *sink, const LateCheck *check)
{
    PQExpBufferData comment;

    sink_format(sink, "ALTER %s %s ADD CONSTRAINT %s %s NOT VALID;\n", check->owner_kind,
                check->owner_qname, check->qname, check->definition);
    if (check->comment == NULL)
        return;
    initPQExpBuffer(&comment);
    copytext_append_string(&comment, check->comment, strlen(check->comment));
    sink_format(sink, "COMMENT ON CONSTRAINT %s ON %s%s IS %s;\n", check->qname,
                strcmp(check->owner_kind, "DOMAIN") == 0 ? "DOMAIN " : "",
                check->owner_qname, comment.data);
    termPQExpBuffer(&comment);
}

void
late_checks_write(Sink *sink, const Toc *toc, Answers *answers)
{
    write_all(sink, toc, answers,
              "\n--\n-- Constraints that may look at other rows: not valid where a sample"
              " cannot\n-- satisfy them\n--\n\n",
              write_addition);
    write_all(sink, toc, answers, "", write_validation);
}
