/* convert.c -- items from and to tables, and from other items. */
#include "lmv.h"
#include "quick.h"

#include <limits.h>
#include <string.h>

/* ---- Parts of a view --------------------------------------------------------------- */

mv_Span lmv_partspan (lua_State *L, const lmv_View *v, const mv_Layout *l) {
  mv_Span s;
  s.at = lmv_at(lmv_address(L, v), l->offset - v->offset);
  s.ndim = l->ndim;
  s.dim = l->dim;
  s.item = v->item;
  return s;
}

ptrdiff_t lmv_checkpart (lua_State *L, int arg, const lmv_View *v, mv_Layout *l) {
  lmv_Range r;
  lmv_getlayout(v, l);
  if (lua_isnoneornil(L, arg) && lua_isnoneornil(L, arg + 1)) return 0;
  r = lmv_checkrange(L, arg, lmv_checklength(L, 1, v));
  mv_layout_range(l, 0, r.start, r.length, 1);
  return r.start;
}

lmv_View *lmv_pushcopy (lua_State *L, int idx, mv_Layout *l, char order) {
  lmv_View *v = lmv_toview(L, idx), *copy;
  mv_Layout to = *l;
  mv_Span d, s;
  if (v->nuvalues >= 2) lua_getiuservalue(L, idx, 2);
  else lua_pushnil(L);
  copy = lmv_viewfresh(L, &to, v->item, lua_isnil(L, -1) ? 0 : lua_gettop(L), order);
  lua_remove(L, -2);
  s = lmv_partspan(L, v, l);
  d = lmv_viewspan(L, copy);
  mv_bulk_copy(&d, &s);
  return copy;
}

/* ---- Numbers in between -------------------------------------------------------------- */

/* Numbers of any kind on their way from or to Lua, in the widest kind of their class. */
#define CHUNK 128
typedef struct Chunk {
  mv_Dim dim;
  mv_Span span;
  union { int64_t i[CHUNK]; double d[CHUNK]; } as;
} Chunk;

static void initchunk (Chunk *c, unsigned kind) {
  c->span.at = (unsigned char *)&c->as;
  c->span.ndim = 1;
  c->span.dim = &c->dim;
  c->span.item = mv_format_plain(kind == MV_U64 ? "Q" : mv_kind_isinteger(kind) ? "q" : "d", 1);
  c->dim.stride = 8;
  c->dim.suboffset = -1;
}

/* ---- Exporters as sources ------------------------------------------------------------ */

/* Makes src a source for dst: of the same shape, and with values that fit. Where it
** cannot: pushes why and gives false. `dims` is room for a new shape. */
static bool fitsource (lua_State *L, const mv_Span *dst, lmv_Source *src, mv_Dim *dims) {
  mv_Misfit bad;
  ptrdiff_t n, shift;
  if (src->plain && dst->item->size == 1 && src->dim.length == mv_dims_items(dst->ndim, dst->dim)) {
    memcpy(dims, dst->dim, (size_t)dst->ndim * sizeof(mv_Dim));
    (void)mv_dims_pack(dst->ndim, dims, 1, 'C', &n);
    src->span.ndim = dst->ndim;
    src->span.dim = dims;
    src->span.item = dst->item;         /* bytes without a meaning take any of one byte */
    return true;
  }
  if (src->plain && dst->item->size != 1) {
    lmv_pushformat(L, dst->item);
    lua_pushfstring(L, "bytes do not fill items of '%s' (cast the view to bytes first)", lua_tostring(L, -1));
    return false;
  }
  if (!mv_dims_sameshape(dst->ndim, dst->dim, src->span.ndim, src->span.dim)) {
    lmv_pushshape(L, dst->ndim, dst->dim);
    lmv_pushshape(L, src->span.ndim, src->span.dim);
    lua_pushfstring(L, "shape %s expected, got %s", lua_tostring(L, -2), lua_tostring(L, -1));
    return false;
  }
  if (!mv_item_match(mv_item_value(dst->item, &shift), mv_item_value(src->span.item, &shift), true)) {
    lmv_pushformat(L, dst->item);
    lmv_pushformat(L, src->span.item);
    lua_pushfstring(L, "items like '%s' expected, got '%s'", lua_tostring(L, -2), lua_tostring(L, -1));
    return false;
  }
  if (mv_item_same(dst->item, src->span.item)) return true;
  if (mv_bulk_check(dst->item, &src->span, &bad)) return true;
  lmv_pushmisfit(L, &bad);
  return false;
}

