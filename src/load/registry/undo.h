/*
 * Undo tables: what a load has changed, row by row, so that it can be rolled back.
 *
 * For each table that a load with undo has changed, its commit creates an undo table in
 * the loader's schema, and a row of the table undo. For example, of a table item (id,
 * name) of which the load has inserted row 1, updated row 2 and deleted row 3:
 *
 *     undo      table_name   undo_table                            columns    key
 *               public.item  item_undo_a1b2c3d4_20250930_143022    {id,name}  {id}
 *
 *     op   old_1  old_2   new_1  new_2
 *     I                   1      one
 *     U    2      two     2      zwei
 *     D    3      three
 *
 * The columns are those of the target but generated ones, in its order; old_N and new_N
 * are the N-th of undo.columns, since names of columns can be any. Types are those of the
 * target; domains are replaced by the types below them, so that NULL fits. A soft delete
 * is an update. The images are of what the commit has left, after triggers.
 *
 * undo_id is assigned when the rows are locked, so that of loads that have changed the
 * same rows the later one has the greater. is_audited: the load was audited, and so is
 * its rollback. key has the columns that identify the rows. Where nothing has changed,
 * n_rows is 0, and there is no undo table. The comment of an undo table is that of the
 * loader's other tables.
 */
#ifndef LOAD_REGISTRY_UNDO_H
#define LOAD_REGISTRY_UNDO_H

#define UNDO_WHAT "undo" /* in names and comments of undo tables */

#define UNDO_OP "op"    /* an UndoOp, as "char" */
#define UNDO_OLD "old_" /* and the number of the column, from 1 */
#define UNDO_NEW "new_"

typedef enum UndoOp
{
    UNDO_INSERTED = 'I',
    UNDO_UPDATED = 'U',
    UNDO_DELETED = 'D'
} UndoOp;

#endif
