/* bulk.c -- the strided walker and its kernels. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
/* -O2 of gcc 12 does not vectorize these loops; and a short one that lies badly takes twice its time. */
#pragma GCC optimize ("O3", "align-loops=32")
#endif

#include "bulk.h"
#include "kernels.h"

#include <string.h>

/* ---- The walker -------------------------------------------------------------- */

/* Does a run of n items; a and b are the first ones, sa and sb their strides.
** True goes on, false ends the walk. */
typedef bool Kernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                     unsigned char *b, ptrdiff_t sb);

typedef struct Level { ptrdiff_t length, sa, sb, suba, subb; } Level;

/* Does the items of two levels, the outer and the inner one. */
typedef void PlaneKernel (void *ctx, const Level *l, unsigned char *a, unsigned char *b);

typedef struct Walk {
  int nlevels;
  Kernel *kernel;
  PlaneKernel *plane;           /* for the last two levels, or NULL */
  void *ctx;
  Level level[MV_MAXDIM];
} Walk;

static bool direct (const Level *l) { return l->suba < 0 && l->subb < 0; }

/* Is `outer` the continuation of `inner` in both operands? */
static bool continues (const Level *outer, const Level *inner) {
  return direct(outer) && direct(inner) && outer->sa == inner->sa * inner->length
      && outer->sb == inner->sb * inner->length;
}

/* Lists the dimensions, without those of one item. */
static void list (Walk *w, const mv_Span *a, const mv_Span *b) {
  int d;
  w->nlevels = 0;
  for (d = 0; d < a->ndim; d++) {
    const mv_Dim *x = &a->dim[d], *y = &b->dim[d];
    Level *l = &w->level[w->nlevels];
    l->length = x->length;
    l->sa = x->stride;
    l->sb = y->stride;
    l->suba = x->suboffset;
    l->subb = y->suboffset;
    if (l->length != 1 || !direct(l)) w->nlevels++;
  }
}

static ptrdiff_t distance (ptrdiff_t stride) { return stride < 0 ? -stride : stride; }

/* Does l belong outside of k? Where it takes longer steps, first of all in a. */
static bool isouter (const Level *l, const Level *k) {
  ptrdiff_t x = distance(l->sa), y = distance(k->sa);
  return x != y ? x > y : distance(l->sb) > distance(k->sb);
}

static bool alldirect (const Walk *w) {
  int i;
  for (i = 0; i < w->nlevels; i++) if (!direct(&w->level[i])) return false;
  return true;
}

/* Puts the dimensions into the order of a's memory. */
static void arrange (Walk *w) {
  int i, k;
  for (i = 1; i < w->nlevels; i++) {
    Level l = w->level[i];
    for (k = i; k > 0 && isouter(&l, &w->level[k - 1]); k--) w->level[k] = w->level[k - 1];
    w->level[k] = l;
  }
}

/* Do the steps of b get longer inwards, where those of a get shorter? */
static bool crossed (const Level *l) {
  return direct(l) && direct(l + 1) && distance(l[0].sb) < distance(l[1].sb);
}

/* Puts the dimension of b's shortest steps beside the last one, for planes. */
static void bringcross (Walk *w) {
  int last = w->nlevels - 1, best = last, i;
  Level l;
  for (i = 0; i < last; i++)
    if (distance(w->level[i].sb) < distance(w->level[best].sb)) best = i;
  if (best >= last - 1) return;
  l = w->level[best];
  for (i = best; i < last - 1; i++) w->level[i] = w->level[i + 1];
  w->level[last - 1] = l;
}

static void joinruns (Walk *w) {
  int i, n = 0;
  for (i = 0; i < w->nlevels; i++) {
    Level l = w->level[i];
    if (n > 0 && continues(&w->level[n - 1], &l)) l.length *= w->level[--n].length;
    w->level[n++] = l;
  }
  w->nlevels = n;
}

static unsigned char *follow (unsigned char *p, ptrdiff_t suboffset) {
  unsigned char *target;
  if (suboffset < 0) return p;
  memcpy(&target, p, sizeof target);
  return target + suboffset;
}