/* Writes a source that fits and does not overlap, or lies in one run as dst does. */
static void assign (const mv_Span *dst, const mv_Span *src) {
  if (mv_item_same(dst->item, src->item)) mv_bulk_assign(dst, src);
  else mv_bulk_convert(dst, src);
}

/* One run of bytes each, to be copied as it is? Not where only the H of "xH" is. */
static bool onerun (const mv_Span *a, const mv_Span *b) {
  ptrdiff_t shift;
  return mv_item_same(a->item, b->item) && mv_item_value(a->item, &shift) == a->item
      && mv_item_value(b->item, &shift) == b->item && mv_span_packed(a) && mv_span_packed(b);
}

/* Copies the items of src to a block on the stack, which it then speaks of. */
static void detach (lua_State *L, int idx, lmv_Exporter kind, lmv_Source *src, mv_Dim *dims) {
  ptrdiff_t nbytes = mv_span_bytes(&src->span);
  unsigned char *copy = lmv_newblock(L, nbytes);
  lmv_getsource(L, idx, kind, src);     /* the collector may have run */
  if (mv_span_bytes(&src->span) != nbytes) luaL_error(L, "memory changed its size during the call");
  mv_bulk_pack(copy, &src->span, 'C');
  memcpy(dims, src->span.dim, (size_t)src->span.ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(src->span.ndim, dims, src->span.item->size, 'C', &nbytes);
  src->span.at = copy;
  src->span.dim = dims;
}

/* ---- Tables -> items -------------------------------------------------------------------- */

typedef struct Packer {
  lua_State *L;
  int arg;                      /* to name in errors */
  unsigned char *base, *mask;
} Packer;

/* Where in the value we are: an index of a table, or a member. */
typedef struct Place {
  const struct Place *up;       /* NULL: the value itself */
  lua_Integer index;
  const mv_Member *member;      /* NULL: an index */
} Place;

static void addplace (luaL_Buffer *b, const Place *p) {
  if (p->up->up != NULL) addplace(b, p->up);
  if (p->member != NULL && p->member->name != NULL) {
    if (p->up->up != NULL) luaL_addchar(b, '.');
    luaL_addlstring(b, p->member->name, p->member->namelen);
    return;
  }
  if (p->up->up != NULL) luaL_addchar(b, ',');
  lua_pushinteger(b->L, p->index);
  luaL_addvalue(b);
}

/* Pushes "2,3" or "2.pos.x". */
static const char *pushplace (lua_State *L, const Place *p) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  if (p->up != NULL) addplace(&b, p);
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

/* Raises with the message on top, and where it was. */
static void packerror (const Packer *p, const Place *place) {
  lua_State *L = p->L;
  const char *reason = lua_tostring(L, -1);
  if (place->up != NULL)
    reason = lua_pushfstring(L, "%s (item %s)", reason, pushplace(L, place));
  luaL_argerror(L, p->arg, reason);
}

static void ragged (const Packer *p, const Place *place, ptrdiff_t expected, lua_Integer n) {
  lua_State *L = p->L;
  if (place->up == NULL)
    lua_pushfstring(L, "table of %I items expected, got %I", (LUAI_UACINT)expected, (LUAI_UACINT)n);
  else
    lua_pushfstring(L, "ragged table: %I items expected in row %s, got %I", (LUAI_UACINT)expected,
                    pushplace(L, place), (LUAI_UACINT)n);
  luaL_argerror(L, p->arg, lua_tostring(L, -1));
}

static void mark (const Packer *p, const unsigned char *dst, ptrdiff_t n) {
  if (p->mask != NULL && n > 0) memset(p->mask + (dst - p->base), 0xff, (size_t)n);
}

/* The exporter on top, resolved, fills `dst`. */
static MV_NOINLINE void packsource (const Packer *p, const Place *place, lmv_Exporter kind, const mv_Span *dst) {
  lmv_Source src;
  mv_Dim dims[MV_MAXDIM];
  lmv_getsource(p->L, -1, kind, &src);
  if (!fitsource(p->L, dst, &src, dims)) packerror(p, place);
  assign(dst, &src.span);
  mark(p, dst->at, mv_span_bytes(dst));
}

/* The value on top, no table, fills the array at dst. */
static MV_NOINLINE void packexporter (const Packer *p, const Place *place, int ndim, const ptrdiff_t *lengths,
                                      const mv_Item *item, unsigned char *dst) {
  lua_State *L = p->L;
  lmv_Exporter kind = lmv_resolve(L, -1);
  mv_Dim dims[MV_MAXDIM];
  mv_Span s;
  ptrdiff_t nbytes;
  int d;
  if (kind == LMV_NONE) {
    if (place->up == NULL) luaL_typeerror(L, p->arg, "string, buffer, view or table");
    lua_pushfstring(L, "table expected, got %s", lmv_typename(L, -1));
    packerror(p, place);
  }
  for (d = 0; d < ndim; d++) dims[d].length = lengths[d];
  (void)mv_dims_pack(ndim, dims, item->size, 'C', &nbytes);
  s.at = dst;
  s.ndim = ndim;
  s.dim = dims;
  s.item = item;
  packsource(p, place, kind, &s);
}

static void packitems (const Packer *p, const Place *up, int ndim, const ptrdiff_t *lengths,
                       const mv_Item *item, unsigned char *dst);

/* The table on top names members of the record at dst. */
static void packrecord (const Packer *p, const Place *up, const mv_Record *r, unsigned char *dst) {
  lua_State *L = p->L;
  int table = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, table)) {
    ptrdiff_t element = 0;
    const mv_Member *m = lmv_findmember(L, -2, r, &element);
    Place here;
    if (m == NULL) { (void)lmv_pushnofield(L, r, lua_gettop(L) - 1); packerror(p, up); }
    here.up = up;
    here.index = lua_tointeger(L, -2);
    here.member = m;
    packitems(p, &here, m->ndim, m->shape, &m->item, dst + m->offset + element * m->item.size);
    lua_pop(L, 1);
  }
}

