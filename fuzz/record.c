/* record.c -- fuzzes items as wholes: two formats and bytes for each. Every operation of
** record.h is compared with a model that spreads an item out into its scalar cells.
** The input: a byte for each text's length, the texts, then the bytes.
*/
#include <math.h>

#include "format.h"
#include "fuzz.h"
#include "item.h"
#include "record.h"

#define MAXTEXT 96
#define MAXSIZE 2048            /* of an item */
#define MAXCELLS 512

/* ---- The model: cells ---------------------------------------------------------------- */

typedef struct Cell { const mv_Item *item; ptrdiff_t at; } Cell;

typedef struct Cells { int n; Cell cell[MAXCELLS]; } Cells;

static void spread (Cells *c, const mv_Item *item, ptrdiff_t at) {
  const mv_Member *m;
  ptrdiff_t k;
  if (item->kind != MV_RECORD) {
    if (item->kind == MV_PAD) return;
    LAW(c->n < MAXCELLS);
    c->cell[c->n].item = item;
    c->cell[c->n++].at = at;
    return;
  }
  for (m = item->record->first; m != NULL; m = m->next)
    for (k = 0; k < m->count; k++) spread(c, &m->item, at + m->offset + k * m->item.size);
}

/* What a cell holds, told without the library: a number exactly (80 bits hold every
** integer and double), or bytes. */
typedef struct Plain {
  enum { NUMBER, BOOLEAN, BYTES } class;
  long double x;
  const unsigned char *bytes;
  ptrdiff_t n;
} Plain;

static long double halffloat (unsigned h) {
  int e = (int)(h >> 10 & 31);
  long double m = h & 1023;
  if (e == 31) m = m != 0 ? NAN : INFINITY;
  else m = e == 0 ? ldexpl(m, -24) : ldexpl(m + 1024, e - 25);
  return h & 0x8000 ? -m : m;
}

static Plain readnumber (const mv_Item *item, const unsigned char *p) {
  Plain v = {NUMBER, 0, NULL, 0};
  uint64_t bits = 0;
  bool bigendian = item->order == '>' || (item->order == '@' && !MV_LITTLE);
  ptrdiff_t k, n = item->size;
  bool isigned = strchr("bhilqn", item->letter) != NULL;
  for (k = 0; k < n; k++) bits = bits << 8 | p[bigendian ? k : n - 1 - k];
  if (item->letter == 'e') v.x = halffloat((unsigned)bits);
  else if (item->letter == 'f') {
    uint32_t b = (uint32_t)bits;
    float f;
    memcpy(&f, &b, sizeof f);
    v.x = f;
  }
  else if (item->letter == 'd') {
    double d;
    memcpy(&d, &bits, sizeof d);
    v.x = d;
  }
  else if (isigned) v.x = (int64_t)(bits << (64 - 8 * n)) >> (64 - 8 * n);
  else v.x = bits;
  return v;
}

static Plain readcell (const Cell *c, const unsigned char *base) {
  const unsigned char *p = base + c->at;
  Plain v = {BYTES, 0, p, c->item->size};
  ptrdiff_t most;
  switch (c->item->letter) {
    case 's': case 'c': return v;
    case '?': v.class = BOOLEAN; v.x = *p != 0; return v;
    case 'p':
      if (v.n == 0) return v;
      most = v.n - 1 < 255 ? v.n - 1 : 255;
      v.n = *p < most ? *p : most;
      v.bytes++;
      return v;
    default: return readnumber(c->item, p);
  }
}

static bool sameplain (const Plain *a, const Plain *b) {
  if (a->class != b->class) return false;
  if (a->class != BYTES) return a->x == b->x;           /* false for NaN */
  return a->n == b->n && (a->n == 0 || memcmp(a->bytes, b->bytes, (size_t)a->n) == 0);
}

static bool isfloat (const mv_Item *item) { return strchr("efd", item->letter) != NULL; }

/* Would the value fit a cell of that item? */
static bool fitsplain (const mv_Item *to, const Plain *v) {
  long double bits = 8 * to->size;
  switch (to->letter) {
    case 's': return v->class == BYTES && v->n <= to->size;
    case 'c': return v->class == BYTES && v->n == 1;
    case 'p': return v->class == BYTES && (to->size == 0 ? v->n == 0 : v->n < to->size && v->n < 256);
    case '?': return v->class == BOOLEAN;
    case 'd': return v->class == NUMBER;
    case 'f': return v->class == NUMBER && (!isfinite(v->x) || isfinite((float)(double)v->x));
    case 'e': return v->class == NUMBER && (!isfinite(v->x) || fabsl((double)v->x) < 65520);
  }
  if (v->class != NUMBER || !isfinite(v->x) || floorl(v->x) != v->x) return false;
  if (strchr("bhilqn", to->letter)) return v->x >= -powl(2, bits - 1) && v->x < powl(2, bits - 1);
  return v->x >= 0 && v->x < powl(2, bits);
}

