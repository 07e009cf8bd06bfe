/*
 * Configuration rows of extensions: those that pg_extension_config_dump() marks as the
 * user's own.
 */
#include "dump/emit.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "dump/do_block.h"
#include "dump/inserts.h"
#include "sample/rowline.h"
#include "sample/rowscan.h"

/* The statement that the rows of one table become. */
typedef struct Configuration
{
    const RowLayout *layout;
    const CopyEncoding *encoding;
    PQExpBufferData sql;
} Configuration;

static void
append_configuration_row(Configuration *configuration, const char *line, size_t length)
{
    PQExpBuffer sql = &configuration->sql;

    if (sql->len == 0)
        inserts_append_begin(sql, configuration->layout);
    else
        appendPQExpBufferStr(sql, ",\n");
    inserts_append_row(sql, configuration->layout, line, length, NULL,
                       configuration->encoding);
}

static void
read_configuration_rows(Configuration *configuration, Db *db)
{
    const Relation *relation = configuration->layout->relation;
    const char *condition = relation->configuration_condition;
    const char *list = configuration->layout->column_list;
    ssize_t length;
    char *line;
    char *sql;

    /* the list without its parentheses */
    sql =
        mem_format("COPY (SELECT %.*s FROM ONLY %s %s) TO STDOUT", (int)strlen(list) - 2,
                   list + 1, relation->qname, condition != NULL ? condition : "");
    db_set_context(db, "could not read configuration table %s", relation->qname);
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
        append_configuration_row(configuration, line, (size_t)length);
    db_set_context(db, NULL);
    free(sql);
}

static void
read_staged_configuration(Configuration *configuration, Sample *sample, Session *session)
{
    const RowLayout *layout = configuration->layout;
    const char *line;
    size_t length;
    RowScan scan;

    if (!layout->relation->is_readable)
        die_message(EXIT_SERVER, "configuration table %s cannot be read",
                    layout->relation->qname);
    if (sample->tables[layout->position].n_rows == 0)
        return;
    scan = rowscan_begin(sample, session, layout->position, false);
    while ((line = rowscan_next(&scan, &length)) != NULL)
    {
        line = rowline_skip_prefix(layout, line, &length);
        append_configuration_row(configuration, line, length);
    }
}

static void
write_statement(Sink *sink, Configuration *configuration, bool keeps_others)
{
    PQExpBuffer sql = &configuration->sql;
    PQExpBufferData block;

    appendPQExpBufferStr(sql, keeps_others ? "\nON CONFLICT DO NOTHING;" : ";");
    initPQExpBuffer(&block);
    appendPQExpBufferChar(&block, '\n');
    do_block_append_caught(&block, "configuration", sql->data, sql->len,
                           "insufficient_privilege OR unique_violation",
                           "RAISE WARNING 'configuration rows are left out: %', SQLERRM");
    sink_write(sink, block.data, block.len);
    termPQExpBuffer(&block);
}

void
configuration_write(Sink *sink, Sample *sample, Session *session, const Toc *toc,
                    bool keeps_others)
{
    const Catalog *catalog = sample->plan->catalog;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];
        Configuration configuration = {.layout = &sample->layouts[i],
                                       .encoding = &session->encoding};

        if (!relation->is_configuration || configuration.layout->n_output == 0 ||
            (toc != NULL && !toc_is_kept(toc, CATALOG_PG_EXTENSION, relation->extension)))
            continue;
        initPQExpBuffer(&configuration.sql);
        if (sample->staging != NULL)
            read_staged_configuration(&configuration, sample, session);
        else
            read_configuration_rows(&configuration,
                                    session_get_reader(session, relation));
        if (configuration.sql.len > 0)
            write_statement(sink, &configuration, keeps_others);
        termPQExpBuffer(&configuration.sql);
    }
}
