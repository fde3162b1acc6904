/* bytes.c -- order, search, bits and hexadecimal digits of bytes. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize ("O3", "align-loops=32")           /* see kernels.c */
#endif

#include "bytes.h"

#include <string.h>

/* ---- Order and search -------------------------------------------------------------------------- */

int mv_bytes_compare (const unsigned char *a, ptrdiff_t na, const unsigned char *b, ptrdiff_t nb) {
  ptrdiff_t n = na < nb ? na : nb;
  int order = n > 0 ? memcmp(a, b, (size_t)n) : 0;
  if (order == 0) return (na > nb) - (na < nb);
  return order < 0 ? -1 : 1;
}

/* Start of the greatest suffix of x under < or >, less 1, and its period. */
static ptrdiff_t greatestsuffix (const unsigned char *x, ptrdiff_t m, bool greater, ptrdiff_t *period) {
  ptrdiff_t start = -1, j = 0, k = 1, p = 1;
  while (j + k < m) {
    int a = x[j + k], b = x[start + k];
    if (a == b) {
      if (k == p) { j += p; k = 1; }
      else k++;
    }
    else if ((a > b) == greater) { start = j++; k = p = 1; }
    else { j += k; k = 1; p = j - start; }
  }
  *period = p;
  return start;
}

/* memchr for what may be near. */
static const unsigned char *seek (const unsigned char *p, ptrdiff_t n, unsigned char c) {
  ptrdiff_t i;
  for (i = 0; i < n && i < 16; i++) if (p[i] == c) return p + i;
  return i < n ? memchr(p + i, c, (size_t)(n - i)) : NULL;
}

/* Two-way search (Crochemore, Perrin 1991): linear time, no memory. The needle
** is cut at a critical place; its right part is compared first, then the left. What
** cannot begin the right part is passed over at once. */
static ptrdiff_t findtwoway (const unsigned char *y, ptrdiff_t n, const unsigned char *x, ptrdiff_t m) {
  ptrdiff_t p, q, i, j = 0, known = -1;
  ptrdiff_t a = greatestsuffix(x, m, false, &p), b = greatestsuffix(x, m, true, &q);
  ptrdiff_t cut = a > b ? a : b, period = a > b ? p : q;
  bool periodic = memcmp(x, x + period, (size_t)(cut + 1)) == 0;
  if (!periodic) period = (cut + 1 > m - cut - 1 ? cut + 1 : m - cut - 1) + 1;
  while (j <= n - m) {
    i = (cut > known ? cut : known) + 1;
    if (known < 0 && x[i] != y[i + j]) {
      const unsigned char *next = seek(y + i + j, n - m - j + 1, x[i]);
      if (next == NULL) return -1;
      j = next - y - i;
    }
    while (i < m && x[i] == y[i + j]) i++;
    if (i < m) { j += i - cut; known = -1; continue; }
    i = cut;
    while (i > known && x[i] == y[i + j]) i--;
    if (i <= known) return j;
    j += period;
    known = periodic ? m - period - 1 : -1;
  }
  return -1;
}

/* Candidates by memchr for the first byte, then the last one. Where there are too many of
** them, or too many get past both, the search goes on that is linear always. */
ptrdiff_t mv_bytes_find (const unsigned char *y, ptrdiff_t n, const unsigned char *x, ptrdiff_t m) {
  ptrdiff_t j = 0, starts = 0, tries = 32, found;
  if (m == 0) return 0;
  while (j <= n - m && tries > 0 && starts++ < j / 16 + 32) {
    const unsigned char *p = memchr(y + j, x[0], (size_t)(n - m - j + 1));
    if (p == NULL) return -1;
    j = p - y + 1;
    if (p[m - 1] != x[m - 1]) continue;
    if (memcmp(p, x, (size_t)m) == 0) return j - 1;
    tries -= m > 16;            /* short ones cost little however often they fail */
  }
  if (j > n - m) return -1;
  found = findtwoway(y + j, n - j, x, m);
  return found < 0 ? -1 : found + j;
}

/* ---- Bits ---------------------------------------------------------------------------------------- */

uint64_t mv_bits_get (const unsigned char *p, ptrdiff_t stride, int64_t offset, int width) {
  uint64_t x = 0;
  int got = 0, skip = (int)(offset % 8);
  ptrdiff_t k;          /* not a pointer: behind the last byte there may be no place for one */
  for (k = (ptrdiff_t)(offset / 8); got < width; k++, got += 8 - skip, skip = 0)
    x |= (uint64_t)(p[k * stride] >> skip) << got;
  return width < 64 ? x & ((UINT64_C(1) << width) - 1) : x;
}

