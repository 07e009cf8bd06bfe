/*
 * Reads tables whose rows the server misses where it prunes partitions: some releases do
 * (src/sql/misread_tables.sql), and with enable_partition_pruning off they do not.
 *
 * Off for the whole run would make every query of every partitioned table slower, and a
 * caller that has to think of it could forget it. So it is decided for each statement
 * when it is sent (db_post()), by its text: one that names a distrusted table, quoted and
 * with its schema as all SQL of the program does, is sent behind
 *
 *     SET LOCAL enable_partition_pruning = off;
 *
 * A name that is the beginning of a longer one does not count. The cost is one search of
 * the text for each distrusted table, of which most databases have none. The user's own
 * SQL, on connections of its own, may reach a table without naming it like that, through
 * a view; it is sent so as a whole.
 *
 * Queries with parameters are left out: theirs is static SQL about catalogs.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db_internal.h"

/* There is one server in a run. */
static struct
{
    char **qnames;
    size_t n;
    size_t capacity;
    bool is_user;
    bool is_all;
} distrusted;

void
db_pruning_distrust(const char *qname)
{
    MEM_GROW(distrusted.qnames, distrusted.capacity, distrusted.n);
    distrusted.qnames[distrusted.n++] = mem_copy_string(qname);
}

void
db_pruning_distrust_user(void)
{
    distrusted.is_user = true;
}

void
db_pruning_distrust_all(void)
{
    distrusted.is_all = true;
}

void
db_pruning_trust_all(void)
{
    while (distrusted.n > 0)
        free(distrusted.qnames[--distrusted.n]);
    distrusted.is_user = distrusted.is_all = false;
}

/* Can a quoted name be longer than up to here? */
static bool
goes_on(unsigned char next)
{
    return isalnum(next) || next >= 0x80 || next == '_' || next == '$' || next == '"';
}

static bool
names_table(const char *sql, const char *qname)
{
    size_t length = strlen(qname);

    while ((sql = strstr(sql, qname)) != NULL)
    {
        if (!goes_on((unsigned char)sql[length]))
            return true;
        sql++;
    }
    return false;
}

static bool
is_distrusted(const Db *db, const char *sql)
{
    if (distrusted.is_all || (distrusted.is_user && db->is_for_user))
        return true;
    for (size_t i = 0; i < distrusted.n; i++)
    {
        if (names_table(sql, distrusted.qnames[i]))
            return true;
    }
    return false;
}

/*
 * The setting lasts to the end of the transaction, or until a savepoint is returned to,
 * which is not known here: so it is set for each statement that needs it, and taken back
 * for the first that does not.
 */
const char *
db_pruning_choose(Db *db, const char *sql)
{
    PGTransactionStatusType status = PQtransactionStatus(db->connection);
    bool was_off = db->is_pruning_off && status == PQTRANS_INTRANS;

    db->is_pruning_off = false;
    if (status != PQTRANS_IDLE && status != PQTRANS_INTRANS)
        return "";
    db->is_pruning_off = is_distrusted(db, sql);
    if (db->is_pruning_off)
        return "SET LOCAL enable_partition_pruning = off;\n";
    return was_off ? "SET LOCAL enable_partition_pruning TO DEFAULT;\n" : "";
}
