/* record.c -- compares, converts and swaps whole items. */
#include "record.h"

/* ---- Two records side by side ------------------------------------------------- */

/* A run of values of one kind on either side, n elements one behind the other. */
typedef struct Run {
  const mv_Member *a, *b;       /* NULL, both: the end */
  ptrdiff_t i, j;               /* elements of a and b before the run */
  ptrdiff_t n;
} Run;

static const mv_Member *skippads (const mv_Member *m) {
  while (m != NULL && (m->item.kind == MV_PAD || (m->ndim == 0 && m->count == 0))) m = m->next;
  return m;
}

/* Sets n by what is left; true unless one side has ended, or an array meets none. */
static bool measure (Run *r) {
  ptrdiff_t left, right;
  r->n = 0;
  if (r->a == NULL || r->b == NULL) return r->a == r->b;
  if ((r->a->ndim > 0) != (r->b->ndim > 0)) return false;
  left = r->a->count - r->i;
  right = r->b->count - r->j;
  r->n = left < right ? left : right;
  return true;
}

static bool firstrun (Run *r, const mv_Record *a, const mv_Record *b) {
  r->a = skippads(a->first);
  r->b = skippads(b->first);
  r->i = r->j = 0;
  return measure(r);
}

static bool nextrun (Run *r) {
  r->i += r->n;
  r->j += r->n;
  if (r->i >= r->a->count) { r->a = skippads(r->a->next); r->i = 0; }
  if (r->j >= r->b->count) { r->b = skippads(r->b->next); r->j = 0; }
  return measure(r);
}

static ptrdiff_t offseta (const Run *r, ptrdiff_t k) { return r->a->offset + (r->i + k) * r->a->item.size; }
static ptrdiff_t offsetb (const Run *r, ptrdiff_t k) { return r->b->offset + (r->j + k) * r->b->item.size; }

/* ---- Structure ------------------------------------------------------------------ */

static bool samearray (const mv_Member *a, const mv_Member *b) {
  int d;
  if (a->ndim != b->ndim) return false;
  for (d = 0; d < a->ndim; d++)
    if (a->shape[d] != b->shape[d]) return false;
  return true;
}

static bool samename (const mv_Member *a, const mv_Member *b) {
  if (a->name == NULL || b->name == NULL) return true;
  return a->namelen == b->namelen && memcmp(a->name, b->name, a->namelen) == 0;
}

bool mv_item_match (const mv_Item *a, const mv_Item *b, bool names) {
  Run r;
  bool more;
  if (a->kind != MV_RECORD || b->kind != MV_RECORD)
    return a->kind != MV_RECORD && b->kind != MV_RECORD;
  if (a->record == b->record) return true;
  for (more = firstrun(&r, a->record, b->record); more && r.a != NULL; more = nextrun(&r))
    if (!samearray(r.a, r.b) || (names && !samename(r.a, r.b))
        || !mv_item_match(&r.a->item, &r.b->item, names)) return false;
  return more;
}

static bool samemember (const mv_Member *a, const mv_Member *b) {
  return a->offset == b->offset && a->count == b->count && samearray(a, b)
      && mv_item_same(&a->item, &b->item);
}

/* Members match one by one; names do not matter to bytes. */
static bool samerecord (const mv_Record *a, const mv_Record *b) {
  const mv_Member *x = a->first, *y = b->first;
  while (x != NULL && y != NULL && samemember(x, y)) { x = x->next; y = y->next; }
  return x == NULL && y == NULL;
}

bool mv_item_same (const mv_Item *a, const mv_Item *b) {
  if (a->kind != b->kind || a->swap != b->swap || a->size != b->size) return false;
  return a->kind != MV_RECORD || a->record == b->record || samerecord(a->record, b->record);
}

/* ---- Equality ----------------------------------------------------------------------- */

