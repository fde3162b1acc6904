/* kernels.h -- inner loops over runs of numbers.
**
** Each does n numbers of one kind, `stride` bytes apart, in either byte order. Runs
** are cut into blocks; a block that is not plain (strided, swapped, half floats) is
** made plain in a small array first, so the loops that compute are few, contiguous
** and in native order, and the compiler vectorizes them. All kinds are numbers here
** (mv_kind_isnumber), and no result differs from that of the item functions.
*/
#ifndef MV_KERNELS_H
#define MV_KERNELS_H

#include "item.h"

/* Numbers in memory. */
typedef struct mv_Run {
  unsigned char *at;            /* the first one; read only where a function reads */
  ptrdiff_t stride;
  const mv_Item *item;
} mv_Run;

/* Does every number of src fit the item `to`? */
bool mv_run_fits (const mv_Item *to, const mv_Run *src, ptrdiff_t n);

/* Writes every number of src, which fits, to dst. No overlap. */
void mv_run_convert (const mv_Run *dst, const mv_Run *src, ptrdiff_t n);

/* Equal one by one? */
bool mv_run_equal (const mv_Run *a, const mv_Run *b, ptrdiff_t n);

/* Position of the first number equal to v (0-based), or -1; how many there are. v has
** been fitted to the item, without changing its value. */
ptrdiff_t mv_run_index (const mv_Run *r, const mv_Value *v, ptrdiff_t n);
ptrdiff_t mv_run_count (const mv_Run *r, const mv_Value *v, ptrdiff_t n);

/* Reverses the bytes of every number, in place. */
void mv_run_byteswap (const mv_Run *r, ptrdiff_t n);

/* Copies n items of `size` bytes each, both strided. */
void mv_copy_strided (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp,
                      ptrdiff_t size, ptrdiff_t n);

/* Items of two dimensions, with their strides in the memory of both sides. */
typedef struct mv_Plane {
  ptrdiff_t size;               /* of an item */
  ptrdiff_t n[2], sq[2], sp[2];
} mv_Plane;

/* Copies them from p to q where rows of one are columns of the other: by blocks that the
** cache holds. No overlap. */
void mv_copy_plane (const mv_Plane *s, unsigned char *q, const unsigned char *p);

/* Writes a pattern of `size` bytes n times, one behind the other. */
void mv_fill_packed (unsigned char *q, const unsigned char *pattern, ptrdiff_t size, ptrdiff_t n);

#endif