static bool walklevel (const Walk *w, int k, unsigned char *a, unsigned char *b) {
  const Level *l = &w->level[k];
  ptrdiff_t i;
  if (k == w->nlevels) return w->kernel(w->ctx, 1, a, 0, b, 0);
  if (k == w->nlevels - 1 && direct(l)) return w->kernel(w->ctx, l->length, a, l->sa, b, l->sb);
  if (k == w->nlevels - 2 && w->plane != NULL && crossed(l)) {
    w->plane(w->ctx, l, a, b);
    return true;
  }
  for (i = 0; i < l->length; i++)
    if (!walklevel(w, k + 1, follow(a + i * l->sa, l->suba), follow(b + i * l->sb, l->subb)))
      return false;
  return true;
}

/* Calls the kernel for all items of a, with those of b beside them, in C order. */
static bool walk (const mv_Span *a, const mv_Span *b, Kernel *kernel, void *ctx) {
  Walk w;
  if (mv_dims_items(a->ndim, a->dim) == 0) return true;
  w.kernel = kernel;
  w.plane = NULL;
  w.ctx = ctx;
  list(&w, a, b);
  joinruns(&w);
  return walklevel(&w, 0, a->at, b->at);
}

/* The same in the order that suits the memory. */
static bool walkanyhow (const mv_Span *a, const mv_Span *b, Kernel *kernel, PlaneKernel *plane, void *ctx) {
  Walk w;
  if (mv_dims_items(a->ndim, a->dim) == 0) return true;
  w.kernel = kernel;
  w.plane = plane;
  w.ctx = ctx;
  list(&w, a, b);
  if (alldirect(&w)) arrange(&w);
  joinruns(&w);
  if (plane != NULL && alldirect(&w)) bringcross(&w);
  return walklevel(&w, 0, a->at, b->at);
}

/* ---- Questions about spans ------------------------------------------------------ */

ptrdiff_t mv_span_bytes (const mv_Span *s) {
  return mv_dims_items(s->ndim, s->dim) * s->item->size;
}

bool mv_span_packed (const mv_Span *s) {
  return mv_dims_contiguous(s->ndim, s->dim, s->item->size, 'C');
}

bool mv_span_overlap (const mv_Span *a, const mv_Span *b) {
  ptrdiff_t lowa, higha, lowb, highb;
  uintptr_t pa = (uintptr_t)a->at, pb = (uintptr_t)b->at;
  if (mv_dims_indirect(a->ndim, a->dim) || mv_dims_indirect(b->ndim, b->dim)) return true;
  mv_dims_span(a->ndim, a->dim, a->item->size, &lowa, &higha);
  mv_dims_span(b->ndim, b->dim, b->item->size, &lowb, &highb);
  return pa + (uintptr_t)lowa < pb + (uintptr_t)highb && pb + (uintptr_t)lowb < pa + (uintptr_t)higha;
}

/* The span of the values that the items read as: of "xH", the H. Behind pointers its
** offset belongs to the last of them; `room` holds the dimensions then. */
static mv_Span valuespan (const mv_Span *s, mv_Dim *room) {
  mv_Span v = *s;
  ptrdiff_t shift;
  int d;
  v.item = mv_item_value(s->item, &shift);
  if (shift == 0) return v;
  for (d = s->ndim - 1; d >= 0 && s->dim[d].suboffset < 0; d--) continue;
  if (d < 0) { v.at += shift; return v; }
  memcpy(room, s->dim, (size_t)s->ndim * sizeof(mv_Dim));
  room[d].suboffset += shift;
  v.dim = room;
  return v;
}

/* ---- Copy ------------------------------------------------------------------------ */

static bool copykernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                        unsigned char *b, ptrdiff_t sb) {
  ptrdiff_t size = *(const ptrdiff_t *)ctx;
  if (n == 1 || (sa == size && sb == size)) memmove(a, b, (size_t)(n * size));
  else mv_copy_strided(a, sa, b, sb, size, n);
  return true;
}

static void copyplane (void *ctx, const Level *l, unsigned char *a, unsigned char *b) {
  mv_Plane s;
  int d;
  s.size = *(const ptrdiff_t *)ctx;
  for (d = 0; d < 2; d++) { s.n[d] = l[d].length; s.sq[d] = l[d].sa; s.sp[d] = l[d].sb; }
  mv_copy_plane(&s, a, b);
}

