#include "load/commit/capture_query.h"

#include <stdbool.h>

/* Oids of the server's own types are fixed. */
enum
{
    OID_JSON = 114,
    OID_JSON_ARRAY = 199,
    OID_FIRST_OTHER = 10000
};

/* Can there be json in its values? There can be in composite types. */
static bool
may_have_json(const Column *column)
{
    return column->type == OID_JSON || column->type == OID_JSON_ARRAY ||
           column->type >= OID_FIRST_OTHER;
}

static const Column *
get_captured(const LoadTable *table, int i)
{
    return &table->target->relation->columns[table->capture->columns[i]];
}

/* ", t.a" or, of a domain, "t.a::base": NULL fits, and types of images compare. */
static void
append_stored(PQExpBuffer sql, const LoadTable *table, int i)
{
    const char *base = table->target->columns[table->capture->columns[i]].domain_base;

    appendPQExpBuffer(sql, "t.%s%s%s", get_captured(table, i)->qname,
                      base != NULL ? "::" : "", base != NULL ? base : "");
}

/* ---- capturing */

char *
capture_query_create(const LoadTable *table)
{
    static const char *const prefixes[] = {UNDO_OLD, UNDO_NEW};
    const LoadCapture *capture = table->capture;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "CREATE %sTABLE %s AS\n"
                      "SELECT NULL::pg_catalog.\"char\" AS " UNDO_OP,
                      capture->has_undo ? "" : "UNLOGGED ", capture->images);
    for (int p = 0; p < 2; p++)
    {
        for (int i = 0; i < capture->n_columns; i++)
        {
            appendPQExpBufferStr(&sql, ",\n       ");
            append_stored(&sql, table, i);
            appendPQExpBuffer(&sql, " AS %s%d", prefixes[p], i + 1);
        }
    }
    appendPQExpBuffer(&sql, "\n  FROM %s AS t\n  WITH NO DATA", table->rows);
    return sql.data;
}

/* ", t.a, t.b" */
static void
append_images(PQExpBuffer sql, const LoadTable *table, const char *alias)
{
    for (int i = 0; i < table->capture->n_columns; i++)
        appendPQExpBuffer(sql, ", %s%s", alias, get_captured(table, i)->qname);
}

/* ", old_1, old_2" */
static void
append_image_names(PQExpBuffer sql, const LoadTable *table, const char *prefix)
{
    for (int i = 0; i < table->capture->n_columns; i++)
        appendPQExpBuffer(sql, ", %s%d", prefix, i + 1);
}

void
capture_query_append(PQExpBuffer sql, const LoadTable *table, UndoOp op,
                     const char *change, size_t number)
{
    appendPQExpBuffer(sql,
                      " w%zu AS (\n%s\n"
                      "RETURNING '%c'::pg_catalog.\"char\"",
                      number, change, op);
    if (op != UNDO_INSERTED)
        append_images(sql, table, op == UNDO_UPDATED ? "b." : "t.");
    if (op != UNDO_DELETED)
        append_images(sql, table, op == UNDO_UPDATED ? "t." : "");
    appendPQExpBuffer(sql, "\n), c%zu AS (\nINSERT INTO %s (" UNDO_OP, number,
                      table->capture->images);
    if (op != UNDO_INSERTED)
        append_image_names(sql, table, UNDO_OLD);
    if (op != UNDO_DELETED)
        append_image_names(sql, table, UNDO_NEW);
    appendPQExpBuffer(sql, ")\nSELECT w.* FROM w%zu AS w\nRETURNING 1\n)", number);
}

/* ---- settling */

/* The number of the column among the images. */
static int
get_number(const LoadTable *table, int column)
{
    int i = 0;

    while (table->capture->columns[i] != column)
        i++;
    return i + 1;
}

/* "t.k OPERATOR(pg_catalog.=) i.new_1 AND ..." */
static void
append_found_again(PQExpBuffer sql, const LoadTable *table, const char *prefix)
{
    for (int i = 0; i < table->key->n_parts; i++)
    {
        const KeyPart *part = &table->key->parts[i];

        appendPQExpBuffer(sql, "%st.%s %s i.%s%d%s", i > 0 ? " AND " : "",
                          part->expression, part->operator, prefix,
                          get_number(table, part->column),
                          part->collation != NULL ? part->collation : "");
    }
}

