#include "db/db_internal.h"

bool
db_recover_stop(Db *db)
{
    if (db == NULL)
        return true;
    if (PQstatus(db->connection) != CONNECTION_OK)
        return false;
    if (PQtransactionStatus(db->connection) == PQTRANS_ACTIVE)
        db_interrupt(db->cancel);
    return db_attempt_discard(db);
}

bool
db_recover(Db *db)
{
    if (db == NULL || !db_recover_stop(db))
        return false;
    if (PQtransactionStatus(db->connection) == PQTRANS_IDLE)
        return true;
    return db_attempt(db, "ROLLBACK");
}
