/* record.h -- one item, scalar or record, as a whole.
**
** Values of two records are taken side by side, in order: padding does not
** count, nested records are entered, an array member goes with an array of the
** same shape. Recursion follows the nesting of the format, which is bounded.
*/
#ifndef MV_RECORD_H
#define MV_RECORD_H

#include "format.h"
#include "item.h"

/* Do the two have values of the same structure, in the same order? With `names`:
** and the same names where both sides have one. */
bool mv_item_match (const mv_Item *a, const mv_Item *b, bool names);

/* Can a value be copied from one to the other as plain bytes? */
bool mv_item_same (const mv_Item *a, const mv_Item *b);

/* Equal value by value? False for items that do not match. */
bool mv_item_equal (const mv_Item *a, const unsigned char *pa, const mv_Item *b, const unsigned char *pb);

/* A value that does not fit: what it was to be written to, and why not. */
typedef struct mv_Misfit {
  mv_Status status;
  mv_Value value;
  const mv_Item *item;
} mv_Misfit;

/* Would every value of `from` at p fit `to`? They match. False with *bad filled. */
bool mv_item_check (const mv_Item *to, const mv_Item *from, const unsigned char *p, mv_Misfit *bad);

/* Writes the values at p to q. mv_item_check has passed. */
void mv_item_convert (const mv_Item *to, unsigned char *q, const mv_Item *from, const unsigned char *p);

/* Does the item at p have the values of `pattern`, an item of the same kind, wherever
** `mask` has bytes other than 0? */
bool mv_item_masked (const mv_Item *item, const unsigned char *p, const unsigned char *pattern,
                     const unsigned char *mask);

/* Reverses the bytes of every number. */
void mv_item_byteswap (const mv_Item *item, unsigned char *p);

#endif