/* "ROW(i.old_1, ...)", or of the target's row without a prefix. */
static void
append_row(PQExpBuffer sql, const LoadTable *table, const char *prefix)
{
    appendPQExpBufferStr(sql, "ROW(");
    for (int i = 0; i < table->capture->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        if (prefix != NULL)
            appendPQExpBuffer(sql, "i.%s%d", prefix, i + 1);
        else
            append_stored(sql, table, i);
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.record");
}

/* "UPDATE images AS i SET op = 'U', new_1 = t.a, ... FROM target AS t" */
static void
append_image_update(PQExpBuffer sql, const LoadTable *table, UndoOp op)
{
    appendPQExpBuffer(sql, "UPDATE %s AS i\n   SET " UNDO_OP " = '%c'",
                      table->capture->images, op);
    for (int i = 0; i < table->capture->n_columns; i++)
        appendPQExpBuffer(sql, "%s%d = t.%s", ", " UNDO_NEW, i + 1,
                          get_captured(table, i)->qname);
    appendPQExpBuffer(sql, "\n  FROM %s AS t", table->rows);
}

static void
append_of_op(PQExpBuffer sql, UndoOp op)
{
    appendPQExpBuffer(sql, "\n WHERE i." UNDO_OP " OPERATOR(pg_catalog.=) '%c'\n   AND ",
                      op);
}

static void
append_gone(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql, "NOT EXISTS (SELECT FROM %s AS t WHERE ", table->rows);
    append_found_again(sql, table, UNDO_NEW);
    appendPQExpBufferChar(sql, ')');
}

/* Rows that were written again after the load has. */
static void
append_rewritten(PQExpBuffer sql, const LoadTable *table, UndoOp op)
{
    append_image_update(sql, table, op);
    append_of_op(sql, op);
    append_found_again(sql, table, UNDO_NEW);
    appendPQExpBufferStr(sql, "\n   AND ");
    append_row(sql, table, UNDO_NEW);
    appendPQExpBufferStr(sql, " OPERATOR(pg_catalog.*<>) ");
    append_row(sql, table, NULL);
}

/* Updates become deletes. */
static void
append_deleted_later(PQExpBuffer sql, const LoadTable *table)
{
    appendPQExpBuffer(sql, "WITH g AS (\nDELETE FROM %s AS i", table->capture->images);
    append_of_op(sql, UNDO_UPDATED);
    append_gone(sql, table);
    appendPQExpBuffer(sql, "\nRETURNING '%c'::pg_catalog.\"char\"", UNDO_DELETED);
    append_image_names(sql, table, "i." UNDO_OLD);
    appendPQExpBuffer(sql, "\n)\nINSERT INTO %s (" UNDO_OP, table->capture->images);
    append_image_names(sql, table, UNDO_OLD);
    appendPQExpBufferStr(sql, ")\nSELECT g.* FROM g");
}

bool
capture_query_is_about_lost(size_t number)
{
    return number == 2 || number == 4;
}

char *
capture_query_settle(const LoadTable *table, size_t number)
{
    const char *images = table->capture->images;
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    switch (number)
    {
        case 0:
            append_rewritten(&sql, table, UNDO_INSERTED);
            break;
        case 1:
            append_rewritten(&sql, table, UNDO_UPDATED);
            break;
        case 2: /* inserted, and deleted again */
            appendPQExpBuffer(&sql, "DELETE FROM %s AS i", images);
            append_of_op(&sql, UNDO_INSERTED);
            append_gone(&sql, table);
            break;
        case 3: /* deleted, and inserted again */
            append_image_update(&sql, table, UNDO_UPDATED);
            append_of_op(&sql, UNDO_DELETED);
            append_found_again(&sql, table, UNDO_OLD);
            break;
        case 4: /* updated, and deleted afterwards */
            append_deleted_later(&sql, table);
            break;
        case 5: /* changed, and changed back */
            appendPQExpBuffer(&sql, "DELETE FROM %s AS i", images);
            append_of_op(&sql, UNDO_UPDATED);
            append_row(&sql, table, UNDO_OLD);
            appendPQExpBufferStr(&sql, " OPERATOR(pg_catalog.*=) ");
            append_row(&sql, table, UNDO_NEW);
            break;
        default:
            termPQExpBuffer(&sql);
            return NULL;
    }
    return sql.data;
}