void mv_bulk_copy (const mv_Span *dst, const mv_Span *src) {
  ptrdiff_t size = dst->item->size;
  walkanyhow(dst, src, copykernel, copyplane, &size);
}

void mv_bulk_assign (const mv_Span *dst, const mv_Span *src) {
  mv_Dim rd[MV_MAXDIM], rs[MV_MAXDIM];
  mv_Span d = valuespan(dst, rd), s = valuespan(src, rs);
  mv_bulk_copy(&d, &s);
}

/* The span of items like those of s that lie one behind the other at `at`. */
static mv_Span packedlike (const mv_Span *s, unsigned char *at, mv_Dim *dims, char order) {
  mv_Span p = *s;
  ptrdiff_t nbytes;
  memcpy(dims, s->dim, (size_t)s->ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(s->ndim, dims, s->item->size, order, &nbytes);
  p.at = at;
  p.dim = dims;
  return p;
}

void mv_bulk_pack (unsigned char *dst, const mv_Span *src, char order) {
  mv_Dim dims[MV_MAXDIM];
  mv_Span d = packedlike(src, dst, dims, order);
  mv_bulk_copy(&d, src);
}

void mv_bulk_unpack (const mv_Span *dst, const unsigned char *src, char order) {
  mv_Dim dims[MV_MAXDIM];
  mv_Span s = packedlike(dst, (unsigned char *)src, dims, order);
  mv_bulk_copy(dst, &s);
}

/* ---- Convert ----------------------------------------------------------------------- */

static mv_Run run (unsigned char *at, ptrdiff_t stride, const mv_Item *item) {
  mv_Run r;
  r.at = at;
  r.stride = stride;
  r.item = item;
  return r;
}

static bool numbers (const mv_Item *a, const mv_Item *b) {
  return mv_kind_isnumber(a->kind) && mv_kind_isnumber(b->kind);
}

typedef struct Convert { const mv_Item *to, *from; mv_Misfit *bad; } Convert;

static bool checkkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  Convert *c = (Convert *)ctx;
  ptrdiff_t i;
  (void)b; (void)sb;
  if (numbers(c->to, c->from)) {
    mv_Run src = run(a, sa, c->from);
    if (mv_run_fits(c->to, &src, n)) return true;       /* else: which one? */
  }
  for (i = 0; i < n; i++)
    if (!mv_item_check(c->to, c->from, a + i * sa, c->bad)) return false;
  return true;
}

bool mv_bulk_check (const mv_Item *dst, const mv_Span *src, mv_Misfit *bad) {
  mv_Dim room[MV_MAXDIM];
  mv_Span s = valuespan(src, room);
  Convert c;
  ptrdiff_t shift;
  c.to = mv_item_value(dst, &shift);
  c.from = s.item;
  c.bad = bad;
  return walk(&s, &s, checkkernel, &c);
}

static bool convertkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                           unsigned char *b, ptrdiff_t sb) {
  const Convert *c = (const Convert *)ctx;
  ptrdiff_t i;
  if (numbers(c->to, c->from)) {
    mv_Run dst = run(a, sa, c->to), src = run(b, sb, c->from);
    mv_run_convert(&dst, &src, n);
    return true;
  }
  for (i = 0; i < n; i++) mv_item_convert(c->to, a + i * sa, c->from, b + i * sb);
  return true;
}

void mv_bulk_convert (const mv_Span *dst, const mv_Span *src) {
  mv_Dim rd[MV_MAXDIM], rs[MV_MAXDIM];
  mv_Span d = valuespan(dst, rd), s = valuespan(src, rs);
  Convert c;
  c.to = d.item;
  c.from = s.item;
  walkanyhow(&d, &s, convertkernel, NULL, &c);
}

/* ---- Fill --------------------------------------------------------------------------- */

typedef struct Fill { const unsigned char *pattern; ptrdiff_t size; bool uniform; } Fill;

#define FILLLOOP(T)  { \
  T x; memcpy(&x, f->pattern, sizeof x); \
  for (i = 0; i < n; i++) memcpy(a + i * sa, &x, sizeof x); }

