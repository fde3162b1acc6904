/* kernels.c -- inner loops over runs of numbers. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize ("O3")     /* -O2 of gcc 12 does not vectorize these loops */
#endif

#include "kernels.h"

#include <float.h>
#include <math.h>

#define BLOCK 512               /* numbers of a block */

/* Element i of plain memory, which need not be aligned: memcpy is a move here. */
#define GET(T, x, p, i)  T x; memcpy(&x, (p) + (size_t)(i) * sizeof(T), sizeof(T))
#define PUT(T, x, p, i)  memcpy((p) + (size_t)(i) * sizeof(T), &x, sizeof(T))

/* ---- Strided moves ------------------------------------------------------------------ */

#define MOVE(T)  \
  for (i = 0; i < n; i++) { T x; memcpy(&x, p + i * sp, sizeof x); memcpy(q + i * sq, &x, sizeof x); }

void mv_copy_strided (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp,
                      ptrdiff_t size, ptrdiff_t n) {
  ptrdiff_t i;
  switch (size) {
    case 1: MOVE(uint8_t) break;
    case 2: MOVE(uint16_t) break;
    case 4: MOVE(uint32_t) break;
    case 8: MOVE(uint64_t) break;
    default: for (i = 0; i < n; i++) memcpy(q + i * sq, p + i * sp, (size_t)size);
  }
}

