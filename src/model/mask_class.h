/*
 * Classes of columns: equal values of the columns of one class must stay equal when they
 * are masked, since rows refer to each other by them, so that all of them have one mask.
 *
 * Pure: no server, no output.
 */
#ifndef MODEL_MASK_CLASS_H
#define MODEL_MASK_CLASS_H

#include "model/catalog.h"

typedef struct MaskClasses
{
    const Catalog *catalog;
    int *first;  /* by relation: the number of its first column */
    int *parent; /* by number of a column: another of its class, or itself */
    int n;       /* columns of all relations */
    /* by number: the declared reference that computes with its values; or NULL */
    const Reference **computed;
} MaskClasses;

/* In the catalog's arena, with its declared references; ignored foreign keys count. */
MaskClasses *mask_class_build(const Catalog *catalog);

/* The number of the column. */
int mask_class_number(const MaskClasses *classes, int relation, int column);

/* The number that stands for the class of the column with that number. */
int mask_class_find(const MaskClasses *classes, int number);

/* The relation and column of a number. */
void mask_class_locate(const MaskClasses *classes, int number, int *relation,
                       int *column);

#endif
