/* kernels.c -- inner loops over runs of numbers. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
/* -O2 of gcc 12 does not vectorize these loops; and a short one that lies badly takes twice its time. */
#pragma GCC optimize ("O3", "align-loops=32")
#endif

#include "kernels.h"

#if MV_SSE2
#include <emmintrin.h>
#endif

#include <float.h>
#include <math.h>

#define BLOCK 512               /* numbers of a block */

/* Element i of plain memory, which need not be aligned: memcpy is a move here. */
#define GET(T, x, p, i)  T x; memcpy(&x, (p) + (size_t)(i) * sizeof(T), sizeof(T))
#define PUT(T, x, p, i)  memcpy((p) + (size_t)(i) * sizeof(T), &x, sizeof(T))

/* Before a loop that only looks: several elements a turn. */
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL _Pragma("GCC unroll 4")
#else
#define UNROLL
#endif

typedef uint32_t floatbits;
typedef uint64_t doublebits;

/* ---- Strided moves ------------------------------------------------------------------ */

#define MOVE(T, sq, sp)  \
  for (i = 0; i < n; i++) { T x; memcpy(&x, p + i * (sp), sizeof x); memcpy(q + i * (sq), &x, sizeof x); }

/* Every second item is asked for often, and with strides that are known the compiler
** vectorizes. */
#define MOVES(T)  { \
  const ptrdiff_t one = (ptrdiff_t)sizeof(T); \
  if (sq == one && sp == 2 * one) MOVE(T, one, 2 * one) \
  else MOVE(T, sq, sp) }

void mv_copy_strided (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp,
                      ptrdiff_t size, ptrdiff_t n) {
  ptrdiff_t i;
  switch (size) {
    case 1: MOVES(uint8_t) break;
    case 2: MOVES(uint16_t) break;
    case 4: MOVES(uint32_t) break;
    case 8: MOVES(uint64_t) break;
    default: for (i = 0; i < n; i++) memcpy(q + i * sq, p + i * sp, (size_t)size);
  }
}

void mv_fill_packed (unsigned char *q, const unsigned char *pattern, ptrdiff_t size, ptrdiff_t n) {
  ptrdiff_t total = size * n, done = size, k = size;
  memcpy(q, pattern, (size_t)size);
  for (; done < total; done += k) {     /* from the beginning, twice as much each time until that is a lot */
    if (k < 4096) k = done;
    if (k > total - done) k = total - done;
    memcpy(q + done, q, (size_t)k);
  }
}

/* ---- Planes ---------------------------------------------------------------------------- */

/* A tile is a small square of items that lie along rows in q and along columns in p: row
** i of q, sq apart, is column i of p, whose rows are sp apart. */
#if MV_SSE2
#define LOAD(i)      _mm_loadu_si128((const __m128i *)(p + (i) * sp))
#define LOADHALF(i)  _mm_loadl_epi64((const __m128i *)(p + (i) * sp))
#define STORE(i, x)  _mm_storeu_si128((__m128i *)(q + (i) * sq), x)
#define STOREHALVES(i, x)  \
  _mm_storel_epi64((__m128i *)(q + (i) * sq), x); \
  _mm_storel_epi64((__m128i *)(q + ((i) + 1) * sq), _mm_unpackhi_epi64(x, x))

#define TILE1 8
static inline void tile1 (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp) {
  __m128i a = _mm_unpacklo_epi8(LOADHALF(0), LOADHALF(1)), b = _mm_unpacklo_epi8(LOADHALF(2), LOADHALF(3));
  __m128i c = _mm_unpacklo_epi8(LOADHALF(4), LOADHALF(5)), d = _mm_unpacklo_epi8(LOADHALF(6), LOADHALF(7));
  __m128i e = _mm_unpacklo_epi16(a, b), f = _mm_unpackhi_epi16(a, b);
  __m128i g = _mm_unpacklo_epi16(c, d), h = _mm_unpackhi_epi16(c, d);
  a = _mm_unpacklo_epi32(e, g); b = _mm_unpackhi_epi32(e, g);
  c = _mm_unpacklo_epi32(f, h); d = _mm_unpackhi_epi32(f, h);
  STOREHALVES(0, a); STOREHALVES(2, b); STOREHALVES(4, c); STOREHALVES(6, d);
}

