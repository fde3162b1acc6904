/* item.c -- loads, fits, stores and compares single values. */
#include "item.h"

#include <float.h>
#include <math.h>

mv_Class mv_kind_class (mv_Kind kind) {
  switch (kind) {
    case MV_I8: case MV_U8: case MV_I16: case MV_U16:
    case MV_I32: case MV_U32: case MV_I64: return MV_INTEGER;
    case MV_U64: return MV_UNSIGNED;
    case MV_F16: case MV_F32: case MV_F64: return MV_NUMBER;
    case MV_BOOL: return MV_BOOLEAN;
    case MV_CHAR: case MV_STRING: case MV_PASCAL: case MV_PAD: case MV_RECORD: break;
  }
  return MV_BYTES;
}

static int kindbits (mv_Kind kind) { return 8 << (kind / 2); }

static bool kindsigned (mv_Kind kind) { return kind % 2 == 0; }

int64_t mv_kind_min (mv_Kind kind) {
  return kindsigned(kind) ? -1 - (int64_t)mv_kind_max(kind) : 0;
}

uint64_t mv_kind_max (mv_Kind kind) {
  return UINT64_MAX >> (64 - kindbits(kind) + kindsigned(kind));
}

ptrdiff_t mv_item_capacity (const mv_Item *item) {
  if (item->kind != MV_PASCAL) return item->size;
  if (item->size == 0) return 0;
  return item->size > 256 ? 255 : item->size - 1;
}

/* ---- Half floats ----------------------------------------------------------- */

double mv_half_decode (uint16_t h) {
  uint64_t sign = (uint64_t)(h & 0x8000u) << 48, m = h & 0x3ffu;
  unsigned e = h >> 10 & 0x1fu;
  double d;
  if (e == 31) return mv_bits_double(sign | UINT64_C(0x7ff0000000000000) | m << 42);
  if (e > 0) return mv_bits_double(sign | (uint64_t)(e + 1008) << 52 | m << 42);
  d = (double)m * 0x1p-24;              /* zero or subnormal: m units of 2^-24 */
  return sign ? -d : d;
}

/* m shifted right by n (1..63), to nearest, ties to even */
static uint64_t shiftround (uint64_t m, unsigned n) {
  uint64_t half = UINT64_C(1) << (n - 1), rest = m & (2 * half - 1), q = m >> n;
  return q + (rest > half || (rest == half && (q & 1)));
}

uint16_t mv_half_encode (double d) {
  uint64_t bits = mv_double_bits(d), m = bits & UINT64_C(0xfffffffffffff);
  unsigned sign = (unsigned)(bits >> 48 & 0x8000u);
  int e = (int)(bits >> 52 & 0x7ff) - 1023;
  if (e == 1024) return (uint16_t)(sign | 0x7c00u | (m ? 0x200u | (unsigned)(m >> 42) : 0));
  if (e > 15) return (uint16_t)(sign | 0x7c00u);
  if (e >= -14)                         /* a carry out of the fraction raises the exponent, as it should */
    return (uint16_t)(sign + ((unsigned)(e + 14) << 10)
                      + (unsigned)shiftround(m | UINT64_C(1) << 52, 42));
  if (e < -25) return (uint16_t)sign;   /* below half of the smallest subnormal */
  return (uint16_t)(sign | (unsigned)shiftround(m | UINT64_C(1) << 52, (unsigned)(28 - e)));
}

/* The first magnitudes that round to infinity lie half a unit above the largest number. */
bool mv_float_overflows (mv_Kind kind, double d) {
  double limit = kind == MV_F16 ? 65520.0 : kind == MV_F32 ? 0x1.ffffffp127 : HUGE_VAL;
  return fabs(d) >= limit && fabs(d) <= DBL_MAX;
}

/* ---- Load and store ---------------------------------------------------------- */

static mv_Value bytesvalue (const mv_Item *item, const unsigned char *p) {
  mv_Value v;
  v.class = MV_BYTES;
  v.as.bytes.at = (const char *)p;
  v.as.bytes.size = item->size;
  if (item->kind == MV_PASCAL && item->size > 0) {
    ptrdiff_t cap = mv_item_capacity(item);
    v.as.bytes.at++;
    v.as.bytes.size = p[0] < cap ? p[0] : cap;
  }
  return v;
}

mv_Value mv_item_load (const mv_Item *item, const unsigned char *p) {
  mv_Value v;
  v.class = mv_kind_class((mv_Kind)item->kind);
  switch (v.class) {
    case MV_INTEGER: v.as.i = mv_load_integer(item->kind, item->swap, p); break;
    case MV_UNSIGNED: v.as.u = (uint64_t)mv_load_integer(item->kind, item->swap, p); break;
    case MV_NUMBER: v.as.d = mv_load_number(item->kind, item->swap, p); break;
    case MV_BOOLEAN: v.as.b = p[0] != 0; break;
    case MV_BYTES: return bytesvalue(item, p);
  }
  return v;
}

/* Both halves of a string field: what was given, then zeros. */
static void storebytes (unsigned char *p, ptrdiff_t room, const mv_Value *v) {
  ptrdiff_t n = v->as.bytes.size;
  if (n > 0) memmove(p, v->as.bytes.at, (size_t)n);
  if (room > n) memset(p + n, 0, (size_t)(room - n));
}