static bool equalrecord (const mv_Record *a, const unsigned char *pa, const mv_Record *b, const unsigned char *pb) {
  Run r;
  ptrdiff_t k;
  bool more;
  for (more = firstrun(&r, a, b); more && r.a != NULL; more = nextrun(&r)) {
    if (!samearray(r.a, r.b)) return false;
    for (k = 0; k < r.n; k++)
      if (!mv_item_equal(&r.a->item, pa + offseta(&r, k), &r.b->item, pb + offsetb(&r, k))) return false;
  }
  return more;
}

bool mv_item_equal (const mv_Item *a, const unsigned char *pa, const mv_Item *b, const unsigned char *pb) {
  mv_Value x, y;
  if (a->kind == MV_RECORD || b->kind == MV_RECORD)
    return a->kind == b->kind && equalrecord(a->record, pa, b->record, pb);
  x = mv_item_load(a, pa);
  y = mv_item_load(b, pb);
  return mv_value_equal(&x, &y);
}

/* ---- Conversion ------------------------------------------------------------------------ */

static bool checkrecord (const mv_Record *to, const mv_Record *from, const unsigned char *p, mv_Misfit *bad) {
  Run r;
  ptrdiff_t k;
  bool more;
  for (more = firstrun(&r, to, from); more && r.a != NULL; more = nextrun(&r))
    for (k = 0; k < r.n; k++)
      if (!mv_item_check(&r.a->item, &r.b->item, p + offsetb(&r, k), bad)) return false;
  return true;
}

bool mv_item_check (const mv_Item *to, const mv_Item *from, const unsigned char *p, mv_Misfit *bad) {
  mv_Value v;
  if (to->kind == MV_RECORD) return checkrecord(to->record, from->record, p, bad);
  v = bad->value = mv_item_load(from, p);
  bad->item = to;
  bad->status = mv_value_fit(to, &v);
  return bad->status == MV_OK;
}

static void convertrecord (const mv_Record *to, unsigned char *q, const mv_Record *from, const unsigned char *p) {
  Run r;
  ptrdiff_t k;
  bool more;
  for (more = firstrun(&r, to, from); more && r.a != NULL; more = nextrun(&r))
    for (k = 0; k < r.n; k++)
      mv_item_convert(&r.a->item, q + offseta(&r, k), &r.b->item, p + offsetb(&r, k));
}

void mv_item_convert (const mv_Item *to, unsigned char *q, const mv_Item *from, const unsigned char *p) {
  mv_Value v;
  if (to->kind == MV_RECORD) { convertrecord(to->record, q, from->record, p); return; }
  v = mv_item_load(from, p);
  (void)mv_value_fit(to, &v);
  mv_item_store(to, q, &v);
}

/* ---- One record ---------------------------------------------------------------------------- */

bool mv_item_masked (const mv_Item *item, const unsigned char *p, const unsigned char *pattern,
                     const unsigned char *mask) {
  const mv_Member *m;
  ptrdiff_t k, at;
  if (item->kind != MV_RECORD)
    return item->size == 0 || mask[0] == 0 || mv_item_equal(item, p, item, pattern);
  for (m = skippads(item->record->first); m != NULL; m = skippads(m->next))
    for (k = 0, at = m->offset; k < m->count; k++, at += m->item.size)
      if (!mv_item_masked(&m->item, p + at, pattern + at, mask + at)) return false;
  return true;
}

static void swapnumber (unsigned char *p, ptrdiff_t size) {
  switch (size) {
    case 2: mv_store16(p, mv_swap16(mv_load16(p))); break;
    case 4: mv_store32(p, mv_swap32(mv_load32(p))); break;
    case 8: mv_store64(p, mv_swap64(mv_load64(p))); break;
  }
}

void mv_item_byteswap (const mv_Item *item, unsigned char *p) {
  const mv_Member *m;
  ptrdiff_t k;
  if (mv_kind_isnumber(item->kind)) swapnumber(p, item->size);
  if (item->kind != MV_RECORD) return;
  for (m = skippads(item->record->first); m != NULL; m = skippads(m->next))
    for (k = 0; k < m->count; k++) mv_item_byteswap(&m->item, p + m->offset + k * m->item.size);
}