#define TILE2 4
static inline void tile2 (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp) {
  __m128i a = _mm_unpacklo_epi16(LOADHALF(0), LOADHALF(1)), b = _mm_unpacklo_epi16(LOADHALF(2), LOADHALF(3));
  __m128i c = _mm_unpacklo_epi32(a, b), d = _mm_unpackhi_epi32(a, b);
  STOREHALVES(0, c); STOREHALVES(2, d);
}

#define TILE4 4
static inline void tile4 (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp) {
  __m128i a = LOAD(0), b = LOAD(1), c = LOAD(2), d = LOAD(3);
  __m128i e = _mm_unpacklo_epi32(a, b), f = _mm_unpackhi_epi32(a, b);
  __m128i g = _mm_unpacklo_epi32(c, d), h = _mm_unpackhi_epi32(c, d);
  STORE(0, _mm_unpacklo_epi64(e, g)); STORE(1, _mm_unpackhi_epi64(e, g));
  STORE(2, _mm_unpacklo_epi64(f, h)); STORE(3, _mm_unpackhi_epi64(f, h));
}

#define TILE8 2
static inline void tile8 (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp) {
  __m128i a = LOAD(0), b = LOAD(1);
  STORE(0, _mm_unpacklo_epi64(a, b)); STORE(1, _mm_unpackhi_epi64(a, b));
}
#else
#define TILE(bits, name, edge)  \
  static inline void name (unsigned char *q, ptrdiff_t sq, const unsigned char *p, ptrdiff_t sp) { \
    ptrdiff_t i, k; \
    for (i = 0; i < edge; i++) \
      for (k = 0; k < edge; k++) { \
        GET(uint##bits##_t, x, p + k * sp, i); \
        PUT(uint##bits##_t, x, q + i * sq, k); } \
  }

#define TILE1 8
#define TILE2 8
#define TILE4 4
#define TILE8 4
TILE(8, tile1, TILE1) TILE(16, tile2, TILE2) TILE(32, tile4, TILE4) TILE(64, tile8, TILE8)
#endif

/* A block of n[0] x n[1] items, which the cache holds on both sides. */
typedef void CopyBlock (const mv_Plane *s, unsigned char *q, const unsigned char *p);

/* Any strides. */
static void copyrows (const mv_Plane *s, unsigned char *q, const unsigned char *p) {
  ptrdiff_t i;
  for (i = 0; i < s->n[0]; i++)
    mv_copy_strided(q + i * s->sq[0], s->sq[1], p + i * s->sp[0], s->sp[1], s->size, s->n[1]);
}

/* Rows of q and columns of p that are plain: by tiles as far as they go. */
#define COPYTILES(tile, edge, size)  \
  static void copy##tile (const mv_Plane *s, unsigned char *q, const unsigned char *p) { \
    ptrdiff_t sq = s->sq[0], sp = s->sp[1], i, k; \
    for (i = 0; i + edge <= s->n[0]; i += edge, q += edge * sq, p += edge * size) { \
      for (k = 0; k + edge <= s->n[1]; k += edge) tile(q + k * size, sq, p + k * sp, sp); \
      copyrest(s, q + k * size, p + k * sp, edge, s->n[1] - k); \
    } \
    copyrest(s, q, p, s->n[0] - i, s->n[1]); \
  }

static void copyrest (const mv_Plane *s, unsigned char *q, const unsigned char *p,
                      ptrdiff_t n0, ptrdiff_t n1) {
  mv_Plane rest = *s;
  rest.n[0] = n0;
  rest.n[1] = n1;
  if (n1 > 0) copyrows(&rest, q, p);
}

COPYTILES(tile1, TILE1, 1) COPYTILES(tile2, TILE2, 2) COPYTILES(tile4, TILE4, 4) COPYTILES(tile8, TILE8, 8)

static CopyBlock *blockcopier (const mv_Plane *s) {
  if (s->sq[1] == s->size && s->sp[0] == s->size)
    switch (s->size) {
      case 1: return copytile1;
      case 2: return copytile2;
      case 4: return copytile4;
      case 8: return copytile8;
    }
  return copyrows;
}

#define ROWS 128        /* of a block */

/* A block has few columns, no more than a cache line of q holds: each is a row of p, in
** another page. */
void mv_copy_plane (const mv_Plane *s, unsigned char *q, const unsigned char *p) {
  CopyBlock *copy = blockcopier(s);
  mv_Plane block = *s;
  ptrdiff_t columns = s->size < 8 ? 16 : 8, i, k;
  for (i = 0; i < s->n[0]; i += ROWS)
    for (k = 0; k < s->n[1]; k += columns) {
      block.n[0] = s->n[0] - i < ROWS ? s->n[0] - i : ROWS;
      block.n[1] = s->n[1] - k < columns ? s->n[1] - k : columns;
      copy(&block, q + i * s->sq[0] + k * s->sq[1], p + i * s->sp[0] + k * s->sp[1]);
    }
}

/* ---- Byte order --------------------------------------------------------------------------- */

/* Eight bytes at a time: every 2, 4 or 8 of them turned around. Not written as the
** whole swaps of words, which compilers know and then do one by one. */
static inline uint64_t swappairs (uint64_t x) {
  const uint64_t low = UINT64_C(0x00ff00ff00ff00ff);
  return (x >> 8 & low) | (x & low) << 8;
}

static inline uint64_t swapfours (uint64_t x) {
  const uint64_t low = UINT64_C(0x0000ffff0000ffff);
  return swappairs((x >> 16 & low) | (x & low) << 16);
}

#define SWAP(bits, eight)  \
  for (i = 0; i < size * n / 8; i++) { GET(uint64_t, x, p, i); x = eight(x); PUT(uint64_t, x, q, i); } \
  for (i = size * n / 8 * 8 / size; i < n; i++) { \
    GET(uint##bits##_t, x, p, i); \
    x = mv_swap##bits(x); \
    PUT(uint##bits##_t, x, q, i); }

/* Swaps plain numbers in place, or from p to q, which do not overlap: two functions, since
** the compiler vectorizes where it knows which of the two it is. */
static void swapplain (unsigned char *p, ptrdiff_t size, ptrdiff_t n) {
  unsigned char *q = p;
  ptrdiff_t i;
  switch (size) {
    case 2: SWAP(16, swappairs) break;
    case 4: SWAP(32, swapfours) break;
    case 8: SWAP(64, mv_swap64) break;
  }
}

static void swapcopy (unsigned char *restrict q, const unsigned char *restrict p,
                      ptrdiff_t size, ptrdiff_t n) {
  ptrdiff_t i;
  switch (size) {
    case 2: SWAP(16, swappairs) break;
    case 4: SWAP(32, swapfours) break;
    case 8: SWAP(64, mv_swap64) break;
    default: memcpy(q, p, (size_t)(size * n));
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

static bool isplain (const mv_Run *r) {
  return r->stride == r->item->size && !r->item->swap && r->item->kind != MV_F16;
}

/* Numbers of the largest block: many where nothing is made plain, since to begin and to end a
** loop takes its time, too. */
static ptrdiff_t blocksize (bool plain) { return plain ? 128 * BLOCK : BLOCK; }

/* The size of the block behind one of k numbers: what ends early is not to do much in vain. */
static ptrdiff_t grow (ptrdiff_t k, ptrdiff_t most) { return k < most ? 2 * k : k; }

/* Numbers i to i + n - 1 of a run as a plain block. */
static void load (Block *b, const mv_Run *r, ptrdiff_t i, ptrdiff_t n) {
  const mv_Item *item = r->item;
  unsigned char *p = r->at + i * r->stride;
  b->kind = plainkind(item);
  b->at = isplain(r) ? p : b->room;
  if (b->at == p) return;
  if (r->stride == item->size && item->swap) swapcopy(b->room, p, item->size, n);
  else {
    mv_copy_strided(b->room, item->size, p, r->stride, item->size, n);
    if (item->swap) swapplain(b->room, item->size, n);
  }
  if (item->kind == MV_F16) decodehalves(b->room, n);
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

/* The block as numbers of that kind. */
static const unsigned char *ofkind (const Block *b, mv_Kind kind, unsigned char *room, ptrdiff_t n) {
  if (b->kind == kind) return b->at;
  converters[b->kind][kind](room, b->at, n);
  return room;
}

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
  const unsigned char *p = b->at;
  if (isplain(dst)) { converters[b->kind][kind](q, p, n); return; }
  if (b->kind != kind || item->kind == MV_F16) { converters[b->kind][kind](room, p, n); p = room; }
  if (item->kind == MV_F16) encodehalves(room, n);
  if (item->swap && dst->stride == item->size) { swapcopy(q, p, item->size, n); return; }
  if (item->swap && p == room) swapplain(room, item->size, n);
  else if (item->swap) { swapcopy(room, p, item->size, n); p = room; }
  mv_copy_strided(q, dst->stride, p, item->size, item->size, n);
}

void mv_run_convert (const mv_Run *dst, const mv_Run *src, ptrdiff_t n) {
  Block b;
  ptrdiff_t i, k;
  if (isplain(dst) && isplain(src)) {
    converters[src->item->kind][dst->item->kind](dst->at, src->at, n);
    return;
  }
  for (i = 0; i < n; i += k) {
    k = n - i < BLOCK ? n - i : BLOCK;
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
    UNROLL for (i = 0; i < n; i++) { GET(S, x, p, i); bad |= (unsigned)(x < low) | (unsigned)(x > high); } \
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

/* Are sums rounded to their type at once? The x87 keeps more, and compilers then fold what follows. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
#define EXACT true
#else
#define EXACT false
#endif

/* Are n plain numbers whole, and from low to low + span, a power of 2 less 1? The sum with
** `magic`, whose last bit counts 1, is rounded to a whole number and has it in its low bits.
** Taking magic off again gives x where x was whole; the sign bit tells zeros apart only. */
#define WHOLE(S, tobits, frombits, magic)  \
  static bool S##_whole (const unsigned char *p, ptrdiff_t n, S##bits low, S##bits span) { \
    const S##bits zero = tobits(magic) + low; \
    S##bits beyond = 0, differ = 0; \
    ptrdiff_t i; \
    UNROLL for (i = 0; i < n; i++) { \
      GET(S, x, p, i); \
      S##bits bits = tobits(x + magic); \
      beyond |= bits - zero; \
      differ |= tobits(frombits(bits) - magic) ^ tobits(x); \
    } \
    return differ << 1 == 0 && (beyond & ~span) == 0; \
  }

WHOLE(float, mv_float_bits, mv_bits_float, 0x1.8p23f)           /* for 16 bits */
WHOLE(double, mv_double_bits, mv_bits_double, 0x1.8p52)         /* for 32 bits */

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
  unsigned char room[BLOCK * 8];
  mv_Kind kind = (mv_Kind)to->kind;
  int64_t low;
  uint64_t high;
  if (!mv_kind_isinteger(kind)) return floatsfit(kind, b, n);
  low = mv_kind_min(kind);
  high = mv_kind_max(kind);
  if (kind >= MV_I64) return wholeany(b, n, (double)low, (double)high);         /* which round up */
  if (!EXACT) return wholeany(b, n, (double)low, (double)high + 1);
  if (kind <= MV_U16 && b->kind == MV_F32)
    return float_whole(b->at, n, (uint32_t)low, (uint32_t)high - (uint32_t)low);
  return double_whole(ofkind(b, MV_F64, room, n), n, (uint64_t)low, high - (uint64_t)low);
}

bool mv_run_fits (const mv_Item *to, const mv_Run *src, ptrdiff_t n) {
  Block b;
  ptrdiff_t i, k = BLOCK, most = blocksize(isplain(src) && (src->item->kind != MV_F32 || to->kind <= MV_U16));
  for (i = 0; i < n; i += k, k = grow(k, most)) {
    if (k > n - i) k = n - i;
    load(&b, src, i, k);
    if (!(mv_kind_isinteger(b.kind) ? integersfit(to, &b, k) : numbersfit(to, &b, k))) return false;
  }
  return true;
}

/* ---- Equality ---------------------------------------------------------------------------------- */

#define SAME(S, T, tobits)  \
  static bool S##_same_##T (const unsigned char *p, const unsigned char *q, ptrdiff_t n) { \
    ptrdiff_t i; \
    T##bits differ = 0; \
    UNROLL for (i = 0; i < n; i++) { \
      GET(S, x, p, i); \
      GET(T, y, q, i); \
      differ |= tobits(x != y ? (T)1 : (T)0); } \
    return differ == 0; \
  }

SAME(float, float, mv_float_bits) SAME(float, double, mv_double_bits) SAME(double, double, mv_double_bits)

static bool samevalues (const unsigned char *p, const unsigned char *q, mv_Kind kind, ptrdiff_t n) {
  if (kind == MV_F32) return float_same_float(p, q, n);
  if (kind == MV_F64) return double_same_double(p, q, n);
  return memcmp(p, q, (size_t)(n << kind / 2)) == 0;
}

/* A kind that holds all values of both exactly; MV_RECORD stands for none. */
static mv_Kind commonkind (mv_Kind a, mv_Kind b) {
  mv_Kind wide = a > b ? a : b, other = a > b ? b : a;
  if (other == wide) return wide;
  if (wide >= MV_F32) return other <= MV_U16 ? wide : other == MV_I64 || other == MV_U64 ? MV_RECORD : MV_F64;
  if (wide % 2 == 0 || other % 2 == 1) return wide;     /* wider and signed, or both unsigned? */
  return wide == MV_U64 ? MV_RECORD : (mv_Kind)(wide + 1);
}

static bool equalslowly (const mv_Run *a, const mv_Run *b, ptrdiff_t n) {
  ptrdiff_t i;
  for (i = 0; i < n; i++) {
    mv_Value x = mv_item_load(a->item, a->at + i * a->stride);
    mv_Value y = mv_item_load(b->item, b->at + i * b->stride);
    if (!mv_value_equal(&x, &y)) return false;
  }
  return true;
}

static bool equalblocks (const Block *a, const Block *b, mv_Kind kind, ptrdiff_t n) {
  unsigned char ra[BLOCK * 8], rb[BLOCK * 8];
  if (a->kind == MV_F32 && b->kind == MV_F64) return float_same_double(a->at, b->at, n);
  if (a->kind == MV_F64 && b->kind == MV_F32) return float_same_double(b->at, a->at, n);
  return samevalues(ofkind(a, kind, ra, n), ofkind(b, kind, rb, n), kind, n);
}

bool mv_run_equal (const mv_Run *a, const mv_Run *b, ptrdiff_t n) {
  Block x, y;
  mv_Kind kinda = plainkind(a->item), kindb = plainkind(b->item), kind = commonkind(kinda, kindb);
  ptrdiff_t i, k = BLOCK, most = blocksize(isplain(a) && isplain(b) && kinda == kindb);
  if (kind == MV_RECORD) return equalslowly(a, b, n);
  for (i = 0; i < n; i += k, k = grow(k, most)) {
    if (k > n - i) k = n - i;
    load(&x, a, i, k);
    load(&y, b, i, k);
    if (!equalblocks(&x, &y, kind, k)) return false;
  }
  return true;
}

/* ---- Search -------------------------------------------------------------------------------------- */

/* How many of n plain elements equal x: bits for integers, values for floats. `most` at a
** time are counted in C, which is as wide as an element. */
#define COUNT(S, C, most, unroll)  \
  static inline C S##_few (const unsigned char *p, ptrdiff_t n, S x) { \
    C found = 0; \
    ptrdiff_t i; \
    unroll for (i = 0; i < n; i++) { GET(S, y, p, i); found = (C)(found + (y == x)); } \
    return found; \
  } \
  static ptrdiff_t S##_count (const unsigned char *p, ptrdiff_t n, S x) { \
    ptrdiff_t found = 0; \
    for (; n > most; n -= most, p += most * sizeof(S)) found += (ptrdiff_t)S##_few(p, most, x); \
    return found + (ptrdiff_t)S##_few(p, n, x); \
  }

COUNT(uint8_t, uint8_t, 240, )          /* few enough as it is */
COUNT(uint16_t, uint16_t, 4096, UNROLL) COUNT(uint32_t, uint32_t, 4096, UNROLL)
COUNT(uint64_t, uint64_t, 4096, UNROLL) COUNT(float, uint32_t, 4096, UNROLL)
COUNT(double, uint64_t, 4096, UNROLL)

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

static ptrdiff_t countpart (const mv_Run *r, const mv_Value *v, ptrdiff_t i, ptrdiff_t n) {
  Block b;
  load(&b, r, i, n);
  return countblock(&b, v, n);
}

ptrdiff_t mv_run_count (const mv_Run *r, const mv_Value *v, ptrdiff_t n) {
  ptrdiff_t i, k, most = blocksize(isplain(r)), found = 0;
  for (i = 0; i < n; i += k) {
    k = n - i < most ? n - i : most;
    found += countpart(r, v, i, k);
  }
  return found;
}

/* By blocks that grow, so that an early one is found soon; then by halves of the block
** that has one. */
ptrdiff_t mv_run_index (const mv_Run *r, const mv_Value *v, ptrdiff_t n) {
  ptrdiff_t i, k = 16, most = blocksize(isplain(r));
  for (i = 0; i < n; i += k, k = grow(k, most)) {
    if (k > n - i) k = n - i;
    if (countpart(r, v, i, k) > 0) break;
  }
  if (i >= n) return -1;
  while (k > 1) {
    ptrdiff_t half = k / 2;
    if (countpart(r, v, i, half) > 0) k = half;
    else { i += half; k -= half; }
  }
  return i;
}
