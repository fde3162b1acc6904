/* bytes.h -- work on bytes that need no format: order, search, bits, hexadecimal digits.
*/
#ifndef MV_BYTES_H
#define MV_BYTES_H

#include "common.h"

/* First place of the m bytes at x in the n bytes at y, or -1; linear in n + m. */
ptrdiff_t mv_bytes_find (const unsigned char *y, ptrdiff_t n, const unsigned char *x, ptrdiff_t m);

/* -1, 0, 1: as memcmp, then by length. */
int mv_bytes_compare (const unsigned char *a, ptrdiff_t na, const unsigned char *b, ptrdiff_t nb);

/* `width` bits (1..64) from bit `offset` on of bytes that lie `stride` apart, the
** least significant first. */
uint64_t mv_bits_get (const unsigned char *p, ptrdiff_t stride, int64_t offset, int width);
void mv_bits_set (unsigned char *p, ptrdiff_t stride, int64_t offset, int width, uint64_t x);

/* Length of the text that mv_hex_encode writes. `group` bytes stand between two
** separators, counted from the right, or from the left where it is negative; 0: none. */
bool mv_hex_length (ptrdiff_t n, ptrdiff_t group, ptrdiff_t *length);
void mv_hex_encode (char *out, const unsigned char *p, ptrdiff_t n, char sep, ptrdiff_t group);

/* Bytes that the text spells, written to out where that is not NULL; white
** space may stand between bytes. -1 where something else does, at *bad (0-based). */
ptrdiff_t mv_hex_decode (unsigned char *out, const char *text, size_t len, size_t *bad);

#endif