#define SWAP(bits)  \
  for (i = 0; i < n; i++) { \
    GET(uint##bits##_t, x, p, i); \
    x = mv_swap##bits(x); \
    PUT(uint##bits##_t, x, p, i); }

/* Swaps plain numbers in place. */
static void swapplain (unsigned char *p, ptrdiff_t size, ptrdiff_t n) {
  ptrdiff_t i;
  switch (size) {
    case 2: SWAP(16) break;
    case 4: SWAP(32) break;
    case 8: SWAP(64) break;
  }
}

#define SWAPSTRIDED(bits)  \
  for (i = 0; i < n; i++) mv_store##bits(p + i * stride, mv_swap##bits(mv_load##bits(p + i * stride)));

void mv_run_byteswap (const mv_Run *r, ptrdiff_t n) {
  unsigned char *p = r->at;
  ptrdiff_t stride = r->stride, i;
  if (stride == r->item->size) { swapplain(p, r->item->size, n); return; }
  switch (r->item->size) {
    case 2: SWAPSTRIDED(16) break;
    case 4: SWAPSTRIDED(32) break;
    case 8: SWAPSTRIDED(64) break;
  }
}

/* ---- Plain blocks ---------------------------------------------------------------------- */

/* Numbers in native order without gaps: `at` is memory, or `room`. Half floats are
** floats in here. */
typedef struct Block {
  unsigned char *at;
  mv_Kind kind;
  unsigned char room[BLOCK * 8];
} Block;

static mv_Kind plainkind (const mv_Item *item) {
  return item->kind == MV_F16 ? MV_F32 : (mv_Kind)item->kind;
}

static void decodehalves (unsigned char *p, ptrdiff_t n) {
  while (n-- > 0) {                     /* from the end: floats are wider */
    GET(uint16_t, h, p, n);
    float f = (float)mv_half_decode(h);
    PUT(float, f, p, n);
  }
}

/* Numbers i to i + n - 1 of a run as a plain block. */
static void load (Block *b, const mv_Run *r, ptrdiff_t i, ptrdiff_t n) {
  const mv_Item *item = r->item;
  unsigned char *p = r->at + i * r->stride;
  b->kind = plainkind(item);
  b->at = p;
  if (r->stride == item->size && !item->swap && item->kind != MV_F16) return;
  mv_copy_strided(b->room, item->size, p, r->stride, item->size, n);
  if (item->swap) swapplain(b->room, item->size, n);
  if (item->kind == MV_F16) decodehalves(b->room, n);
  b->at = b->room;
}

/* ---- Conversion --------------------------------------------------------------------------- */

typedef void Converter (unsigned char *restrict q, const unsigned char *restrict p, ptrdiff_t n);

#define CONVERTER(S, D, VIA)  \
  static void S##_to_##D (unsigned char *restrict q, const unsigned char *restrict p, ptrdiff_t n) { \
    ptrdiff_t i; \
    for (i = 0; i < n; i++) { GET(S, x, p, i); D y = (D)(VIA)x; PUT(D, y, q, i); } \
  }

/* Integers of 8 bytes become floats by way of double, as single items do. */
#define CONVERTERS(S, FLOATVIA)  \
  CONVERTER(S, int8_t, S) CONVERTER(S, uint8_t, S) CONVERTER(S, int16_t, S) CONVERTER(S, uint16_t, S) \
  CONVERTER(S, int32_t, S) CONVERTER(S, uint32_t, S) CONVERTER(S, int64_t, S) CONVERTER(S, uint64_t, S) \
  CONVERTER(S, float, FLOATVIA) CONVERTER(S, double, S)

CONVERTERS(int8_t, int8_t) CONVERTERS(uint8_t, uint8_t)
CONVERTERS(int16_t, int16_t) CONVERTERS(uint16_t, uint16_t)
CONVERTERS(int32_t, int32_t) CONVERTERS(uint32_t, uint32_t)
CONVERTERS(int64_t, double) CONVERTERS(uint64_t, double)
CONVERTERS(float, float) CONVERTERS(double, double)

#define ROW(S)  { \
  S##_to_int8_t, S##_to_uint8_t, S##_to_int16_t, S##_to_uint16_t, S##_to_int32_t, S##_to_uint32_t, \
  S##_to_int64_t, S##_to_uint64_t, NULL, S##_to_float, S##_to_double }

/* By kind, from and to; half floats never come here. */
static Converter *const converters[MV_F64 + 1][MV_F64 + 1] = {
  ROW(int8_t), ROW(uint8_t), ROW(int16_t), ROW(uint16_t), ROW(int32_t), ROW(uint32_t),
  ROW(int64_t), ROW(uint64_t), {NULL}, ROW(float), ROW(double)
};

static void encodehalves (unsigned char *p, ptrdiff_t n) {
  ptrdiff_t i;
  for (i = 0; i < n; i++) {
    GET(double, d, p, i);
    uint16_t h = mv_half_encode(d);
    PUT(uint16_t, h, p, i);
  }
}

/* Converts a plain block to where and how the numbers of dst lie. */
static void store (const mv_Run *dst, ptrdiff_t i, const Block *b, ptrdiff_t n) {
  const mv_Item *item = dst->item;
  mv_Kind kind = item->kind == MV_F16 ? MV_F64 : (mv_Kind)item->kind;
  unsigned char *q = dst->at + i * dst->stride, room[BLOCK * 8];
  if (dst->stride == item->size && !item->swap && item->kind != MV_F16) {
    converters[b->kind][kind](q, b->at, n);
    return;
  }
  converters[b->kind][kind](room, b->at, n);
  if (item->kind == MV_F16) encodehalves(room, n);
  if (item->swap) swapplain(room, item->size, n);
  mv_copy_strided(q, dst->stride, room, item->size, item->size, n);
}

void mv_run_convert (const mv_Run *dst, const mv_Run *src, ptrdiff_t n) {
  Block b;
  ptrdiff_t i;
  for (i = 0; i < n; i += BLOCK) {
    ptrdiff_t k = n - i < BLOCK ? n - i : BLOCK;
    load(&b, src, i, k);
    store(dst, i, &b, k);
  }
}

/* ---- Fit --------------------------------------------------------------------------------------- */

/* Are n plain integers within a range that S can say? No branch inside: that vectorizes. */
#define WITHIN(S)  \
  static bool S##_within (const unsigned char *p, ptrdiff_t n, S low, S high) { \
    ptrdiff_t i; \
    unsigned bad = 0; \
    for (i = 0; i < n; i++) { GET(S, x, p, i); bad |= (unsigned)(x < low) | (unsigned)(x > high); } \
    return bad == 0; \
  }

WITHIN(int8_t) WITHIN(uint8_t) WITHIN(int16_t) WITHIN(uint16_t)
WITHIN(int32_t) WITHIN(uint32_t) WITHIN(int64_t) WITHIN(uint64_t)

/* Range of an item for integers; half floats hold those below 65520. */
static void integerrange (const mv_Item *to, int64_t *low, uint64_t *high) {
  if (mv_kind_isinteger(to->kind)) {
    *low = mv_kind_min((mv_Kind)to->kind);
    *high = mv_kind_max((mv_Kind)to->kind);
    return;
  }
  *low = to->kind == MV_F16 ? -65519 : INT64_MIN;
  *high = to->kind == MV_F16 ? 65519 : UINT64_MAX;
}

static bool integersfit (const mv_Item *to, const Block *b, ptrdiff_t n) {
  int64_t low, least = mv_kind_min(b->kind);
  uint64_t high, most = mv_kind_max(b->kind);
  integerrange(to, &low, &high);
  if (low <= least && high >= most) return true;
  if (low < least) low = least;
  if (high > most) high = most;
  switch (b->kind) {
    case MV_I8: return int8_t_within(b->at, n, (int8_t)low, (int8_t)high);
    case MV_U8: return uint8_t_within(b->at, n, (uint8_t)low, (uint8_t)high);
    case MV_I16: return int16_t_within(b->at, n, (int16_t)low, (int16_t)high);
    case MV_U16: return uint16_t_within(b->at, n, (uint16_t)low, (uint16_t)high);
    case MV_I32: return int32_t_within(b->at, n, (int32_t)low, (int32_t)high);
    case MV_U32: return uint32_t_within(b->at, n, (uint32_t)low, (uint32_t)high);
    case MV_I64: return int64_t_within(b->at, n, low, (int64_t)high);
    default: return uint64_t_within(b->at, n, (uint64_t)low, high);
  }
}

/* Are n plain numbers integers of 32 bits, within a range? Clamped before the cast. */
#define WHOLE(S)  \
  static bool S##_whole (const unsigned char *p, ptrdiff_t n, S low, S high) { \
    ptrdiff_t i; \
    unsigned bad = 0; \
    for (i = 0; i < n; i++) { \
      GET(S, x, p, i); \
      S y = x >= low ? (x <= high ? x : high) : low; \
      bad |= (unsigned)((S)(int32_t)y != x); \
    } \
    return bad == 0; \
  }