/* The value on top is one item at dst. */
static void packitem (const Packer *p, const Place *place, const mv_Item *whole, unsigned char *dst) {
  lua_State *L = p->L;
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(whole, &shift);
  mv_Value v;
  dst += shift;
  if (lmv_storequick(L, -1, item->kind, item->swap, dst)) mark(p, dst, item->size);
  else if (item->kind != MV_RECORD) {
    if (!lmv_tovalue(L, -1, item, &v)) packerror(p, place);
    mv_item_store(item, dst, &v);
    mark(p, dst, item->size);
  }
  else if (lmv_islist(L)) packrecord(p, place, item->record, dst);
  else {
    mv_Span s = {0};
    lmv_Exporter kind = lmv_resolve(L, -1);
    s.at = dst;
    s.item = item;
    if (kind == LMV_VIEW) { packsource(p, place, kind, &s); return; }
    lmv_pushformat(L, item);
    lua_pushfstring(L, "table or record expected for '%s', got %s", lua_tostring(L, -1), lmv_typename(L, -2));
    packerror(p, place);
  }
}

/* Gets elements i to i + n - 1, at most CHUNK, of the table on top; gives how many of
** them come before one that is no number, or no integer. Takes them off by eights. */
static ptrdiff_t getnumbers (lua_State *L, Chunk *c, lua_Integer i, ptrdiff_t n) {
  bool integers = c->span.item->kind != MV_F64;
  int table = lua_gettop(L), fine = 1;
  ptrdiff_t k;
  for (k = 0; k < n; k++) {
    if (k % 8 == 0) lua_settop(L, table);
    if (lua_rawgeti(L, table, i + k) != LUA_TNUMBER) break;
    if (integers) c->as.i[k] = lua_tointegerx(L, -1, &fine);
    else c->as.d[k] = lua_tonumberx(L, -1, NULL);
    if (!fine) break;
  }
  lua_settop(L, table);
  return k;
}