/* Is the half float y the nearest one to x? */
static bool nearesthalf (double x, double y) {
  int e;
  double unit, away = fabs(x - y);
  if (signbit(x) != signbit(y) || !isfinite(y)) return false;
  (void)frexp(fabs(y), &e);
  unit = ldexp(1, (y == 0 || e < -13 ? -13 : e) - 11);
  if (fabs(x) < fabs(y) && fabs(y) == ldexp(0.5, e) && e > -13) unit /= 2;      /* they lie closer below */
  return away <= unit / 2;
}

/* Is `got`, read back, what `v` becomes in a cell of that item? */
static bool becomes (const mv_Item *to, const Plain *v, const Plain *got) {
  Plain padded = *v;
  if (v->class == NUMBER && isnan(v->x)) return isnan(got->x);
  if (to->letter == 'd') return got->x == (double)v->x;
  if (to->letter == 'f') return got->x == (float)(double)v->x;
  if (to->letter == 'e' && isfinite(v->x)) return nearesthalf((double)v->x, (double)got->x);
  if (to->letter == 's') {                              /* zeros behind what was written */
    ptrdiff_t k;
    for (k = v->n; k < got->n; k++)
      if (got->bytes[k] != 0) return false;
    padded.n = v->n;
    return v->n == 0 || memcmp(v->bytes, got->bytes, (size_t)v->n) == 0;
  }
  return sameplain(&padded, got);
}

/* ---- One item and its bytes ------------------------------------------------------------- */

typedef struct Thing {
  mv_Item item;
  void *block;
  unsigned char *bytes;         /* item.size of them */
  Cells cells;
} Thing;

/* Parses the next text. Only items of some size, and cells, are of use. */
static bool readthing (Input *in, Thing *t, size_t len) {
  size_t left = (size_t)(in->end - in->at);
  mv_FormatError e;
  bool ok;
  char *text;
  if (len > left) len = left;
  text = fuzz_copy(in->at, len);
  in->at += len;
  t->block = fuzz_alloc(mv_format_bound(text, len));
  t->bytes = NULL;
  t->cells.n = 0;
  ok = mv_format_parse(text, len, t->block, &t->item, &e) && t->item.size <= MAXSIZE
    && (t->item.kind != MV_RECORD || t->item.record->ncells <= MAXCELLS);
  free(text);
  return ok;
}

static void fillthing (Input *in, Thing *t) {
  ptrdiff_t k;
  t->bytes = fuzz_alloc((size_t)t->item.size);
  for (k = 0; k < t->item.size; k++) t->bytes[k] = (unsigned char)fuzz_byte(in);
  spread(&t->cells, &t->item, 0);
  LAW(t->item.kind != MV_RECORD || t->cells.n == t->item.record->ncells);
}

static void freething (Thing *t) {
  free(t->block);
  free(t->bytes);
}

/* ---- The laws -------------------------------------------------------------------------------- */

static bool equalcells (const Thing *a, const Thing *b) {
  int k;
  if (a->cells.n != b->cells.n) return false;
  for (k = 0; k < a->cells.n; k++) {
    Plain x = readcell(&a->cells.cell[k], a->bytes), y = readcell(&b->cells.cell[k], b->bytes);
    if (!sameplain(&x, &y)) return false;
  }
  return true;
}

static bool fitcells (const Thing *to, const Thing *from) {
  int k;
  for (k = 0; k < to->cells.n; k++) {
    Plain x = readcell(&from->cells.cell[k], from->bytes);
    if (!fitsplain(to->cells.cell[k].item, &x)) return false;
  }
  return true;
}

static void checkconvert (const Thing *to, const Thing *from) {
  mv_Misfit bad;
  unsigned char *written;
  bool fits;
  int k;
  LAW(to->cells.n == from->cells.n);
  fits = mv_item_check(&to->item, &from->item, from->bytes, &bad);
  LAW(fits == fitcells(to, from));
  if (!fits) { LAW(bad.status != MV_OK && bad.item != NULL); return; }
  written = fuzz_copy(to->bytes, (size_t)to->item.size);
  mv_item_convert(&to->item, written, &from->item, from->bytes);
  for (k = 0; k < to->cells.n; k++) {
    Plain x = readcell(&from->cells.cell[k], from->bytes), y = readcell(&to->cells.cell[k], written);
    LAW(becomes(to->cells.cell[k].item, &x, &y));
  }
  if (mv_item_same(&to->item, &from->item)) {           /* numbers keep their bits: NaN, -0.0 */
    for (k = 0; k < to->cells.n; k++) {
      const Cell *c = &to->cells.cell[k];
      if (c->item->letter != '?' && c->item->letter != 'p' && !isfloat(c->item))
        LAW(memcmp(written + c->at, from->bytes + c->at, (size_t)c->item->size) == 0);
    }
  }
  free(written);
}