WHOLE(float) WHOLE(double)

static bool wholeany (const Block *b, ptrdiff_t n, double low, double end) {
  ptrdiff_t i;
  for (i = 0; i < n; i++) {
    double x;
    if (b->kind == MV_F32) { GET(float, f, b->at, i); x = f; }
    else { GET(double, d, b->at, i); x = d; }
    if (!(x >= low && x < end) || floor(x) != x) return false;
  }
  return true;
}

/* No finite number beyond what the float kind holds? */
static bool floatsfit (mv_Kind to, const Block *b, ptrdiff_t n) {
  double limit = to == MV_F16 ? 65520.0 : 0x1.ffffffp127;
  ptrdiff_t i;
  unsigned bad = 0;
  if (to == MV_F64 || (to == MV_F32 && b->kind == MV_F32)) return true;
  for (i = 0; i < n; i++) {
    double x;
    if (b->kind == MV_F32) { GET(float, f, b->at, i); x = f; }
    else { GET(double, d, b->at, i); x = d; }
    bad |= (unsigned)(fabs(x) >= limit) & (unsigned)(fabs(x) <= DBL_MAX);
  }
  return bad == 0;
}

static bool numbersfit (const mv_Item *to, const Block *b, ptrdiff_t n) {
  double low, high;
  if (!mv_kind_isinteger(to->kind)) return floatsfit((mv_Kind)to->kind, b, n);
  low = (double)mv_kind_min((mv_Kind)to->kind);
  high = (double)mv_kind_max((mv_Kind)to->kind);
  if (to->kind >= MV_U32 || (to->kind == MV_I32 && b->kind == MV_F32))
    return wholeany(b, n, low, to->kind >= MV_I64 ? high : high + 1);   /* 2^63 - 1 and 2^64 - 1 round up */
  return b->kind == MV_F32 ? float_whole(b->at, n, (float)low, (float)high)
                           : double_whole(b->at, n, low, high);
}

bool mv_run_fits (const mv_Item *to, const mv_Run *src, ptrdiff_t n) {
  Block b;
  ptrdiff_t i;
  for (i = 0; i < n; i += BLOCK) {
    ptrdiff_t k = n - i < BLOCK ? n - i : BLOCK;
    load(&b, src, i, k);
    if (!(mv_kind_isinteger(b.kind) ? integersfit(to, &b, k) : numbersfit(to, &b, k))) return false;
  }
  return true;
}

/* ---- Equality ---------------------------------------------------------------------------------- */

#define SAME(S)  \
  static bool S##_same (const unsigned char *p, const unsigned char *q, ptrdiff_t n) { \
    ptrdiff_t i; \
    unsigned bad = 0; \
    for (i = 0; i < n; i++) { GET(S, x, p, i); GET(S, y, q, i); bad |= (unsigned)(x != y); } \
    return bad == 0; \
  }

SAME(int32_t) SAME(float) SAME(double)

