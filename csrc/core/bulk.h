/* bulk.h -- work on many items at once.
**
** One walker peels the dimensions off; kernels do a run of items with run-time
** strides. A new operation brings a kernel, not a walker. Shapes of two
** operands are the same unless a line says otherwise; the caller checks.
*/
#ifndef MV_BULK_H
#define MV_BULK_H

#include "common.h"
#include "format.h"
#include "item.h"
#include "layout.h"
#include "record.h"

/* Items in memory: the first one and how the others lie. */
typedef struct mv_Span {
  unsigned char *at;            /* item 0; only written to where a function says so */
  int ndim;
  const mv_Dim *dim;
  const mv_Item *item;
} mv_Span;

/* Do the two share bytes, or might they (pointers)? */
bool mv_span_overlap (const mv_Span *a, const mv_Span *b);

/* Contiguous in C order? */
bool mv_span_packed (const mv_Span *s);

/* Bytes of all items; known to fit. */
ptrdiff_t mv_span_bytes (const mv_Span *s);

/* Copies the bytes of the items, which are of one size, to dst. Overlap is safe
** where both are one contiguous run, otherwise not allowed. */
void mv_bulk_copy (const mv_Span *dst, const mv_Span *src);

/* The same for the values only: leaves the padding of "xH" as it is. */
void mv_bulk_assign (const mv_Span *dst, const mv_Span *src);

/* Writes the items of src one behind the other, in 'C' or 'F' order. */
void mv_bulk_pack (unsigned char *dst, const mv_Span *src, char order);

/* The other way: bytes one behind the other become the items of dst. */
void mv_bulk_unpack (const mv_Span *dst, const unsigned char *src, char order);

/* Would every value of src fit an item like dst, which matches? False with the
** first that does not in *bad. */
bool mv_bulk_check (const mv_Item *dst, const mv_Span *src, mv_Misfit *bad);

/* Copies value by value; mv_bulk_check has passed; no overlap. */
void mv_bulk_convert (const mv_Span *dst, const mv_Span *src);

/* Writes one item's bytes (item->size of them) to every item of dst. */
void mv_bulk_fill (const mv_Span *dst, const unsigned char *pattern);

/* The same for the bytes of a record that are not 0 in the mask. */
void mv_bulk_blend (const mv_Span *dst, const unsigned char *pattern, const unsigned char *mask);

/* Equal, value by value? */
bool mv_bulk_equal (const mv_Span *a, const mv_Span *b);

/* What is looked for: a scalar value, or where mask is not NULL, the members of a
** record that have bytes other than 0 there. */
typedef struct mv_Sought {
  mv_Value value;
  const unsigned char *pattern, *mask;
} mv_Sought;

/* Items of the 1-dimensional s equal to it: position of the first (0-based) or -1; number. */
ptrdiff_t mv_bulk_index (const mv_Span *s, const mv_Sought *sought);
ptrdiff_t mv_bulk_count (const mv_Span *s, const mv_Sought *sought);

/* Reverses the bytes of every number. */
void mv_bulk_byteswap (const mv_Span *s);

#endif
