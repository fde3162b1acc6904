/* item.h -- one scalar item <-> one value.
**
** A value knows its class; loading gives the class that the kind reads as, and
** storing takes two steps: mv_value_fit brings a value into the class of the
** item, or says why it cannot, and mv_item_store then cannot fail. Nothing here
** asks for alignment.
*/
#ifndef MV_ITEM_H
#define MV_ITEM_H

#include <string.h>

#include "common.h"
#include "format.h"

typedef enum mv_Class {
  MV_INTEGER,           /* signed 64 bits */
  MV_UNSIGNED,          /* unsigned 64 bits */
  MV_NUMBER,            /* a double */
  MV_BOOLEAN,
  MV_BYTES              /* a string */
} mv_Class;

typedef struct mv_Value {
  mv_Class class;
  union {
    int64_t i;
    uint64_t u;
    double d;
    bool b;
    struct { const char *at; ptrdiff_t size; } bytes;
  } as;
} mv_Value;

/* The class that items of a scalar kind read as. */
mv_Class mv_kind_class (mv_Kind kind);

/* Is the kind a number of 1 to 8 bytes (not a boolean)? */
static inline bool mv_kind_isnumber (unsigned kind) { return kind <= MV_F64; }
static inline bool mv_kind_isinteger (unsigned kind) { return kind <= MV_U64; }

/* Range of an integer kind: lowest and highest value. */
int64_t mv_kind_min (mv_Kind kind);
uint64_t mv_kind_max (mv_Kind kind);

/* Longest string that fits a MV_CHAR, MV_STRING or MV_PASCAL item, in bytes. */
ptrdiff_t mv_item_capacity (const mv_Item *item);

/* The value of a scalar item at p. Bytes point into the memory itself. */
mv_Value mv_item_load (const mv_Item *item, const unsigned char *p);

/* Converts *v to what mv_item_store takes for this scalar item: MV_OK, or
** MV_BADTYPE, MV_BADRANGE, MV_FRACTION, MV_TOOLONG with *v unchanged. */
mv_Status mv_value_fit (const mv_Item *item, mv_Value *v);

/* Writes a value that mv_value_fit has accepted. */
void mv_item_store (const mv_Item *item, unsigned char *p, const mv_Value *v);

/* Equal by meaning: numbers exactly, whatever their classes; booleans only
** with booleans, bytes with bytes; NaN with nothing. */
bool mv_value_equal (const mv_Value *a, const mv_Value *b);

/* IEEE 754 binary16. Encoding rounds to nearest, ties to even; a result of
** infinity from a finite number means that it was too large. */
double mv_half_decode (uint16_t h);
uint16_t mv_half_encode (double d);

/* Is d a finite number that the float kind rounds to infinity? */
bool mv_float_overflows (mv_Kind kind, double d);

/* ---- Unaligned words in the machine's order ------------------------------- */

static inline uint16_t mv_swap16 (uint16_t x) { return (uint16_t)(x >> 8 | x << 8); }

static inline uint32_t mv_swap32 (uint32_t x) {
  return x >> 24 | (x >> 8 & 0xff00u) | (x << 8 & 0xff0000u) | x << 24;
}

static inline uint64_t mv_swap64 (uint64_t x) {
  return (uint64_t)mv_swap32((uint32_t)x) << 32 | mv_swap32((uint32_t)(x >> 32));
}

static inline uint16_t mv_load16 (const unsigned char *p) {
  uint16_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline uint32_t mv_load32 (const unsigned char *p) {
  uint32_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline uint64_t mv_load64 (const unsigned char *p) {
  uint64_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

static inline void mv_store16 (unsigned char *p, uint16_t x) { memcpy(p, &x, sizeof x); }
static inline void mv_store32 (unsigned char *p, uint32_t x) { memcpy(p, &x, sizeof x); }
static inline void mv_store64 (unsigned char *p, uint64_t x) { memcpy(p, &x, sizeof x); }

static inline float mv_bits_float (uint32_t x) {
  float f;
  memcpy(&f, &x, sizeof f);
  return f;
}

static inline double mv_bits_double (uint64_t x) {
  double d;
  memcpy(&d, &x, sizeof d);
  return d;
}

static inline uint32_t mv_float_bits (float f) {
  uint32_t x;
  memcpy(&x, &f, sizeof x);
  return x;
}

static inline uint64_t mv_double_bits (double d) {
  uint64_t x;
  memcpy(&x, &d, sizeof x);
  return x;
}

/* The bits of an integer kind at p, sign-extended where it is signed. */
static inline int64_t mv_load_integer (unsigned kind, bool swap, const unsigned char *p) {
  switch (kind) {
    case MV_I8: return (signed char)p[0];
    case MV_U8: return p[0];
    case MV_I16: { uint16_t x = mv_load16(p); return (int16_t)(swap ? mv_swap16(x) : x); }
    case MV_U16: { uint16_t x = mv_load16(p); return swap ? mv_swap16(x) : x; }
    case MV_I32: { uint32_t x = mv_load32(p); return (int32_t)(swap ? mv_swap32(x) : x); }
    case MV_U32: { uint32_t x = mv_load32(p); return swap ? mv_swap32(x) : x; }
    default: { uint64_t x = mv_load64(p); return (int64_t)(swap ? mv_swap64(x) : x); }
  }
}

static inline double mv_load_number (unsigned kind, bool swap, const unsigned char *p) {
  switch (kind) {
    case MV_F16: { uint16_t x = mv_load16(p); return mv_half_decode(swap ? mv_swap16(x) : x); }
    case MV_F32: { uint32_t x = mv_load32(p); return mv_bits_float(swap ? mv_swap32(x) : x); }
    default: { uint64_t x = mv_load64(p); return mv_bits_double(swap ? mv_swap64(x) : x); }
  }
}

/* Stores the low bits of i; the caller has checked the range. */
static inline void mv_store_integer (unsigned kind, bool swap, unsigned char *p, int64_t i) {
  switch (kind) {
    case MV_I8: case MV_U8: p[0] = (unsigned char)(i & 0xff); return;
    case MV_I16: case MV_U16: {
      uint16_t x = (uint16_t)(i & 0xffff);
      mv_store16(p, swap ? mv_swap16(x) : x);
      return;
    }
    case MV_I32: case MV_U32: {
      uint32_t x = (uint32_t)(i & 0xffffffff);
      mv_store32(p, swap ? mv_swap32(x) : x);
      return;
    }
    default: mv_store64(p, swap ? mv_swap64((uint64_t)i) : (uint64_t)i);
  }
}

static inline void mv_store_number (unsigned kind, bool swap, unsigned char *p, double d) {
  switch (kind) {
    case MV_F16: { uint16_t x = mv_half_encode(d); mv_store16(p, swap ? mv_swap16(x) : x); return; }
    case MV_F32: {
      uint32_t x = mv_float_bits((float)d);
      mv_store32(p, swap ? mv_swap32(x) : x);
      return;
    }
    default: { uint64_t x = mv_double_bits(d); mv_store64(p, swap ? mv_swap64(x) : x); }
  }
}

#endif
