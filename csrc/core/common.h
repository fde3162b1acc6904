/* common.h -- what every room of the core shares.
**
** Sizes, lengths, offsets and strides are all ptrdiff_t: nothing in memory is
** larger, differences never wrap, and one pair of checked operations serves
** everywhere. The core raises nothing: functions that can fail return an
** mv_Status, and whoever called knows the values to put into the words.
*/
#ifndef MV_COMMON_H
#define MV_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "memview needs arithmetic as IEEE 754 has it (NaN, rounding): compile it without -ffast-math"
#endif

#define MV_MAXDIM 64    /* dimensions of a view, as in CPython */

typedef enum mv_Status {
  MV_OK,
  MV_NOMEMORY,     /* the allocator gave NULL */
  MV_TOOLARGE,     /* a size does not fit ptrdiff_t */
  MV_BADTYPE,      /* a value of a class that the item does not take */
  MV_BADRANGE,     /* a number outside the range of the item */
  MV_FRACTION,     /* a number without an integer value for an integer item */
  MV_TOOLONG,      /* more bytes than the field has */
  MV_NOTCONTIGUOUS,
  MV_NOTWHOLE,     /* the bytes are no whole number of items */
  MV_BADSHAPE,     /* the shape needs another number of bytes */
  MV_BADLENGTH,    /* a length below 0 (or a second -1) in a shape */
  MV_PINNED        /* views are live */
} mv_Status;

/* For functions with large arrays that recursions call: their frame must not become
** part of the recursion's. */
#if defined(__GNUC__)
#define MV_NOINLINE __attribute__((noinline))
#elif defined(_MSC_VER)
#define MV_NOINLINE __declspec(noinline)
#else
#define MV_NOINLINE
#endif

/* Vectors of 16 bytes, which every x86-64 has. MV_PORTABLE leaves them out, to try what
** stands in for them. */
#if (defined(__SSE2__) || defined(_M_X64)) && !defined(MV_PORTABLE)
#define MV_SSE2 1
#else
#define MV_SSE2 0
#endif

/* Is this machine little-endian? */
#if !defined(MV_LITTLE)
#if defined(__BYTE_ORDER__)
#define MV_LITTLE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#elif defined(_WIN32)
#define MV_LITTLE 1
#else
#error "this compiler does not say how the machine orders bytes: define MV_LITTLE as 1 (little-endian) or 0 (big-endian)"
#endif
#endif

/* *r = a * b for a, b >= 0; false where that does not fit. */
static inline bool mv_mul (ptrdiff_t a, ptrdiff_t b, ptrdiff_t *r) {
#if defined(__GNUC__)
  return !__builtin_mul_overflow(a, b, r);
#else
  if (b != 0 && a > PTRDIFF_MAX / b) return false;
  *r = a * b;
  return true;
#endif
}

/* *r = a + b for a, b >= 0; false where that does not fit. */
static inline bool mv_add (ptrdiff_t a, ptrdiff_t b, ptrdiff_t *r) {
  if (a > PTRDIFF_MAX - b) return false;
  *r = a + b;
  return true;
}

#endif
