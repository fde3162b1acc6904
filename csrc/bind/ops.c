/* ops.c -- bulk methods: each checks its arguments, takes addresses last, and
** lets the core do the work. */
#include "lmv.h"

#include <limits.h>
#include <string.h>

/* ---- Parts of a view --------------------------------------------------------------- */

/* The span of part `l` of a view. */
static mv_Span partspan (lua_State *L, const lmv_View *v, const mv_Layout *l) {
  mv_Span s;
  s.at = lmv_address(L, v) - v->offset + l->offset;
  s.ndim = l->ndim;
  s.dim = l->dim;
  s.item = &v->item;
  return s;
}

/* The layout of items i..j of the first dimension, by arguments `arg` and `arg` + 1:
** all of the view where neither is given. Gives the first one's position, from 0. */
static ptrdiff_t checkpart (lua_State *L, int arg, const lmv_View *v, mv_Layout *l) {
  lmv_Range r;
  lmv_getlayout(v, l);
  if (lua_isnoneornil(L, arg) && lua_isnoneornil(L, arg + 1)) return 0;
  r = lmv_checkrange(L, arg, lmv_checklength(L, 1, v));
  mv_layout_range(l, 0, r.start, r.length, 1);
  return r.start;
}

/* ---- Bytes ---------------------------------------------------------------------------- */

/* Pushes the bytes of part l as a string. */
void lmv_pushbytes (lua_State *L, const lmv_View *v, const mv_Layout *l, char order) {
  mv_Span s = partspan(L, v, l);
  ptrdiff_t n = mv_span_bytes(&s);
  luaL_Buffer b;
  char *out;
  if (mv_dims_contiguous(l->ndim, l->dim, v->item.size, order)) {
    lua_pushlstring(L, (const char *)s.at, (size_t)n);
    return;
  }
  out = luaL_buffinitsize(L, &b, (size_t)n);
  s = partspan(L, v, l);                /* the collector may have run */
  mv_bulk_pack((unsigned char *)out, &s, order);
  luaL_pushresultsize(&b, (size_t)n);
}

/* v:tobytes([order]), v:tobytes(i [, j]) -> string */
static int view_tobytes (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  char order = 'C';
  lmv_getlayout(v, &l);
  if (lua_type(L, 2) == LUA_TNUMBER || !lua_isnoneornil(L, 3)) checkpart(L, 2, v, &l);
  else order = lmv_checkorder(L, 2, true);
  if (order == 'A')
    order = !mv_dims_contiguous(l.ndim, l.dim, v->item.size, 'C')
         && mv_dims_contiguous(l.ndim, l.dim, v->item.size, 'F') ? 'F' : 'C';
  lmv_pushbytes(L, v, &l, order);
  return 1;
}

static lua_Integer clampint (lua_Integer i) {
  return i > INT_MAX ? INT_MAX : i < -INT_MAX ? -INT_MAX : i;
}

/* (self [, sep [, n]]) -> hex digits, n bytes between separators */
int lmv_hex (lua_State *L) {
  size_t len = 0;
  const char *sep = lua_isnoneornil(L, 2) ? NULL : luaL_checklstring(L, 2, &len);
  ptrdiff_t group = (ptrdiff_t)clampint(lmv_optinteger(L, 3, 1)), n, again, size;
  lmv_Exporter kind = lmv_pack(L, 1, lmv_checkexporter(L, 1));
  const unsigned char *p = lmv_getbytes(L, 1, kind, &n);
  luaL_Buffer b;
  char *out;
  luaL_argcheck(L, sep == NULL || (len == 1 && *sep > 0), 2, "separator of one ASCII character expected");
  if (sep == NULL) group = 0;
  if (!mv_hex_length(n, group, &size)) lmv_nomemory(L);
  out = luaL_buffinitsize(L, &b, (size_t)size);
  p = lmv_getbytes(L, 1, kind, &again);
  if (again != n) luaL_error(L, "memory changed its size during the call");
  mv_hex_encode(out, p, n, sep ? *sep : '\0', group);
  luaL_pushresultsize(&b, (size_t)size);
  return 1;
}

/* ---- Tables ---------------------------------------------------------------------------- */