/* Packs as many numbers from element i on as can be looked at together, and writes them
** to dst; gives how many. 0: the first of them has to be looked at alone. */
static MV_NOINLINE ptrdiff_t packnumbers (const Packer *p, lua_Integer i, ptrdiff_t n,
                              const mv_Item *item, unsigned char *dst) {
  Chunk c;
  mv_Span to;
  mv_Dim dim;
  mv_Misfit bad;
  initchunk(&c, item->kind);
  n = getnumbers(p->L, &c, i, n < CHUNK ? n : CHUNK);
  dim = c.dim;
  dim.stride = item->size;
  c.dim.length = dim.length = n;
  to.at = dst;
  to.ndim = 1;
  to.dim = &dim;
  to.item = item;
  if (!mv_bulk_check(item, &c.span, &bad)) return 0;
  mv_bulk_convert(&to, &c.span);
  mark(p, dst, n * item->size);
  return n;
}

/* Is the table on top read without metamethods, and long enough for chunks of numbers? */
static bool ischunky (lua_State *L, int ndim, const mv_Item *item, lua_Integer n) {
  if (ndim != 1 || n < 16 || !mv_kind_isnumber(item->kind)) return false;
  if (!lua_getmetatable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

/* The table on top has lengths[0] items of the dimensions after the first. */
static void packtable (const Packer *p, const Place *up, int ndim, const ptrdiff_t *lengths,
                       const mv_Item *item, unsigned char *dst) {
  lua_State *L = p->L;
  lua_Integer n = lmv_checklist(L, p->arg);
  ptrdiff_t stride = item->size, done = 0;
  bool chunky = ischunky(L, ndim, item, n);
  Place here;
  int d;
  if (n != lengths[0]) ragged(p, up, lengths[0], n);
  for (d = 1; d < ndim; d++) stride *= lengths[d];
  here.up = up;
  here.member = NULL;
  for (here.index = 1; here.index <= n; here.index += done, dst += done * stride) {
    done = chunky ? packnumbers(p, here.index, (ptrdiff_t)(n - here.index) + 1, item, dst) : 0;
    if (done > 0) continue;
    done = 1;
    lua_geti(L, -1, here.index);
    packitems(p, &here, ndim - 1, lengths + 1, item, dst);
    lua_pop(L, 1);
  }
}

/* The value on top fills an array of items at dst: one, where ndim is 0. */
static void packitems (const Packer *p, const Place *place, int ndim, const ptrdiff_t *lengths,
                       const mv_Item *item, unsigned char *dst) {
  lmv_checkstack(p->L, 16);
  if (ndim == 0) packitem(p, place, item, dst);
  else if (lmv_islist(p->L)) packtable(p, place, ndim, lengths, item, dst);
  else packexporter(p, place, ndim, lengths, item, dst);
}

void lmv_packvalue (lua_State *L, int arg, int ndim, const mv_Dim *dim, const mv_Item *item,
                    unsigned char *dst, unsigned char *mask) {
  ptrdiff_t lengths[MV_MAXDIM];
  Packer p;
  Place root = {NULL, 0, NULL};
  int d;
  for (d = 0; d < ndim; d++) lengths[d] = dim[d].length;
  p.L = L;
  p.arg = arg;
  p.base = dst;
  p.mask = mask;
  lua_pushvalue(L, arg);
  packitems(&p, &root, ndim, lengths, item, dst);
  lua_pop(L, 1);
}

/* ---- Into a view ---------------------------------------------------------------------------- */

static mv_Span targetspan (lua_State *L, int idx, const mv_Layout *l, const mv_Item *item) {
  mv_Span s = lmv_partspan(L, lmv_toview(L, idx), l);
  s.item = item;
  return s;
}

/* By way of a block, so that nothing is written where an item is wrong. The block
** begins as what is there, for members that are not named. */
static void copyvalue (lua_State *L, int idx, const mv_Layout *l, const mv_Item *item, int arg) {
  ptrdiff_t nbytes = mv_dims_items(l->ndim, l->dim) * item->size;
  unsigned char *block = lmv_newblock(L, nbytes);
  mv_Span d = targetspan(L, idx, l, item), s = d;
  mv_Dim dims[MV_MAXDIM];
  mv_bulk_pack(block, &d, 'C');
  lmv_packvalue(L, arg, l->ndim, l->dim, item, block, NULL);
  memcpy(dims, l->dim, (size_t)l->ndim * sizeof(mv_Dim));
  (void)mv_dims_pack(l->ndim, dims, item->size, 'C', &nbytes);
  s.at = block;
  s.dim = dims;
  d = targetspan(L, idx, l, item);
  mv_bulk_assign(&d, &s);
}

/* The source is detached where it overlaps the target, and only then looked at: from
** there on no Lua code runs that could change a value after it was found to fit. */
static void copysource (lua_State *L, int idx, const mv_Layout *l, const mv_Item *item, int arg,
                        lmv_Exporter kind) {
  mv_Span d = targetspan(L, idx, l, item);
  mv_Dim dims[MV_MAXDIM], shape[MV_MAXDIM];
  lmv_Source src;
  lmv_getsource(L, arg, kind, &src);
  if (mv_span_overlap(&d, &src.span) && !onerun(&d, &src.span)) {
    detach(L, arg, kind, &src, dims);
    d = targetspan(L, idx, l, item);
  }
  if (!fitsource(L, &d, &src, shape)) luaL_argerror(L, arg, lua_tostring(L, -1));
  assign(&d, &src.span);
}

/* Is the value at arg one item of that kind, and not a source of items? Bytes of views are
** one string; a view of anything else is its items. */
static bool isvalue (lua_State *L, int arg, const mv_Item *item) {
  ptrdiff_t shift;
  int type = lua_type(L, arg);
  const lmv_View *v = lmv_toview(L, arg);
  item = mv_item_value(item, &shift);
  if (item->kind == MV_RECORD) return false;
  if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) return true;
  if (v != NULL && v->item->size != 1) return false;
  return mv_kind_class((mv_Kind)item->kind) == MV_BYTES && type != LUA_TTABLE;
}

void lmv_copyinto (lua_State *L, int idx, const mv_Layout *l, const mv_Item *item, int arg) {
  int top = lua_gettop(L);
  lmv_Exporter kind = LMV_NONE;
  bool value = l->ndim == 0 && isvalue(L, arg, item);
  if (!value) kind = lmv_resolve(L, arg);
  if (kind != LMV_NONE) copysource(L, idx, l, item, arg, kind);
  else if (value || lua_istable(L, arg) || l->ndim == 0) copyvalue(L, idx, l, item, arg);
  else luaL_typeerror(L, arg, "string, buffer, view or table");
  lua_settop(L, top);
}

/* How many parts of v's first dimension what is at arg fills: a table's length, a
** view's, or the bytes of a string or Buffer by the items of a part. */
static lua_Integer lengthof (lua_State *L, int arg, const lmv_View *v) {
  lmv_Source src;
  ptrdiff_t items = mv_dims_items(v->ndim - 1, v->dim + 1);
  lmv_Exporter kind = lmv_resolve(L, arg);
  if (kind == LMV_NONE) {
    lua_Integer n;
    if (!lua_istable(L, arg)) luaL_typeerror(L, arg, "string, buffer, view or table");
    n = luaL_len(L, arg);
    if (n < 0) luaL_argerror(L, arg, lua_pushfstring(L, "length %I of table is out of range", (LUAI_UACINT)n));
    return n;
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
  lmv_copyinto(L, 1, &l, v->item, 2);
  lua_settop(L, 1);
  return 1;
}

/* ---- Items -> tables ------------------------------------------------------------------------- */

typedef struct Lister {
  lua_State *L;
  const lmv_View *v;            /* an argument, so it stays where it is */
} Lister;

static void pushitem (const Lister *t, const mv_Item *item, ptrdiff_t offset);

static void setintegers (lua_State *L, lua_Integer i, const int64_t *x, ptrdiff_t n) {
  for (; n > 0; n--) { lua_pushinteger(L, *x++); lua_rawseti(L, -2, i++); }
}

static void setfloats (lua_State *L, lua_Integer i, const double *x, ptrdiff_t n) {
  for (; n > 0; n--) { lua_pushnumber(L, *x++); lua_rawseti(L, -2, i++); }
}

/* Sets the elements of the table on top, which has room for them, to the numbers of a
** dimension. Nothing in here runs the collector. */
static MV_NOINLINE void setnumbers (const Lister *t, const mv_Dim *dim, const mv_Item *item,
                        unsigned kind, ptrdiff_t offset) {
  lua_State *L = t->L;
  mv_Span src;
  mv_Dim d = *dim;
  Chunk c;
  ptrdiff_t i;
  initchunk(&c, kind);
  src.ndim = 1;
  src.dim = &d;
  src.item = item;
  for (i = 0; i < dim->length; i += d.length) {
    d.length = c.dim.length = dim->length - i < CHUNK ? dim->length - i : CHUNK;
    src.at = lmv_at(lmv_address(L, t->v), offset + i * d.stride - t->v->offset);
    mv_bulk_convert(&c.span, &src);
    if (mv_kind_isinteger(kind)) setintegers(L, (lua_Integer)i + 1, c.as.i, d.length);
    else setfloats(L, (lua_Integer)i + 1, c.as.d, d.length);
  }
}

/* Pushes items of dims[0..ndim-1] as nested tables; offsets are from the base. */
static void pushlist (const Lister *t, int ndim, const mv_Dim *dim, const mv_Item *item, ptrdiff_t offset) {
  lua_State *L = t->L;
  ptrdiff_t i, shift;
  unsigned kind = mv_item_value(item, &shift)->kind;
  if (ndim == 0) { pushitem(t, item, offset); return; }
  lmv_checkstack(L, 8);
  lua_createtable(L, dim->length > INT_MAX ? INT_MAX : (int)dim->length, 0);
  if (ndim == 1 && mv_kind_isnumber(kind)) setnumbers(t, dim, item, kind, offset);
  else for (i = 0; i < dim->length; i++) {
    pushlist(t, ndim - 1, dim + 1, item, offset + i * dim->stride);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static MV_NOINLINE void pusharray (const Lister *t, const mv_Member *m, ptrdiff_t offset) {
  mv_Dim dims[MV_MAXDIM];
  ptrdiff_t nbytes;
  int d;
  for (d = 0; d < m->ndim; d++) dims[d].length = m->shape[d];
  (void)mv_dims_pack(m->ndim, dims, m->item.size, 'C', &nbytes);
  pushlist(t, m->ndim, dims, &m->item, offset);
}

/* Pushes a table by name, by position where there is none. */
static void pushrecord (const Lister *t, const mv_Record *r, ptrdiff_t offset) {
  lua_State *L = t->L;
  const mv_Member *m;
  lmv_checkstack(L, 8);
  lua_newtable(L);
  for (m = r->first; m != NULL; m = m->next) {
    ptrdiff_t k, n = m->item.kind == MV_PAD ? 0 : m->ndim > 0 ? 1 : m->count;
    for (k = 0; k < n; k++) {
      if (m->ndim > 0) pusharray(t, m, offset + m->offset);
      else pushitem(t, &m->item, offset + m->offset + k * m->item.size);
      if (m->name == NULL) { lua_rawseti(L, -2, (lua_Integer)(m->position + k) + 1); continue; }
      lua_pushlstring(L, m->name, m->namelen);
      lua_insert(L, -2);
      lua_rawset(L, -3);
    }
  }
}

/* The address is taken anew for each value: making tables may run finalizers. */
static void pushitem (const Lister *t, const mv_Item *item, ptrdiff_t offset) {
  ptrdiff_t shift;
  item = mv_item_value(item, &shift);
  if (item->kind == MV_RECORD) pushrecord(t, item->record, offset + shift);
  else lmv_pushvalue(t->L, item, lmv_at(lmv_address(t->L, t->v), offset + shift - t->v->offset));
}

/* v:tolist([i [, j]]) -> nested tables; the value itself for 0 dimensions */
static int view_tolist (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  Lister t;
  lmv_checkpart(L, 2, v, &l);
  if (mv_dims_indirect(l.ndim, l.dim)) {
    v = lmv_pushcopy(L, 1, &l, 'C');
    lmv_getlayout(v, &l);
  }
  t.L = L;
  t.v = v;
  pushlist(&t, l.ndim, l.dim, v->item, l.offset);
  return 1;
}

/* ---- Copies and fills --------------------------------------------------------------------------- */

/* v:clone() -> View of a fresh copy, in C order */
static int view_clone (lua_State *L) {
  mv_Layout l;
  lmv_getlayout(lmv_checklive(L, 1), &l);
  lmv_pushcopy(L, 1, &l, 'C');
  return 1;
}

/* v:tocontiguous([order]) -> v where it is contiguous in that order, else a copy */
static int view_tocontiguous (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  char order = lmv_checkorder(L, 2, true);
  mv_Layout l;
  lmv_getlayout(v, &l);
  lua_settop(L, 1);
  if (mv_dims_contiguous(l.ndim, l.dim, v->item->size, order == 'F' ? 'F' : 'C')
      || (order == 'A' && mv_dims_contiguous(l.ndim, l.dim, v->item->size, 'F'))) return 1;
  lmv_pushcopy(L, 1, &l, order == 'F' ? 'F' : 'C');
  return 1;
}

/* v:fill(x [, i [, j]]) -> v; of a record, the members that x names */
static int view_fill (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  mv_Span s;
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(v->item, &shift);
  unsigned char *pattern, *mask;
  lmv_checkwritable(L, 1, v);
  lmv_checkpart(L, 3, v, &l);
  lua_settop(L, 2);
  pattern = lmv_newblock(L, item->size);
  mask = lmv_newblock(L, item->size);
  memset(pattern, 0, (size_t)item->size);       /* a record of another format gives no padding */
  memset(mask, 0, (size_t)item->size);
  lmv_packvalue(L, 2, 0, NULL, item, pattern, mask);
  s = lmv_partspan(L, v, &l);
  if (item->kind == MV_RECORD) mv_bulk_blend(&s, pattern, mask);
  else mv_bulk_fill(&s, pattern);
  lua_settop(L, 1);
  return 1;
}

const luaL_Reg lmv_convertmethods[] = {
  {"copyfrom", view_copyfrom}, {"tolist", view_tolist}, {"clone", view_clone},
  {"tocontiguous", view_tocontiguous}, {"fill", view_fill},
  {NULL, NULL}
};