void mv_item_store (const mv_Item *item, unsigned char *p, const mv_Value *v) {
  switch (v->class) {
    case MV_INTEGER: mv_store_integer(item->kind, item->swap, p, v->as.i); return;
    case MV_UNSIGNED: mv_store_integer(item->kind, item->swap, p, (int64_t)v->as.u); return;
    case MV_NUMBER: mv_store_number(item->kind, item->swap, p, v->as.d); return;
    case MV_BOOLEAN: p[0] = v->as.b; return;
    case MV_BYTES: break;
  }
  if (item->kind != MV_PASCAL) { storebytes(p, item->size, v); return; }
  if (item->size == 0) return;
  storebytes(p + 1, item->size - 1, v);         /* the bytes first: they may come from p itself */
  p[0] = (unsigned char)v->as.bytes.size;
}

/* ---- Fit ------------------------------------------------------------------------ */

/* A double with an integer value of 64 bits becomes that integer. */
static mv_Status tointeger (mv_Value *v) {
  double d = v->as.d;
  if (!(fabs(d) <= DBL_MAX) || floor(d) != d) return MV_FRACTION;
  if (d >= -0x1p63 && d < 0x1p63) {
    v->class = MV_INTEGER;
    v->as.i = (int64_t)d;
    return MV_OK;
  }
  if (d < 0 || d >= 0x1p64) return MV_BADRANGE;
  v->class = MV_UNSIGNED;
  v->as.u = (uint64_t)d;
  return MV_OK;
}

static mv_Status fitinteger (mv_Kind kind, mv_Value *v) {
  mv_Value x = *v;
  if (x.class == MV_NUMBER) {
    mv_Status status = tointeger(&x);
    if (status != MV_OK) return status;
  }
  else if (x.class > MV_NUMBER) return MV_BADTYPE;
  if (x.class == MV_UNSIGNED ? x.as.u > mv_kind_max(kind)
      : x.as.i < mv_kind_min(kind) || (x.as.i > 0 && (uint64_t)x.as.i > mv_kind_max(kind)))
    return MV_BADRANGE;
  if (x.class == MV_UNSIGNED) x.as.i = (int64_t)x.as.u;
  if (kind == MV_U64) x.as.u = (uint64_t)x.as.i;
  x.class = kind == MV_U64 ? MV_UNSIGNED : MV_INTEGER;
  *v = x;
  return MV_OK;
}

static mv_Status fitnumber (mv_Kind kind, mv_Value *v) {
  double d;
  switch (v->class) {
    case MV_INTEGER: d = (double)v->as.i; break;
    case MV_UNSIGNED: d = (double)v->as.u; break;
    case MV_NUMBER: d = v->as.d; break;
    default: return MV_BADTYPE;
  }
  if (mv_float_overflows(kind, d)) return MV_BADRANGE;
  v->class = MV_NUMBER;
  v->as.d = d;
  return MV_OK;
}

static mv_Status fitbytes (const mv_Item *item, const mv_Value *v) {
  if (v->class != MV_BYTES) return MV_BADTYPE;
  if (v->as.bytes.size > mv_item_capacity(item)) return MV_TOOLONG;
  return item->kind == MV_CHAR && v->as.bytes.size != 1 ? MV_TOOLONG : MV_OK;
}

mv_Status mv_value_fit (const mv_Item *item, mv_Value *v) {
  switch (mv_kind_class((mv_Kind)item->kind)) {
    case MV_INTEGER: case MV_UNSIGNED: return fitinteger((mv_Kind)item->kind, v);
    case MV_NUMBER: return fitnumber((mv_Kind)item->kind, v);
    case MV_BOOLEAN: return v->class == MV_BOOLEAN ? MV_OK : MV_BADTYPE;
    case MV_BYTES: break;
  }
  return fitbytes(item, v);
}

/* ---- Equality --------------------------------------------------------------------- */

/* Is the double exactly that integer? */
static bool equalnumber (double d, const mv_Value *n) {
  mv_Value x;
  x.class = MV_NUMBER;
  x.as.d = d;
  if (tointeger(&x) != MV_OK) return false;
  return mv_value_equal(&x, n);
}

bool mv_value_equal (const mv_Value *a, const mv_Value *b) {
  if (a->class == b->class)
    switch (a->class) {
      case MV_INTEGER: return a->as.i == b->as.i;
      case MV_UNSIGNED: return a->as.u == b->as.u;
      case MV_NUMBER: return a->as.d == b->as.d;
      case MV_BOOLEAN: return a->as.b == b->as.b;
      case MV_BYTES: return a->as.bytes.size == b->as.bytes.size &&
        (a->as.bytes.size == 0 ||
         memcmp(a->as.bytes.at, b->as.bytes.at, (size_t)a->as.bytes.size) == 0);
    }
  if (a->class > MV_NUMBER || b->class > MV_NUMBER) return false;
  if (a->class == MV_NUMBER) return equalnumber(a->as.d, b);
  if (b->class == MV_NUMBER) return equalnumber(b->as.d, a);
  return a->class == MV_INTEGER ? a->as.i >= 0 && (uint64_t)a->as.i == b->as.u
                                : b->as.i >= 0 && (uint64_t)b->as.i == a->as.u;
}