static bool samevalues (const unsigned char *p, const unsigned char *q, mv_Kind kind, ptrdiff_t n) {
  if (kind == MV_I32) return int32_t_same(p, q, n);
  return kind == MV_F32 ? float_same(p, q, n) : double_same(p, q, n);
}

/* A kind that holds all values of both exactly, and has a loop: I32, F32 or F64;
** anything else stands for none. */
static mv_Kind commonkind (mv_Kind a, mv_Kind b) {
  if (a == MV_F32 && b == MV_F32) return MV_F32;
  if (a <= MV_I32 && b <= MV_I32) return MV_I32;
  if (a == MV_I64 || a == MV_U64 || b == MV_I64 || b == MV_U64) return MV_RECORD;
  return MV_F64;
}

static bool equalslowly (const mv_Run *a, const mv_Run *b, ptrdiff_t i, ptrdiff_t n) {
  for (; n > 0; n--, i++) {
    mv_Value x = mv_item_load(a->item, a->at + i * a->stride), y = mv_item_load(b->item, b->at + i * b->stride);
    if (!mv_value_equal(&x, &y)) return false;
  }
  return true;
}

/* The block as numbers of that kind. */
static const unsigned char *ofkind (const Block *b, mv_Kind kind, unsigned char *room, ptrdiff_t n) {
  if (b->kind == kind) return b->at;
  converters[b->kind][kind](room, b->at, n);
  return room;
}

bool mv_run_equal (const mv_Run *a, const mv_Run *b, ptrdiff_t n) {
  Block x, y;
  unsigned char rx[BLOCK * 8], ry[BLOCK * 8];
  mv_Kind kind = commonkind(plainkind(a->item), plainkind(b->item));
  ptrdiff_t i;
  if (kind == MV_RECORD) return equalslowly(a, b, 0, n);
  for (i = 0; i < n; i += BLOCK) {
    ptrdiff_t k = n - i < BLOCK ? n - i : BLOCK;
    load(&x, a, i, k);
    load(&y, b, i, k);
    if (!samevalues(ofkind(&x, kind, rx, k), ofkind(&y, kind, ry, k), kind, k)) return false;
  }
  return true;
}

/* ---- Search -------------------------------------------------------------------------------------- */

/* How many of n plain elements equal x: bits for integers, values for floats. */
#define COUNT(S)  \
  static ptrdiff_t S##_count (const unsigned char *p, ptrdiff_t n, S x) { \
    ptrdiff_t i; \
    int32_t found = 0; \
    for (i = 0; i < n; i++) { GET(S, y, p, i); found += y == x; } \
    return found; \
  }

COUNT(uint8_t) COUNT(uint16_t) COUNT(uint32_t) COUNT(uint64_t) COUNT(float) COUNT(double)

static ptrdiff_t countblock (const Block *b, const mv_Value *v, ptrdiff_t n) {
  int64_t i = v->as.i;                  /* of either sign: fits, so its low bits are the number */
  switch (b->kind) {
    case MV_I8: case MV_U8: return uint8_t_count(b->at, n, (uint8_t)i);
    case MV_I16: case MV_U16: return uint16_t_count(b->at, n, (uint16_t)i);
    case MV_I32: case MV_U32: return uint32_t_count(b->at, n, (uint32_t)i);
    case MV_I64: case MV_U64: return uint64_t_count(b->at, n, (uint64_t)i);
    case MV_F32: return float_count(b->at, n, (float)v->as.d);
    default: return double_count(b->at, n, v->as.d);
  }
}

ptrdiff_t mv_run_count (const mv_Run *r, const mv_Value *v, ptrdiff_t n) {
  Block b;
  ptrdiff_t i, found = 0;
  for (i = 0; i < n; i += BLOCK) {
    ptrdiff_t k = n - i < BLOCK ? n - i : BLOCK;
    load(&b, r, i, k);
    found += countblock(&b, v, k);
  }
  return found;
}

/* The block that has one is searched again, item by item. */
ptrdiff_t mv_run_index (const mv_Run *r, const mv_Value *v, ptrdiff_t n) {
  Block b;
  ptrdiff_t i, k;
  for (i = 0; i < n; i += k) {
    k = n - i < BLOCK ? n - i : BLOCK;
    load(&b, r, i, k);
    if (countblock(&b, v, k) > 0) break;
  }
  for (; i < n; i++) {
    mv_Value x = mv_item_load(r->item, r->at + i * r->stride);
    if (mv_value_equal(&x, v)) return i;
  }
  return -1;
}