void mv_bits_set (unsigned char *p, ptrdiff_t stride, int64_t offset, int width, uint64_t x) {
  int skip = (int)(offset % 8);
  ptrdiff_t k;
  for (k = (ptrdiff_t)(offset / 8); width > 0; k++, skip = 0) {
    int n = width < 8 - skip ? width : 8 - skip;
    unsigned mask = ((1u << n) - 1) << skip;
    unsigned char *byte = p + k * stride;
    *byte = (unsigned char)((*byte & ~mask) | ((unsigned)x << skip & mask));
    x >>= n;
    width -= n;
  }
}

/* ---- Hex --------------------------------------------------------------------------------------- */

bool mv_hex_length (ptrdiff_t n, ptrdiff_t group, ptrdiff_t *length) {
  ptrdiff_t size = group < 0 ? -group : group;
  ptrdiff_t seps = size > 0 && n > 0 ? (n - 1) / size : 0;
  return mv_mul(n, 2, length) && mv_add(*length, seps, length);
}

/* Digits are made and read without a branch and without a table: that vectorizes. */
static inline unsigned char hexchar (unsigned digit) {
  return (unsigned char)(digit + '0' + (digit > 9 ? 'a' - '0' - 10 : 0));
}

static void encode (unsigned char *restrict out, const unsigned char *restrict p, ptrdiff_t n) {
  ptrdiff_t i;
  for (i = 0; i < n; i++) {
    out[2 * i] = hexchar(p[i] >> 4);
    out[2 * i + 1] = hexchar(p[i] & 15);
  }
}

/* A separator stands before every `group` bytes but the first ones; groups are too short
** for vectors. */
static void encodegroups (char *out, const unsigned char *p, ptrdiff_t n, char sep,
                          ptrdiff_t first, ptrdiff_t group) {
  static const char digits[] = "0123456789abcdef";
  ptrdiff_t i, left = first;
  for (i = 0; i < n; i++, left--) {
    if (left == 0) { *out++ = sep; left = group; }
    *out++ = digits[p[i] >> 4];
    *out++ = digits[p[i] & 15];
  }
}

void mv_hex_encode (char *out, const unsigned char *p, ptrdiff_t n, char sep, ptrdiff_t group) {
  ptrdiff_t size = group < 0 ? -group : group;
  if (size == 0 || size >= n) encode((unsigned char *)out, p, n);
  else encodegroups(out, p, n, sep, group < 0 || n % size == 0 ? size : n % size, size);
}

static inline unsigned char hexvalue (unsigned char c) { return (unsigned char)((c & 15) + (c >> 6) * 9); }

static inline unsigned char nohexdigit (unsigned char c) {
  return ((unsigned char)(c - '0') > 9) & ((unsigned char)((c | 0x20) - 'a') > 5);
}

static inline unsigned char hexbyte (const unsigned char *p) {
  return (unsigned char)(hexvalue(p[0]) << 4 | hexvalue(p[1]));
}

#define DIGITS 64       /* of a block without white space */

static bool alldigits (const unsigned char *p) {
  unsigned char bad = 0;
  int i;
  for (i = 0; i < DIGITS; i++) bad = (unsigned char)(bad | nohexdigit(p[i]));
  return bad == 0;
}

/* Not inlined, where it would lose what `restrict` says. */
static MV_NOINLINE void decode (unsigned char *restrict out, const unsigned char *restrict p) {
  int i;
  for (i = 0; i < DIGITS / 2; i++) out[i] = hexbyte(p + 2 * i);
}

static bool iswhite (unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* Where it is no pair of digits: gives which of them is none. */
static bool ispair (const unsigned char *p, size_t len, size_t *bad) {
  *bad = nohexdigit(p[0]) ? 0 : 1;
  return *bad == 1 && len > 1 && !nohexdigit(p[1]);
}

ptrdiff_t mv_hex_decode (unsigned char *out, const char *text, size_t len, size_t *bad) {
  const unsigned char *p = (const unsigned char *)text;
  ptrdiff_t n = 0;
  size_t i = 0, slow = 0;               /* up to there byte by byte */
  while (i < len) {
    if (i >= slow && len - i >= DIGITS) {
      if (alldigits(p + i)) {
        if (out != NULL) decode(out + n, p + i);
        i += DIGITS;
        n += DIGITS / 2;
        continue;
      }
      slow = i + DIGITS;
    }
    if (iswhite(p[i])) { i++; continue; }
    if (!ispair(p + i, len - i, bad)) { *bad += i; return -1; }
    if (out != NULL) out[n] = hexbyte(p + i);
    n++;
    i += 2;
  }
  return n;
}
