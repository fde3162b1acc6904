/* layout.c -- index arithmetic of views. */
#include "layout.h"

ptrdiff_t mv_dims_items (int ndim, const mv_Dim *dim) {
  ptrdiff_t n = 1;
  int d;
  for (d = 0; d < ndim; d++) {
    if (dim[d].length == 0) return 0;
    n *= dim[d].length;
  }
  return n;
}

/* Lengths of 0 count as 1 in strides, as in numpy: only so are they of use. */
mv_Status mv_dims_pack (int ndim, mv_Dim *dim, ptrdiff_t itemsize, char order, ptrdiff_t *nbytes) {
  ptrdiff_t stride = itemsize;
  int k;
  for (k = 0; k < ndim; k++) {
    mv_Dim *d = &dim[order == 'F' ? k : ndim - 1 - k];
    d->stride = stride;
    d->suboffset = -1;
    if (!mv_mul(stride, d->length > 0 ? d->length : 1, &stride)) return MV_TOOLARGE;
  }
  *nbytes = mv_dims_items(ndim, dim) * itemsize;
  return MV_OK;
}

bool mv_dims_indirect (int ndim, const mv_Dim *dim) {
  int d;
  for (d = 0; d < ndim; d++)
    if (dim[d].suboffset >= 0) return true;
  return false;
}

bool mv_dims_contiguous (int ndim, const mv_Dim *dim, ptrdiff_t itemsize, char order) {
  ptrdiff_t stride = itemsize;
  int k;
  if (mv_dims_indirect(ndim, dim)) return false;
  if (mv_dims_items(ndim, dim) == 0) return true;
  for (k = 0; k < ndim; k++) {
    const mv_Dim *d = &dim[order == 'F' ? k : ndim - 1 - k];
    if (d->length > 1 && d->stride != stride) return false;
    stride *= d->length;
  }
  return true;
}

bool mv_dims_sameshape (int na, const mv_Dim *a, int nb, const mv_Dim *b) {
  int d;
  if (na != nb) return false;
  for (d = 0; d < na; d++)
    if (a[d].length != b[d].length) return false;
  return true;
}

void mv_dims_span (int ndim, const mv_Dim *dim, ptrdiff_t itemsize, ptrdiff_t *low, ptrdiff_t *high) {
  int d;
  *low = 0;
  *high = mv_dims_items(ndim, dim) == 0 ? 0 : itemsize;
  if (*high == 0) return;
  for (d = 0; d < ndim; d++) {
    ptrdiff_t reach = (dim[d].length - 1) * dim[d].stride;
    if (reach < 0) *low += reach;
    else *high += reach;
  }
}

/* Moves the start by n strides within dimension d: in front of the last pointer that is
** followed before d, the offset is that pointer's suboffset. */
static ptrdiff_t advance (int ndim, mv_Dim *dim, int d, ptrdiff_t n, ptrdiff_t stride) {
  ptrdiff_t bytes;
  if (mv_dims_items(ndim, dim) == 0) return 0;          /* nothing to go to, and it might not fit */
  bytes = n * stride;
  while (--d >= 0)
    if (dim[d].suboffset >= 0) { dim[d].suboffset += bytes; return 0; }
  return bytes;
}

ptrdiff_t mv_dims_shift (int ndim, mv_Dim *dim, ptrdiff_t bytes) {
  return advance(ndim, dim, ndim, 1, bytes);
}

ptrdiff_t mv_dims_range (int ndim, mv_Dim *dim, int d, ptrdiff_t start, ptrdiff_t length, ptrdiff_t step) {
  ptrdiff_t moved = 0;
  if (length > 0 && start > 0) moved = advance(ndim, dim, d, start, dim[d].stride);
  mv_dim_range(&dim[d], length, step);
  return moved;
}

bool mv_layout_pick (mv_Layout *l, int d, ptrdiff_t i) {
  bool indirect = l->dim[d].suboffset >= 0;
  int k;
  if (indirect && (d == 0 || l->dim[d - 1].suboffset >= 0)) return false;
  l->offset += advance(l->ndim, l->dim, d, i, l->dim[d].stride);
  if (indirect) l->dim[d - 1].suboffset = l->dim[d].suboffset;
  l->ndim--;
  for (k = d; k < l->ndim; k++) l->dim[k] = l->dim[k + 1];
  return true;
}

/* ---- Cast ------------------------------------------------------------------ */

static bool wholelayout (const mv_Layout *l, ptrdiff_t itemsize) {
  return mv_dims_contiguous(l->ndim, l->dim, itemsize, 'C')
      || mv_dims_contiguous(l->ndim, l->dim, itemsize, 'F');
}

/* Default shape: the last dimension takes all the change. */
static mv_Status castlast (mv_Dim *last, ptrdiff_t itemsize, ptrdiff_t newsize, ptrdiff_t *need) {
  ptrdiff_t length = 0;
  mv_Status status = mv_dim_cast(last, itemsize, newsize, &length);
  *need = last->length * itemsize;
  if (status != MV_OK) return status;
  last->length = length;
  last->stride = newsize;
  return MV_OK;
}

/* Takes the lengths over, with -1 worked out. */
static mv_Status setlengths (mv_Layout *l, ptrdiff_t nbytes, ptrdiff_t newsize,
                             const ptrdiff_t *lengths) {
  ptrdiff_t known = newsize;
  int d, open = -1;
  for (d = 0; d < l->ndim; d++) {
    if (lengths[d] < -1 || (lengths[d] == -1 && open >= 0)) return MV_BADLENGTH;
    l->dim[d].length = lengths[d] < 0 ? 1 : lengths[d];
    if (lengths[d] < 0) open = d;
    else if (!mv_mul(known, lengths[d], &known)) return MV_TOOLARGE;
  }
  if (open < 0) return MV_OK;
  if (known == 0) return MV_BADLENGTH;          /* 0 times what? */
  if (nbytes % known != 0) return MV_NOTWHOLE;
  l->dim[open].length = nbytes / known;
  return MV_OK;
}

mv_Status mv_layout_cast (mv_Layout *l, ptrdiff_t itemsize, ptrdiff_t newsize,
                          int ndim, const ptrdiff_t *lengths, char order, ptrdiff_t *need) {
  ptrdiff_t nbytes = mv_dims_items(l->ndim, l->dim) * itemsize, all = -1;
  mv_Status status;
  if (!wholelayout(l, itemsize))
    return ndim < 0 && l->ndim > 0 ? castlast(&l->dim[l->ndim - 1], itemsize, newsize, need) : MV_NOTCONTIGUOUS;
  l->ndim = ndim < 0 ? 1 : ndim;
  *need = nbytes;
  status = setlengths(l, nbytes, newsize, ndim < 0 ? &all : lengths);
  if (status == MV_OK) status = mv_dims_pack(l->ndim, l->dim, newsize, order, need);
  if (status == MV_OK && *need != nbytes) status = MV_BADSHAPE;
  return status;
}

void mv_dims_transpose (int ndim, mv_Dim *to, const mv_Dim *from, const int *order) {
  int d;
  for (d = 0; d < ndim; d++) to[d] = from[order != NULL ? order[d] : ndim - 1 - d];
}
