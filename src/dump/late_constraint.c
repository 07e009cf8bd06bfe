#include "dump/late_constraint.h"

#include <string.h>

#include "base/copytext.h"

LateConstraint
late_constraint_read(RowReader *row)
{
    LateConstraint constraint = {0};

    constraint.oid = row_oid(row);
    constraint.owner_class = row_oid(row);
    constraint.owner = row_oid(row);
    constraint.owner_kind = row_text(row);
    constraint.owner_qname = row_text(row);
    constraint.qname = row_text(row);
    constraint.definition = row_text(row);
    constraint.comment = row_text(row);
    return constraint;
}

void
late_constraint_write(Sink *sink, const LateConstraint *constraint, const char *suffix)
{
    PQExpBufferData comment;

    sink_format(sink, "ALTER %s %s ADD CONSTRAINT %s %s%s;\n", constraint->owner_kind,
                constraint->owner_qname, constraint->qname, constraint->definition,
                suffix);
    if (constraint->comment == NULL)
        return;
    initPQExpBuffer(&comment);
    copytext_append_string(&comment, constraint->comment, strlen(constraint->comment));
    sink_format(sink, "COMMENT ON CONSTRAINT %s ON %s%s IS %s;\n", constraint->qname,
                strcmp(constraint->owner_kind, "DOMAIN") == 0 ? "DOMAIN " : "",
                constraint->owner_qname, comment.data);
    termPQExpBuffer(&comment);
}