static void checkpair (const Thing *a, const Thing *b) {
  bool match = mv_item_match(&a->item, &b->item, false);
  bool equal = mv_item_equal(&a->item, a->bytes, &b->item, b->bytes);
  LAW(match == mv_item_match(&b->item, &a->item, false));
  LAW(!mv_item_match(&a->item, &b->item, true) || match);
  LAW(mv_item_same(&a->item, &b->item) == mv_item_same(&b->item, &a->item));
  LAW(!mv_item_same(&a->item, &b->item) || a->item.size == b->item.size);
  LAW(equal == mv_item_equal(&b->item, b->bytes, &a->item, a->bytes));
  if (match) LAW(equal == equalcells(a, b));
  else if (equal) LAW(equalcells(a, b));
  if (match) {
    checkconvert(a, b);
    checkconvert(b, a);
  }
}

/* Swapping turns the bytes of each number around and leaves all others. */
static void checkbyteswap (const Thing *t) {
  unsigned char *swapped = fuzz_copy(t->bytes, (size_t)t->item.size);
  unsigned char *expected = fuzz_copy(t->bytes, (size_t)t->item.size);
  int k;
  mv_item_byteswap(&t->item, swapped);
  for (k = 0; k < t->cells.n; k++) {
    const Cell *c = &t->cells.cell[k];
    ptrdiff_t i;
    if (strchr("scp?", c->item->letter)) continue;
    for (i = 0; i < c->item->size; i++) expected[c->at + i] = t->bytes[c->at + c->item->size - 1 - i];
  }
  LAW(t->item.size == 0 || memcmp(swapped, expected, (size_t)t->item.size) == 0);
  mv_item_byteswap(&t->item, swapped);
  LAW(t->item.size == 0 || memcmp(swapped, t->bytes, (size_t)t->item.size) == 0);
  free(expected);
  free(swapped);
}

/* A search looks at the cells that the mask names, by their first bytes. */
static void checkmasked (Input *in, const Thing *t) {
  unsigned char *pattern = fuzz_copy(t->bytes, (size_t)t->item.size), *mask = fuzz_alloc((size_t)t->item.size);
  bool expected = true;
  int k, changes = fuzz_below(in, 4);
  memset(mask, 0, (size_t)t->item.size);
  for (k = 0; k < t->cells.n; k++)
    if (fuzz_byte(in) & 1) memset(mask + t->cells.cell[k].at, 0xff, (size_t)t->cells.cell[k].item->size);
  while (changes-- > 0 && t->item.size > 0) pattern[(size_t)fuzz_byte(in) % (size_t)t->item.size] ^= 1;
  for (k = 0; k < t->cells.n; k++) {
    const Cell *c = &t->cells.cell[k];
    Plain x = readcell(c, t->bytes), y = readcell(c, pattern);
    if (c->item->size > 0 && mask[c->at] != 0 && !sameplain(&x, &y)) expected = false;
  }
  LAW(mv_item_masked(&t->item, t->bytes, pattern, mask) == expected);
  free(pattern);
  free(mask);
}

/* Every cell that is loaded, fitted and stored again has its value, and no other byte moves. */
static void checkcells (const Thing *t) {
  unsigned char *copy = fuzz_copy(t->bytes, (size_t)t->item.size);
  int k;
  for (k = 0; k < t->cells.n; k++) {
    const Cell *c = &t->cells.cell[k];
    Plain x = readcell(c, t->bytes), y;
    mv_Value v = mv_item_load(c->item, t->bytes + c->at);
    LAW(mv_value_fit(c->item, &v) == MV_OK);
    mv_item_store(c->item, copy + c->at, &v);
    y = readcell(c, copy);
    LAW(sameplain(&x, &y) || (x.class == NUMBER && isnan(x.x) && isnan(y.x)));
  }
  mv_item_byteswap(&t->item, copy);             /* for the sanitizer's sake */
  free(copy);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static Thing a, b;
  Input in;
  size_t first, second;
  in.at = data;
  in.end = data + size;
  first = fuzz_byte(&in) % MAXTEXT;
  second = fuzz_byte(&in) % MAXTEXT;
  if (readthing(&in, &a, first)) {
    if (readthing(&in, &b, second)) {
      fillthing(&in, &a);
      fillthing(&in, &b);
      checkpair(&a, &b);
      checkpair(&a, &a);
      checkbyteswap(&a);
      checkcells(&a);
      checkmasked(&in, &b);
    }
    freething(&b);
  }
  freething(&a);
  return 0;
}