/* ---- the audit */

/*
 * The key's text, as it is now, or was in a deleted row; a JSON array for several
 * columns.
 */
static void
append_record_id(PQExpBuffer sql, const LoadTable *table)
{
    const TargetKey *key = table->key;

    if (key == NULL)
    {
        appendPQExpBufferStr(sql, "NULL");
        return;
    }
    appendPQExpBufferStr(sql, key->n_parts > 1 ? "pg_catalog.jsonb_build_array(" : "(");
    for (int i = 0; i < key->n_parts; i++)
    {
        int number = get_number(table, key->parts[i].column);

        appendPQExpBuffer(sql,
                          "%sCASE WHEN i." UNDO_OP " OPERATOR(pg_catalog.=) '%c'"
                          " THEN i." UNDO_OLD "%d ELSE i." UNDO_NEW "%d END",
                          i > 0 ? ", " : "", UNDO_DELETED, number, number);
    }
    appendPQExpBufferStr(sql, ")::pg_catalog.text");
}

/*
 * Values of json can be more than jsonb takes: \u0000, half of a surrogate pair, numbers
 * of any size. Such values, and long ones, are written as text.
 */
static void
append_audited_value(PQExpBuffer sql, const Column *column, const char *prefix,
                     int number)
{
    if (may_have_json(column))
        appendPQExpBuffer(
            sql,
            "CASE WHEN pg_catalog.length(i.%s%d::pg_catalog.text)"
            " OPERATOR(pg_catalog.<) 65536\n"
            "                             AND i.%s%d::pg_catalog.text"
            " OPERATOR(pg_catalog.!~)"
            " '[\\\\]u(0000|[dD][89abAB])|[0-9][eE][+-]?[0-9]{3}'\n"
            "                        THEN pg_catalog.to_jsonb(i.%s%d)\n"
            "                        ELSE pg_catalog.to_jsonb(i.%s%d::pg_catalog.text)"
            " END",
            prefix, number, prefix, number, prefix, number, prefix, number);
    else
        appendPQExpBuffer(sql, "i.%s%d", prefix, number);
}

/* The images of one kind, under the names of the columns. */
static void
append_named(PQExpBuffer sql, const LoadTable *table, const char *prefix,
             const char *alias)
{
    appendPQExpBufferStr(sql, "\n       CROSS JOIN LATERAL (SELECT ");
    for (int i = 0; i < table->capture->n_columns; i++)
    {
        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        append_audited_value(sql, get_captured(table, i), prefix, i + 1);
        appendPQExpBuffer(sql, " AS %s", get_captured(table, i)->qname);
    }
    appendPQExpBuffer(sql, ") AS %s", alias);
}

char *
capture_query_audit(const LoadTable *table, const CaptureAudit *audit)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql,
                      "INSERT INTO %s (table_name, operation, record_id, old_values,\n"
                      "    new_values, batch_id, changed_by, changed_at)\n"
                      "SELECT %s,\n"
                      "       CASE WHEN i." UNDO_OP " OPERATOR(pg_catalog.=) '%c'"
                      " THEN 'INSERT'\n"
                      "            WHEN i." UNDO_OP " OPERATOR(pg_catalog.=) '%c'"
                      " THEN 'UPDATE'\n"
                      "            ELSE 'DELETE'\n"
                      "       END,\n       ",
                      audit->audit_log, audit->table_name, UNDO_INSERTED, UNDO_UPDATED);
    append_record_id(&sql, table);
    appendPQExpBuffer(&sql,
                      ",\n"
                      "       CASE WHEN i." UNDO_OP " OPERATOR(pg_catalog.<>) '%c'"
                      " THEN pg_catalog.to_jsonb(o.*) END,\n"
                      "       CASE WHEN i." UNDO_OP " OPERATOR(pg_catalog.<>) '%c'"
                      " THEN pg_catalog.to_jsonb(n.*) END,\n"
                      "       %s, session_user, pg_catalog.now()\n"
                      "  FROM %s AS i",
                      UNDO_INSERTED, UNDO_DELETED, audit->batch_id,
                      table->capture->images);
    append_named(&sql, table, UNDO_OLD, "o");
    append_named(&sql, table, UNDO_NEW, "n");
    return sql.data;
}
