/* layout.h -- where the items of a view lie.
**
** A layout is a shape with, for each dimension, the bytes from one item to the
** next, and the offset of the first item from the base of the memory. Lengths
** are in items, strides and offsets in bytes. A suboffset of 0 or more says
** that the memory holds a pointer there, to be followed and then moved by
** the suboffset (PEP 3118); -1 is the usual case of none.
**
** What makes a layout (mv_dims_pack, mv_layout_cast) checks its sums and products. What
** the others return lies within what they were given, as their callers have checked, so a
** layout that was right at the start stays right.
*/
#ifndef MV_LAYOUT_H
#define MV_LAYOUT_H

#include "common.h"

typedef struct mv_Dim {
  ptrdiff_t length;
  ptrdiff_t stride;
  ptrdiff_t suboffset;
} mv_Dim;

typedef struct mv_Layout {
  ptrdiff_t offset;
  int ndim;                     /* 0..MV_MAXDIM; only these are filled */
  mv_Dim dim[MV_MAXDIM];
} mv_Layout;

/* Number of items; the layout is known to be right. */
ptrdiff_t mv_dims_items (int ndim, const mv_Dim *dim);

/* Fills strides ('C' or 'F' order) and suboffsets for the lengths in `dim`;
** *nbytes is the size of all. MV_TOOLARGE where a product does not fit. */
mv_Status mv_dims_pack (int ndim, mv_Dim *dim, ptrdiff_t itemsize, char order, ptrdiff_t *nbytes);

/* Does any dimension follow pointers? */
bool mv_dims_indirect (int ndim, const mv_Dim *dim);

/* Do the items lie without gaps in 'C' or 'F' order? A view of no items does. */
bool mv_dims_contiguous (int ndim, const mv_Dim *dim, ptrdiff_t itemsize, char order);

/* Same lengths? */
bool mv_dims_sameshape (int na, const mv_Dim *a, int nb, const mv_Dim *b);

/* The bytes that the items cover, as offsets from the first item: *low <= 0,
** *high is one past the last byte. The layout is not indirect. */
void mv_dims_span (int ndim, const mv_Dim *dim, ptrdiff_t itemsize, ptrdiff_t *low, ptrdiff_t *high);

/* Moves to a part of every item that lies `bytes` behind its start. Gives the bytes
** by which the first item moves: the caller adds them to its offset. Where a pointer
** is followed on the way, its suboffset has taken them, and 0 is given. */
ptrdiff_t mv_dims_shift (int ndim, mv_Dim *dim, ptrdiff_t bytes);

/* Narrows one dimension to `length` items by `step` (not PTRDIFF_MIN), wherever they begin.
** All of them are known to lie inside. */
static inline void mv_dim_range (mv_Dim *dim, ptrdiff_t length, ptrdiff_t step) {
  ptrdiff_t stride = dim->stride < 0 ? -dim->stride : dim->stride, size = step < 0 ? -step : step;
  dim->length = length;
  if (step != 1 && (length > 1 || mv_mul(stride, size, &size)))
    dim->stride *= step;                /* does not fit? only where it is never taken */
}

/* Narrows dimension d to `length` items from `start` (0-based) by `step`
** (not PTRDIFF_MIN). All of them are known to lie inside. Gives as mv_dims_shift. */
ptrdiff_t mv_dims_range (int ndim, mv_Dim *dim, int d, ptrdiff_t start, ptrdiff_t length, ptrdiff_t step);

static inline void mv_layout_range (mv_Layout *l, int d, ptrdiff_t start, ptrdiff_t length, ptrdiff_t step) {
  l->offset += mv_dims_range(l->ndim, l->dim, d, start, length, step);
}

/* Drops dimension d, at item i. A dimension that follows pointers can only be
** dropped where a dimension before it keeps the place: `false` where d is an
** indirect first one (the caller then follows the pointer itself). */
bool mv_layout_pick (mv_Layout *l, int d, ptrdiff_t i);

/* How many items of `newsize`, one behind the other, cover the bytes of one dimension:
** *length. MV_NOTCONTIGUOUS, or MV_NOTWHOLE. */
static inline mv_Status mv_dim_cast (const mv_Dim *dim, ptrdiff_t itemsize, ptrdiff_t newsize, ptrdiff_t *length) {
  if (dim->suboffset >= 0 || (dim->length > 1 && dim->stride != itemsize)) return MV_NOTCONTIGUOUS;
  if (dim->length * itemsize % newsize != 0) return MV_NOTWHOLE;
  *length = dim->length * itemsize / newsize;
  return MV_OK;
}

/* New layout of the same bytes with items of `newsize`. lengths[0..ndim-1] is
** the shape, where one may be -1 (worked out); ndim < 0 asks for the default:
** one dimension, or all but the last kept where only the last is contiguous.
** MV_NOTCONTIGUOUS, MV_NOTWHOLE, MV_BADSHAPE, MV_BADLENGTH, MV_TOOLARGE;
** *need is then the number of bytes that the shape asks for (MV_BADSHAPE). */
mv_Status mv_layout_cast (mv_Layout *l, ptrdiff_t itemsize, ptrdiff_t newsize,
                          int ndim, const ptrdiff_t *lengths, char order, ptrdiff_t *need);

/* Dimension k of the result, elsewhere, is dimension order[k] (a permutation of
** 0..ndim-1); order NULL turns them around. */
void mv_dims_transpose (int ndim, mv_Dim *to, const mv_Dim *from, const int *order);

#endif