static bool fillkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                        unsigned char *b, ptrdiff_t sb) {
  const Fill *f = (const Fill *)ctx;
  ptrdiff_t i;
  (void)b; (void)sb;
  if (f->uniform && sa == f->size) memset(a, f->pattern[0], (size_t)(n * f->size));
  else if (sa == f->size) mv_fill_packed(a, f->pattern, f->size, n);
  else switch (f->size) {
    case 1: FILLLOOP(uint8_t) break;
    case 2: FILLLOOP(uint16_t) break;
    case 4: FILLLOOP(uint32_t) break;
    case 8: FILLLOOP(uint64_t) break;
    default: for (i = 0; i < n; i++) memcpy(a + i * sa, f->pattern, (size_t)f->size);
  }
  return true;
}

typedef struct Blend { const unsigned char *pattern, *mask; ptrdiff_t size; } Blend;

static bool blendkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  const Blend *f = (const Blend *)ctx;
  ptrdiff_t i, k;
  (void)b; (void)sb;
  for (i = 0; i < n; i++, a += sa)
    for (k = 0; k < f->size; k++)
      a[k] = (unsigned char)((a[k] & ~f->mask[k]) | (f->pattern[k] & f->mask[k]));
  return true;
}

void mv_bulk_blend (const mv_Span *dst, const unsigned char *pattern, const unsigned char *mask) {
  mv_Dim room[MV_MAXDIM];
  mv_Span d = valuespan(dst, room);
  Blend f;
  f.pattern = pattern;
  f.mask = mask;
  f.size = d.item->size;
  walkanyhow(&d, &d, blendkernel, NULL, &f);
}

void mv_bulk_fill (const mv_Span *dst, const unsigned char *pattern) {
  mv_Dim room[MV_MAXDIM];
  mv_Span d = valuespan(dst, room);
  Fill f;
  f.pattern = pattern;
  f.size = d.item->size;
  f.uniform = f.size <= 1 || memcmp(pattern, pattern + 1, (size_t)(f.size - 1)) == 0;
  walkanyhow(&d, &d, fillkernel, NULL, &f);
}

/* ---- Equality -------------------------------------------------------------------------- */

/* Are values of that kind equal just when their bytes are? */
static bool bytesdecide (const mv_Item *item) {
  return mv_kind_isinteger(item->kind) || item->kind == MV_CHAR || item->kind == MV_STRING;
}

static bool samekernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  ptrdiff_t size = *(const ptrdiff_t *)ctx, i;
  if (sa == size && sb == size) return memcmp(a, b, (size_t)(n * size)) == 0;
  for (i = 0; i < n; i++)
    if (memcmp(a + i * sa, b + i * sb, (size_t)size) != 0) return false;
  return true;
}

typedef struct Pair { const mv_Item *a, *b; } Pair;

static bool equalkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  const Pair *p = (const Pair *)ctx;
  ptrdiff_t i;
  if (numbers(p->a, p->b)) {
    mv_Run x = run(a, sa, p->a), y = run(b, sb, p->b);
    return mv_run_equal(&x, &y, n);
  }
  for (i = 0; i < n; i++)
    if (!mv_item_equal(p->a, a + i * sa, p->b, b + i * sb)) return false;
  return true;
}

bool mv_bulk_equal (const mv_Span *a, const mv_Span *b) {
  mv_Dim rx[MV_MAXDIM], ry[MV_MAXDIM];
  mv_Span x = valuespan(a, rx), y = valuespan(b, ry);
  Pair p;
  p.a = x.item;
  p.b = y.item;
  if (mv_item_same(p.a, p.b) && bytesdecide(p.a)) {
    ptrdiff_t size = p.a->size;
    return walkanyhow(&x, &y, samekernel, NULL, &size);
  }
  return walkanyhow(&x, &y, equalkernel, NULL, &p);
}

/* ---- Search -------------------------------------------------------------------------------- */

/* A search for a value that is known to be one of the item's, or for a record. */
typedef struct Search {
  const mv_Item *item;
  const mv_Sought *sought;
  mv_Value value;               /* a scalar's, fitted */
  ptrdiff_t found;              /* position, or number */
  ptrdiff_t seen;               /* items of the runs before */
} Search;