typedef struct Lister {
  lua_State *L;
  const lmv_View *v;            /* stays where it is: it is an argument */
  const mv_Layout *l;
  const mv_Item *item;          /* what the items read as */
} Lister;

/* Pushes the items of the dimensions from d on, the first one `offset` bytes from
** the base. The address is taken anew for each: making tables may run finalizers. */
static void pushlist (const Lister *t, int d, ptrdiff_t offset) {
  lua_State *L = t->L;
  ptrdiff_t i, n;
  if (d == t->l->ndim) {
    lmv_pushvalue(L, t->item, lmv_address(L, t->v) - t->v->offset + offset);
    return;
  }
  n = t->l->dim[d].length;
  luaL_checkstack(L, 4, "too many dimensions");
  lua_createtable(L, n > INT_MAX ? INT_MAX : (int)n, 0);
  for (i = 0; i < n; i++) {
    pushlist(t, d + 1, offset + i * t->l->dim[d].stride);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

/* A contiguous copy of part l on the stack, in place of views that follow pointers. */
static lmv_View *pushcopy (lua_State *L, int idx, mv_Layout *l, char order) {
  lmv_View *v = lmv_toview(L, idx), *copy;
  mv_Layout to = *l;
  mv_Span d, s;
  if (v->nuvalues >= 2) lua_getiuservalue(L, idx, 2);
  else lua_pushnil(L);
  copy = lmv_viewfresh(L, &to, &v->item, lua_isnil(L, -1) ? 0 : lua_gettop(L), order);
  lua_remove(L, -2);
  s = partspan(L, v, l);
  d = lmv_viewspan(L, copy);
  mv_bulk_copy(&d, &s);
  return copy;
}

/* v:tolist([i [, j]]) -> nested tables; the value itself for 0 dimensions */
static int view_tolist (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  Lister t;
  ptrdiff_t shift;
  checkpart(L, 2, v, &l);
  if (mv_dims_indirect(l.ndim, l.dim)) {
    v = pushcopy(L, 1, &l, 'C');
    lmv_getlayout(v, &l);
  }
  t.L = L;
  t.v = v;
  t.l = &l;
  t.item = mv_item_value(&v->item, &shift);
  if (t.item->kind == MV_RECORD) return luaL_argerror(L, 1, "records cannot be listed yet");
  pushlist(&t, 0, l.offset + shift);
  return 1;
}

/* ---- Copies ---------------------------------------------------------------------------- */

/* v:clone() -> View of a fresh copy, in C order */
static int view_clone (lua_State *L) {
  mv_Layout l;
  lmv_getlayout(lmv_checklive(L, 1), &l);
  pushcopy(L, 1, &l, 'C');
  return 1;
}

/* v:tocontiguous([order]) -> v where it is contiguous in that order, else a copy */
static int view_tocontiguous (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  char order = lmv_checkorder(L, 2, true);
  mv_Layout l;
  lmv_getlayout(v, &l);
  lua_settop(L, 1);
  if (mv_dims_contiguous(l.ndim, l.dim, v->item.size, order == 'F' ? 'F' : 'C')
      || (order == 'A' && mv_dims_contiguous(l.ndim, l.dim, v->item.size, 'F'))) return 1;
  pushcopy(L, 1, &l, order == 'F' ? 'F' : 'C');
  return 1;
}

static int shapeerror (lua_State *L, int arg, int na, const mv_Dim *a, int nb, const mv_Dim *b) {
  lmv_pushshape(L, na, a);
  lmv_pushshape(L, nb, b);
  return luaL_argerror(L, arg, lua_pushfstring(L, "shape %s expected, got %s",
                                               lua_tostring(L, -2), lua_tostring(L, -1)));
}

/* Bytes without a meaning fill items of one byte, whatever their kind, in C order. */
static void copyplain (lua_State *L, int arg, const mv_Span *dst, lmv_Source *src) {
  mv_Dim packed[MV_MAXDIM];
  ptrdiff_t nbytes;
  if (dst->item->size != 1) {
    lmv_pushformat(L, dst->item);
    luaL_argerror(L, arg, lua_pushfstring(L, "bytes do not fill items of '%s' (cast the view to bytes first)",
                                          lua_tostring(L, -1)));
  }
  if (src->dim.length != mv_dims_items(dst->ndim, dst->dim))
    shapeerror(L, arg, dst->ndim, dst->dim, 1, &src->dim);
  memcpy(packed, dst->dim, (size_t)dst->ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(dst->ndim, packed, 1, 'C', &nbytes);
  src->span.ndim = dst->ndim;
  src->span.dim = packed;
  mv_bulk_copy(dst, &src->span);
}

/* May mv_bulk_copy be used on two spans that overlap? */
static bool onerun (const mv_Span *a, const mv_Span *b) {
  return mv_span_packed(a) && mv_span_packed(b);
}

/* Copies the items of src to a block on the stack, and points src to them. */
static void detach (lua_State *L, mv_Span *src, mv_Dim *dim, int idx, lmv_Exporter kind) {
  ptrdiff_t nbytes = mv_span_bytes(src);
  unsigned char *copy = lmv_newblock(L, nbytes);
  lmv_Source again;
  lmv_getsource(L, idx, kind, &again);
  mv_bulk_pack(copy, &again.span, 'C');
  memcpy(dim, again.span.dim, (size_t)again.span.ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(again.span.ndim, dim, again.span.item->size, 'C', &nbytes);
  *src = again.span;
  src->at = copy;
  src->dim = dim;
}

/* Raises unless every value of src can be written to items like dst's. */
static void checkconversion (lua_State *L, int arg, const mv_Item *dst, const mv_Span *src) {
  mv_Value bad;
  mv_Status status;
  ptrdiff_t shift;
  const mv_Item *to = mv_item_value(dst, &shift), *from = mv_item_value(src->item, &shift);
  if (to->kind == MV_RECORD || from->kind == MV_RECORD)
    luaL_argerror(L, arg, "records of another format");
  status = mv_bulk_check(dst, src, &bad);
  if (status == MV_OK) return;
  lmv_pushmisfit(L, to, status, &bad);
  luaL_argerror(L, arg, lua_tostring(L, -1));
}

static void copyview (lua_State *L, int idx, const mv_Layout *l, int arg, lmv_Source *src) {
  lmv_View *v = lmv_toview(L, idx);
  mv_Span d = partspan(L, v, l), *s = &src->span;
  mv_Dim dim[MV_MAXDIM];
  bool same = mv_item_same(d.item, s->item);
  if (!mv_dims_sameshape(d.ndim, d.dim, s->ndim, s->dim)) shapeerror(L, arg, d.ndim, d.dim, s->ndim, s->dim);
  if (!same) checkconversion(L, arg, d.item, s);
  if (mv_span_overlap(&d, s) && !(same && onerun(&d, s))) {
    detach(L, s, dim, arg, LMV_VIEW);
    d = partspan(L, v, l);
  }
  if (same) mv_bulk_assign(&d, s);
  else mv_bulk_convert(&d, s);
}

/* The table at arg by way of a block, so that nothing is written where an item is wrong. */
static void copytable (lua_State *L, int idx, const mv_Layout *l, int arg) {
  lmv_View *v = lmv_toview(L, idx);
  mv_Span d, s;
  mv_Dim dim[MV_MAXDIM];
  ptrdiff_t nbytes = mv_dims_items(l->ndim, l->dim) * v->item.size;
  unsigned char *block = lmv_newblock(L, nbytes);
  memset(block, 0, (size_t)nbytes);
  lmv_packtable(L, arg, arg, l->ndim, l->dim, &v->item, block);
  d = s = partspan(L, v, l);
  memcpy(dim, l->dim, (size_t)l->ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(l->ndim, dim, v->item.size, 'C', &nbytes);
  s.at = block;
  s.dim = dim;
  mv_bulk_assign(&d, &s);
}

/* A string or Buffer; one that is the target's own memory by way of a string. */
static void copybytes (lua_State *L, int idx, const mv_Layout *l, int arg, lmv_Source *src) {
  const lmv_View *v = lmv_toview(L, idx);
  mv_Span d = partspan(L, v, l);
  if (mv_span_overlap(&d, &src->span)) {
    lua_pushlstring(L, (const char *)src->span.at, (size_t)src->dim.length);
    lmv_getsource(L, -1, LMV_STRING, src);
    d = partspan(L, v, l);
  }
  copyplain(L, arg, &d, src);
}

/* Is the value at arg one item of that kind, and not a source of items? */
static bool isvalue (lua_State *L, int arg, const mv_Item *item) {
  ptrdiff_t shift;
  int type = lua_type(L, arg);
  item = mv_item_value(item, &shift);
  if (item->kind == MV_RECORD) return false;
  if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) return true;
  return mv_kind_class((mv_Kind)item->kind) == MV_BYTES && type != LUA_TTABLE;
}

void lmv_copyinto (lua_State *L, int idx, const mv_Layout *l, int arg) {
  int top = lua_gettop(L);
  lmv_Exporter kind = LMV_NONE;
  lmv_Source src;
  bool value = l->ndim == 0 && isvalue(L, arg, &lmv_toview(L, idx)->item);
  if (!value) kind = lmv_resolve(L, arg);
  if (kind == LMV_NONE) {
    if (!value && !lua_istable(L, arg)) luaL_typeerror(L, arg, "string, buffer, view or table");
    copytable(L, idx, l, arg);
  }
  else {
    lmv_getsource(L, arg, kind, &src);
    if (src.plain) copybytes(L, idx, l, arg, &src);
    else copyview(L, idx, l, arg, &src);
  }
  lua_settop(L, top);
}

/* How many parts of v's first dimension what is at arg fills: a table's length, a
** view's, or the bytes of a string or Buffer by the items of a part. */
static lua_Integer lengthof (lua_State *L, int arg, const lmv_View *v) {
  lmv_Source src;
  ptrdiff_t items = mv_dims_items(v->ndim - 1, v->dim + 1);
  lmv_Exporter kind = lmv_resolve(L, arg);
  if (kind == LMV_NONE) {
    if (lua_istable(L, arg)) return luaL_len(L, arg);
    luaL_typeerror(L, arg, "string, buffer, view or table");
  }
  lmv_getsource(L, arg, kind, &src);
  if (src.span.ndim == 0) return 1;
  if (!src.plain || items == 0) return src.span.dim[0].length;
  if (src.dim.length % items != 0)
    luaL_argerror(L, arg, lua_pushfstring(L, "%I bytes are not a whole number of rows of %I items",
                                          (LUAI_UACINT)src.dim.length, (LUAI_UACINT)items));
  return src.dim.length / items;
}

/* Narrows l to the items from argument 3 on that the source at 2 fills. */
static void checktarget (lua_State *L, mv_Layout *l, const lmv_View *v) {
  ptrdiff_t n = lmv_checklength(L, 1, v), room, start;
  lua_Integer i = lmv_checkinteger(L, 3), count = lengthof(L, 2, v);
  if (i < 0) i += n + (lua_Integer)1;
  if (i < 1 || i > n + (lua_Integer)1)
    luaL_argerror(L, 3, lua_pushfstring(L, "position %I out of range (1 to %I)",
                  (LUAI_UACINT)lua_tointeger(L, 3), (LUAI_UACINT)n + 1));
  start = (ptrdiff_t)i - 1;
  room = n - start;
  if (count > room)
    luaL_argerror(L, 2, lua_pushfstring(L, "%I items do not fit from position %I on (room for %I)",
                  (LUAI_UACINT)count, (LUAI_UACINT)i, (LUAI_UACINT)room));
  mv_layout_range(l, 0, start, (ptrdiff_t)count, 1);
}

/* v:copyfrom(src [, i]) -> v */
static int view_copyfrom (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  lmv_checkwritable(L, 1, v);
  luaL_checkany(L, 2);
  lua_settop(L, 3);
  lmv_getlayout(v, &l);
  if (!lua_isnil(L, 3)) checktarget(L, &l, v);
  lmv_copyinto(L, 1, &l, 2);
  lua_settop(L, 1);
  return 1;
}

/* ---- In place ------------------------------------------------------------------------------ */

/* v:fill(x [, i [, j]]) -> v */
static int view_fill (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  mv_Span s;
  mv_Value x;
  unsigned char *pattern;
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(&v->item, &shift);
  lmv_checkwritable(L, 1, v);
  checkpart(L, 3, v, &l);
  lua_settop(L, 2);
  if (item->kind == MV_RECORD) return luaL_argerror(L, 1, "records cannot be filled yet");
  pattern = lmv_newblock(L, item->size);
  lmv_checkvalue(L, 2, item, &x);
  mv_item_store(item, pattern, &x);
  s = partspan(L, v, &l);
  mv_bulk_fill(&s, pattern);
  lua_settop(L, 1);
  return 1;
}

/* v:byteswap() -> v */
static int view_byteswap (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Span s;
  lmv_checkwritable(L, 1, v);
  s = lmv_viewspan(L, v);
  mv_bulk_byteswap(&s);
  lua_settop(L, 1);
  return 1;
}

/* ---- Search ---------------------------------------------------------------------------------- */

/* Prepares a search for value 2 in items i..j of a 1-D view; false: it is nowhere. */
static bool opensearch (lua_State *L, mv_Layout *l, mv_Span *s, mv_Value *x, ptrdiff_t *start) {
  lmv_View *v = lmv_checklive(L, 1);
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(&v->item, &shift);
  luaL_argcheck(L, v->ndim == 1, 1, "1-dimensional view expected");
  luaL_checkany(L, 2);
  *start = checkpart(L, 3, v, l);
  if (item->kind == MV_RECORD) luaL_argerror(L, 1, "records cannot be searched yet");
  if (!lmv_tosought(L, 2, item, x)) return false;
  *s = partspan(L, v, l);
  return true;
}

/* v:index(x [, i [, j]]) -> position of the first equal item, or nil */
static int view_indexof (lua_State *L) {
  mv_Layout l;
  mv_Span s;
  mv_Value x;
  ptrdiff_t start, found = -1;
  if (opensearch(L, &l, &s, &x, &start)) found = mv_bulk_index(&s, &x);
  if (found < 0) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)start + found + 1);
  return 1;
}

/* v:count(x [, i [, j]]) -> number of equal items */
static int view_count (lua_State *L) {
  mv_Layout l;
  mv_Span s;
  mv_Value x;
  ptrdiff_t start;
  lua_pushinteger(L, opensearch(L, &l, &s, &x, &start) ? mv_bulk_count(&s, &x) : 0);
  return 1;
}

/* (self, bytes [, init]) -> start and end position of a byte sequence, or nil */
int lmv_find (lua_State *L) {
  lua_Integer init = lmv_optinteger(L, 3, 1);
  lmv_Exporter hay, needle = lmv_pack(L, 2, lmv_checkexporter(L, 2));
  ptrdiff_t n, m, at;
  const unsigned char *y, *x;
  hay = lmv_checkexporter(L, 1);
  y = lmv_getbytes(L, 1, hay, &n);
  x = lmv_getbytes(L, 2, needle, &m);
  if (init < 0) init = init < -(lua_Integer)n ? 1 : init + n + 1;
  else if (init == 0) init = 1;
  if (init > n + (lua_Integer)1) { lua_pushnil(L); return 1; }
  at = mv_bytes_find(y + (init - 1), n - (ptrdiff_t)(init - 1), x, m);
  if (at < 0) { lua_pushnil(L); return 1; }
  lua_pushinteger(L, init + at);
  lua_pushinteger(L, init + at + m - 1);
  return 2;
}

/* v:find(bytes [, init]) on contiguous views of bytes */
static int view_find (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  luaL_argcheck(L, v->item.size == 1 && v->ndim == 1, 1, "1-dimensional view of bytes expected");
  luaL_argcheck(L, mv_dims_contiguous(1, v->dim, 1, 'C'), 1, "view is not contiguous");
  return lmv_find(L);
}

/* ---- Comparison -------------------------------------------------------------------------------- */

/* Bytes of their own against any byte-sized items in one dimension. */
static bool equalplain (const mv_Span *a, const mv_Span *b) {
  mv_Span x = *a, y = *b;
  mv_Item byte;
  if (a->item->size != 1 || b->item->size != 1 || a->ndim != 1
      || !mv_dims_sameshape(a->ndim, a->dim, b->ndim, b->dim)) return false;
  (void)mv_format_plain("B", 1, &byte);
  x.item = y.item = &byte;
  return mv_bulk_equal(&x, &y);
}

/* Are the exporters at 1 and 2, both resolved, equal? */
static bool equalsources (lua_State *L, lmv_Exporter ka, lmv_Exporter kb) {
  lmv_Source a, b;
  lmv_getsource(L, 1, ka, &a);
  lmv_getsource(L, 2, kb, &b);
  if (a.plain || b.plain) return equalplain(&a.span, &b.span);
  return mv_dims_sameshape(a.span.ndim, a.span.dim, b.span.ndim, b.span.dim)
      && mv_bulk_equal(&a.span, &b.span);
}

/* (self, x) -> equal? What is no exporter equals nothing. */
int lmv_equals (lua_State *L) {
  lmv_Exporter ka, kb;
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  kb = lmv_resolve(L, 2);
  ka = lmv_checkexporter(L, 1);
  if (kb == LMV_NONE) {
    lmv_Source a;
    lmv_getsource(L, 1, ka, &a);        /* a released one raises all the same */
    lua_pushboolean(L, 0);
  }
  else lua_pushboolean(L, equalsources(L, ka, kb));
  return 1;
}

static bool isours (lua_State *L, int idx) {
  return lmv_toview(L, idx) != NULL || lmv_tobuffer(L, idx) != NULL;
}

/* == never raises: what cannot be compared equals itself alone. */
int lmv_eq (lua_State *L) {
  lua_settop(L, 2);
  if (!isours(L, 1) && !isours(L, 2)) return luaL_typeerror(L, 1, "view or buffer");
  lua_pushcfunction(L, lmv_equals);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  if (lua_pcall(L, 2, 1, 0) != LUA_OK) lua_pushboolean(L, lua_rawequal(L, 1, 2));
  return 1;
}

static int view_equals (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_equals(L);
}

/* (self, x) -> -1, 0, 1 by the bytes in C order, then the length */
int lmv_compare (lua_State *L) {
  lmv_Exporter ka = lmv_pack(L, 1, lmv_checkexporter(L, 1)), kb = lmv_pack(L, 2, lmv_checkexporter(L, 2));
  ptrdiff_t na, nb;
  const unsigned char *a, *b;
  a = lmv_getbytes(L, 1, ka, &na);
  b = lmv_getbytes(L, 2, kb, &nb);
  lua_pushinteger(L, mv_bytes_compare(a, na, b, nb));
  return 1;
}

static int view_compare (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_compare(L);
}

static int view_hex (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_hex(L);
}

static lmv_Exporter checkoperand (lua_State *L, int idx) {
  lmv_Exporter kind = lmv_resolve(L, idx);
  if (kind == LMV_NONE && lua_type(L, idx) != LUA_TNUMBER)
    luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, idx));
  return lmv_pack(L, idx, kind);
}

