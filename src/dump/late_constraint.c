#include "dump/late_constraint.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/mem.h"

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
late_constraint_append_comment(PQExpBuffer sql, const char *qname, const char *owner,
                               const char *comment)
{
    appendPQExpBuffer(sql, "COMMENT ON CONSTRAINT %s ON %s IS ", qname, owner);
    copytext_append_string(sql, comment, strlen(comment));
    appendPQExpBufferStr(sql, ";\n");
}

void
late_constraint_write(Sink *sink, const LateConstraint *constraint, const char *suffix)
{
    bool is_of_domain = strcmp(constraint->owner_kind, "DOMAIN") == 0;
    PQExpBufferData comment;
    char *owner;

    sink_format(sink, "ALTER %s %s ADD CONSTRAINT %s %s%s;\n", constraint->owner_kind,
                constraint->owner_qname, constraint->qname, constraint->definition,
                suffix);
    if (constraint->comment == NULL)
        return;
    initPQExpBuffer(&comment);
    owner = mem_format("%s%s", is_of_domain ? "DOMAIN " : "", constraint->owner_qname);
    late_constraint_append_comment(&comment, constraint->qname, owner,
                                   constraint->comment);
    sink_write_string(sink, comment.data);
    termPQExpBuffer(&comment);
    free(owner);
}