static bool hit (const Search *s, const unsigned char *p) {
  mv_Value v;
  if (s->sought->mask != NULL)
    return mv_item_masked(s->item, p, s->sought->pattern, s->sought->mask);
  v = mv_item_load(s->item, p);
  return mv_value_equal(&v, &s->value);
}

/* Position of a hit in a run of n, or -1. */
static ptrdiff_t firsthit (const Search *s, unsigned char *p, ptrdiff_t stride, ptrdiff_t n) {
  mv_Run r = run(p, stride, s->item);
  ptrdiff_t i;
  if (s->item->size == 1 && stride == 1 && mv_kind_isinteger(s->item->kind)) {
    const unsigned char *q = memchr(p, (int)(s->value.as.i & 0xff), (size_t)n);
    return q != NULL ? q - p : -1;
  }
  if (mv_kind_isnumber(s->item->kind)) return mv_run_index(&r, &s->value, n);
  for (i = 0; i < n; i++)
    if (hit(s, p + i * stride)) return i;
  return -1;
}

static bool indexkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  Search *s = (Search *)ctx;
  ptrdiff_t i = firsthit(s, a, sa, n);
  (void)b; (void)sb;
  if (i >= 0) s->found = s->seen + i;
  s->seen += n;
  return i < 0;
}

static bool countkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                         unsigned char *b, ptrdiff_t sb) {
  Search *s = (Search *)ctx;
  mv_Run r = run(a, sa, s->item);
  ptrdiff_t i;
  (void)b; (void)sb;
  if (mv_kind_isnumber(s->item->kind)) s->found += mv_run_count(&r, &s->value, n);
  else for (i = 0; i < n; i++) s->found += hit(s, a + i * sa);
  return true;
}

/* A number that no item of the kind can be is nowhere: false. */
static bool opensearch (Search *s, const mv_Span *span, const mv_Sought *sought) {
  mv_Value read;
  unsigned char bytes[8];
  s->item = span->item;
  s->sought = sought;
  s->value = sought->value;
  s->seen = 0;
  if (sought->mask != NULL || !mv_kind_isnumber(span->item->kind)) return true;
  if (mv_value_fit(span->item, &s->value) != MV_OK) return false;
  mv_item_store(span->item, bytes, &s->value);          /* 0.1 is no float, nor 2^53 + 1 a double */
  read = mv_item_load(span->item, bytes);
  return mv_value_equal(&read, &sought->value);
}

ptrdiff_t mv_bulk_index (const mv_Span *span, const mv_Sought *sought) {
  mv_Dim room[MV_MAXDIM];
  mv_Span s = valuespan(span, room);
  Search search;
  search.found = -1;
  if (opensearch(&search, &s, sought)) walk(&s, &s, indexkernel, &search);
  return search.found;
}

ptrdiff_t mv_bulk_count (const mv_Span *span, const mv_Sought *sought) {
  mv_Dim room[MV_MAXDIM];
  mv_Span s = valuespan(span, room);
  Search search;
  search.found = 0;
  if (opensearch(&search, &s, sought)) walk(&s, &s, countkernel, &search);
  return search.found;
}

/* ---- Byte order ------------------------------------------------------------------------------ */

static bool swapkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                        unsigned char *b, ptrdiff_t sb) {
  mv_Run r = run(a, sa, (const mv_Item *)ctx);
  (void)b; (void)sb;
  mv_run_byteswap(&r, n);
  return true;
}

static bool swaprecordkernel (void *ctx, ptrdiff_t n, unsigned char *a, ptrdiff_t sa,
                              unsigned char *b, ptrdiff_t sb) {
  ptrdiff_t i;
  (void)b; (void)sb;
  for (i = 0; i < n; i++) mv_item_byteswap((const mv_Item *)ctx, a + i * sa);
  return true;
}

void mv_bulk_byteswap (const mv_Span *span) {
  mv_Dim room[MV_MAXDIM];
  mv_Span s = valuespan(span, room);
  mv_Item item = *s.item;
  if (mv_kind_isnumber(item.kind)) walkanyhow(&s, &s, swapkernel, NULL, &item);
  else if (item.kind == MV_RECORD) walkanyhow(&s, &s, swaprecordkernel, NULL, &item);
}