/* Puts the string of an operand of `..` in its place. */
static void tostringoperand (lua_State *L, int idx, lmv_Exporter kind) {
  ptrdiff_t n;
  const unsigned char *p;
  if (kind == LMV_NONE || kind == LMV_STRING) return;
  p = lmv_getbytes(L, idx, kind, &n);
  lua_pushlstring(L, (const char *)p, (size_t)n);
  lua_replace(L, idx);
}

/* a .. b -> string */
int lmv_concat (lua_State *L) {
  lmv_Exporter a, b;
  lua_settop(L, 2);
  a = checkoperand(L, 1);
  b = checkoperand(L, 2);
  tostringoperand(L, 1, a);
  tostringoperand(L, 2, b);
  lua_concat(L, 2);
  return 1;
}

const luaL_Reg lmv_opsmethods[] = {
  {"tobytes", view_tobytes}, {"tolist", view_tolist}, {"hex", view_hex},
  {"clone", view_clone}, {"tocontiguous", view_tocontiguous}, {"copyfrom", view_copyfrom},
  {"fill", view_fill}, {"byteswap", view_byteswap},
  {"index", view_indexof}, {"count", view_count}, {"find", view_find},
  {"equals", view_equals}, {"compare", view_compare},
  {NULL, NULL}
};
