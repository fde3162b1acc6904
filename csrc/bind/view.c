/* view.c -- the class View: making, attributes, items, lifetime. */
#include "quick.h"

#include <stdio.h>
#include <string.h>

/* Keys in the registry: the metatables of views, with and without a finalizer. */
static char plainkey, pinnedkey;

/* The table of names in the registry: methods and attributes of views. */
static char nameskey;

/* What a released view's base points to. */
static unsigned char *const nowhere = NULL;

#define LMV_VIEWNAME "memview.View"

#define QUICKRECORD 255         /* `quick` of one record */

/* ---- Self ---------------------------------------------------------------------- */

lmv_View *lmv_checkview (lua_State *L, int arg) {
  lmv_View *v = lmv_toview(L, arg);
  if (v == NULL) luaL_typeerror(L, arg, "view");
  return v;
}

unsigned char *lmv_address (lua_State *L, const lmv_View *v) {
  unsigned char *base = *v->base;
  if (base == NULL) luaL_error(L, LMV_RELEASED);
  return lmv_at(base, v->offset);
}

int lmv_badview (lua_State *L, int arg, const char *message) {
  if (arg != 1) return luaL_argerror(L, arg, message);
  return luaL_error(L, "%s", message);
}

mv_Span lmv_viewspan (lua_State *L, const lmv_View *v) {
  mv_Span s;
  s.at = lmv_address(L, v);
  s.ndim = v->ndim;
  s.dim = v->dim;
  s.item = v->item;
  return s;
}

void lmv_getlayout (const lmv_View *v, mv_Layout *l) {
  l->offset = v->offset;
  l->ndim = v->ndim;
  lmv_copydims(l->dim, v->dim, v->ndim);
}

/* ---- Making ---------------------------------------------------------------------- */

/* One record with padding around it is the record, as an item of many such is. */
static void unwrap (lmv_View *v) {
  ptrdiff_t shift;
  const mv_Item *value = mv_item_value(v->item, &shift);
  if (value->kind != MV_RECORD) return;
  v->item = value;
  v->offset += shift;
  v->quick = QUICKRECORD;
}

void lmv_settle (lmv_View *v) {
  v->quick = 0;
  if (v->ndim == 1) {
    if (v->dim[0].suboffset < 0 && mv_kind_isnumber(v->item->kind))
      v->quick = (unsigned char)LMV_CODE(v->item->kind, v->item->swap);
  }
  else if (v->ndim == 0 && v->item->kind == MV_RECORD) unwrap(v);
}

lmv_View *lmv_allocview (lua_State *L, const mv_Layout *l, const mv_Item *item, int nuvalues) {
  lmv_View *v = (lmv_View *)lua_newuserdatauv(L, lmv_viewsize(l->ndim), nuvalues);
  memset(v, 0, sizeof(*v));
  v->base = &nowhere;
  v->item = item;
  v->offset = l->offset;
  v->ndim = (unsigned char)l->ndim;
  v->nuvalues = (unsigned char)nuvalues;
  lmv_copydims(v->dim, l->dim, l->ndim);
  lmv_settle(v);
  return v;
}

static void pushclass (lua_State *L, const mv_Memory *memory) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, memory ? &pinnedkey : &plainkey);
}

void lmv_seal (lua_State *L, lmv_View *v, mv_Memory *memory, unsigned char *own) {
  pushclass(L, memory);
  v->tag = LMV_TAGVIEW;
  lua_setmetatable(L, -2);
  v->pinning = memory != NULL;
  if (memory != NULL) {
    v->of.memory = memory;
    v->base = (unsigned char *const *)&memory->data;
    mv_memory_pin(memory);
  }
  else {
    v->of.bytes = own;
    v->base = (unsigned char *const *)&v->of.bytes;
  }
}

/* Sets user value k of the View on top to the value at idx; 0: leaves it. */
static void keep (lua_State *L, int k, int idx) {
  if (idx == 0) return;
  lua_pushvalue(L, idx);
  lua_setiuservalue(L, -2, k);
}

/* The user values of the View on top, which is derived from the one at idx. */
static void keepall (lua_State *L, int idx, int n, int format, int obj) {
  int k;
  for (k = 1; k <= n; k++) {
    lua_getiuservalue(L, idx, k);
    lua_setiuservalue(L, -2, k);
  }
  keep(L, 2, format);
  keep(L, 3, obj);
}

/* As lmv_another; `obj` is the object to give as the exporter, 0: the one of `from`. */
static lmv_View *another (lua_State *L, int idx, const lmv_View *from, int ndim, int format, int obj) {
  int nuvalues = obj != 0 ? 3 : format != 0 && from->nuvalues < 2 ? 2 : from->nuvalues;
  lmv_View *v = (lmv_View *)lua_newuserdatauv(L, lmv_viewsize(ndim), nuvalues);
  if (*from->base == NULL) luaL_error(L, LMV_RELEASED);         /* by a finalizer, just now */
  *v = *from;
  v->ndim = (unsigned char)ndim;
  v->nuvalues = (unsigned char)nuvalues;
  v->anonymous = from->anonymous && obj == 0;
  if (!from->pinning) v->base = (unsigned char *const *)&v->of.bytes;
  keepall(L, idx, from->nuvalues, format, obj);
  if (!lua_getmetatable(L, idx)) pushclass(L, lmv_memoryof(from));      /* the class of `from`, at hand */
  lua_setmetatable(L, -2);
  if (v->pinning) mv_memory_pin(v->of.memory);
  return v;
}

lmv_View *lmv_another (lua_State *L, int idx, const lmv_View *from, int ndim, int format) {
  return another(L, idx, from, ndim, format, 0);
}

/* As lmv_another, of the same dimensions. */
static lmv_View *same (lua_State *L, int idx, const lmv_View *from, int obj) {
  lmv_View *v = another(L, idx, from, from->ndim, 0, obj);
  lmv_copydims(v->dim, from->dim, from->ndim);
  return v;
}

lmv_View *lmv_same (lua_State *L, int idx, const lmv_View *from) { return same(L, idx, from, 0); }

lmv_View *lmv_derive (lua_State *L, int idx, const lmv_View *from, const mv_Layout *l,
                      const mv_Item *item, int format) {
  lmv_View *v = another(L, idx, from, l->ndim, format, 0);
  if (item != NULL) v->item = item;
  v->offset = l->offset;
  lmv_copydims(v->dim, l->dim, l->ndim);
  lmv_settle(v);
  return v;
}

/* A View of the bytes of a string or Buffer at idx, not yet of any length: nothing that
** runs until then may be missed. */
static lmv_View *allocbytes (lua_State *L, int idx, int obj) {
  mv_Layout l;
  lmv_View *v;
  l.offset = 0;
  l.ndim = 1;
  l.dim[0].length = 0;
  l.dim[0].stride = 1;
  l.dim[0].suboffset = -1;
  v = lmv_allocview(L, &l, &mv_byteitem, obj != 0 ? 3 : 1);
  keep(L, 1, idx);
  keep(L, 3, obj);
  return v;
}

lmv_View *lmv_viewbuffer (lua_State *L, int idx, const lmv_Buffer *b, int obj) {
  lmv_View *v = allocbytes(L, idx, obj);
  mv_Memory *memory = b->memory;
  if (memory == NULL) (void)lmv_checkbuffer(L, idx);    /* raises: released, perhaps just now */
  v->dim[0].length = memory->size;
  lmv_seal(L, v, memory, NULL);
  return v;
}

static lmv_View *viewstring (lua_State *L, int idx, int obj) {
  lmv_View *v = allocbytes(L, idx, obj);
  size_t len;
  const char *p = lua_tolstring(L, idx, &len);
  v->dim[0].length = (ptrdiff_t)len;
  v->readonly = true;
  lmv_seal(L, v, NULL, (unsigned char *)p);
  return v;
}

lmv_View *lmv_viewof (lua_State *L, int idx, lmv_Exporter kind, int obj) {
  if (kind == LMV_STRING) return viewstring(L, idx, obj);
  if (kind == LMV_BUFFER) return lmv_viewbuffer(L, idx, lmv_tobuffer(L, idx), obj);
  return same(L, idx, lmv_toview(L, idx), obj);
}

lmv_View *lmv_viewfresh (lua_State *L, mv_Layout *l, const mv_Item *item, int format, char order) {
  ptrdiff_t nbytes;
  unsigned char *bytes;
  lmv_View *v;
  if (mv_dims_pack(l->ndim, l->dim, item->size, order, &nbytes) != MV_OK) lmv_nomemory(L);
  l->offset = 0;
  bytes = lmv_newblock(L, nbytes);
  v = lmv_allocview(L, l, item, format != 0 ? 2 : 1);
  v->anonymous = true;
  keep(L, 1, lua_gettop(L) - 1);
  keep(L, 2, format);
  lmv_seal(L, v, NULL, bytes);
  lua_remove(L, -2);
  return v;
}

/* ---- Lifetime ------------------------------------------------------------------------ */

void lmv_release (lmv_View *v) {
  mv_Memory *memory = lmv_memoryof(v);
  v->base = &nowhere;
  v->of.bytes = NULL;
  v->pinning = false;
  v->quick = 0;
  if (memory != NULL) mv_memory_unpin(memory);
}

static int view_release (lua_State *L) {
  lmv_View *v = lmv_checkview(L, 1);
  int k;
  lmv_release(v);
  for (k = 1; k <= v->nuvalues; k += 2) {       /* the owner may go; the item still needs its format */
    lua_pushnil(L);
    lua_setiuservalue(L, 1, k);
  }
  return 0;
}

static int view_gc (lua_State *L) {
  lmv_release(lmv_checkview(L, 1));
  return 0;
}

/* ---- Items ------------------------------------------------------------------------------ */

ptrdiff_t lmv_checklength (lua_State *L, int arg, const lmv_View *v) {
  if (v->ndim == 0) lmv_badview(L, arg, "view has 0 dimensions, so no length");
  return v->dim[0].length;
}

void lmv_pick (lua_State *L, const lmv_View *v, mv_Layout *l, int d, ptrdiff_t i) {
  unsigned char *base, *at;
  if (mv_layout_pick(l, d, i)) return;
  if (d > 0) luaL_error(L, "cannot pick behind a dimension that follows pointers");
  (void)lmv_address(L, v);
  base = *v->base;
  memcpy(&at, lmv_at(base, l->offset) + i * l->dim[0].stride, sizeof at);
  l->offset = (ptrdiff_t)((uintptr_t)at - (uintptr_t)base) + l->dim[0].suboffset;
  l->dim[0].stride = 0;
  l->dim[0].suboffset = -1;
  (void)mv_layout_pick(l, 0, 0);
}

/* Pushes what lies at layout l, one part of the view at idx: a value, or a View. */
static void pushpart (lua_State *L, int idx, const lmv_View *v, mv_Layout *l) {
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(v->item, &shift);
  if (l->ndim > 0 || item->kind == MV_RECORD) lmv_derive(L, idx, v, l, NULL, 0);
  else lmv_pushvalue(L, item, lmv_at(lmv_address(L, v), l->offset - v->offset) + shift);
}

/* Pushes a View of what lies at i: a part of fewer dimensions, or a record. */
static void pushrow (lua_State *L, int idx, const lmv_View *v, ptrdiff_t i) {
  lmv_View *row = lmv_another(L, idx, v, v->ndim - 1, 0);
  if (mv_dims_items(v->ndim, v->dim) > 0) row->offset += i * v->dim[0].stride;  /* else it might not fit */
  lmv_copydims(row->dim, v->dim + 1, v->ndim - 1);
  lmv_settle(row);
}

void lmv_pushitem (lua_State *L, int idx, const lmv_View *v, ptrdiff_t i) {
  mv_Layout l;
  ptrdiff_t shift;
  if (v->quick != 0) {
    (void)lmv_pushquick(L, v->item->kind, v->item->swap, lmv_address(L, v) + i * v->dim[0].stride);
    return;
  }
  if (v->dim[0].suboffset < 0 && (v->ndim > 1 || mv_item_value(v->item, &shift)->kind == MV_RECORD)) {
    pushrow(L, idx, v, i);
    return;
  }
  lmv_getlayout(v, &l);
  lmv_pick(L, v, &l, 0, i);
  pushpart(L, idx, v, &l);
}

/* The position that the number at idx stands for, from 0; -1: none, -2: out of range. */
static ptrdiff_t toposition (lua_State *L, int idx, ptrdiff_t n) {
  int exact;
  lua_Integer i = lua_tointegerx(L, idx, &exact);
  if (!exact) return -1;
  if (i < 0) i += n + (lua_Integer)1;
  return i >= 1 && i <= n ? (ptrdiff_t)i - 1 : -2;
}

static int getitem (lua_State *L, const lmv_View *v) {
  ptrdiff_t i;
  (void)lmv_address(L, v);
  if (v->ndim == 0 && !lmv_isrecord(v))
    return lmv_badview(L, 1, "view has 0 dimensions; get() reads it");
  i = toposition(L, 2, v->ndim == 0 ? 0 : v->dim[0].length);    /* a record's fields were looked for */
  if (i == -1) return luaL_argerror(L, 2, "number has no integer representation");
  if (i < 0) lua_pushnil(L);
  else lmv_pushitem(L, 1, v, i);
  return 1;
}

/* The address of item number 2, which is a number, of numbers in one dimension; NULL for
** anything but a position in range. */
static inline unsigned char *quickitem (lua_State *L, const lmv_View *v) {
  unsigned char *base = *v->base;
  int exact;
  lua_Unsigned i = (lua_Unsigned)lua_tointegerx(L, 2, &exact) - 1;
  if (i >= (lua_Unsigned)v->dim[0].length || !exact || base == NULL) return NULL;
  return lmv_at(base, v->offset) + (ptrdiff_t)i * v->dim[0].stride;
}

/* The number member of a record that the string at 2 names, by the identity of the
** string: members' keys are strings that their format keeps alive. NULL: look again. */
static inline const mv_Member *quickmember (lua_State *L, const lmv_View *v) {
  const void *key = lua_topointer(L, 2);
  const mv_Member *m;
  if (key == NULL || *v->base == NULL) return NULL;
  m = mv_record_bykey(v->item->record, key);
  return m != NULL && m->ndim == 0 && mv_kind_isnumber(m->item.kind) ? m : NULL;
}

static int pushattribute (lua_State *L, lua_Integer k, const lmv_View *v);

/* Gives the entry on top, of that type, of the table of names (upvalue 1), which has
** methods as functions and attributes as numbers. */
static int pushnamed (lua_State *L, const lmv_View *v, int type) {
  if (type == LUA_TNUMBER) return pushattribute(L, lua_tointeger(L, -1), v);
  if (type != LUA_TFUNCTION) (void)lmv_address(L, v);
  return 1;
}

static int getnamed (lua_State *L, const lmv_View *v) {
  lua_settop(L, 2);
  return pushnamed(L, v, lua_rawget(L, lua_upvalueindex(1)));
}

/* rec[key]: the fields of a record hide names. */
static int getmember (lua_State *L, const lmv_View *v) {
  int type;
  if (lmv_getfield(L, v)) return 1;
  if (lua_type(L, 2) == LUA_TNUMBER) return getitem(L, v);
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  type = lua_rawget(L, lua_upvalueindex(1));
  if (type != LUA_TNIL) return pushnamed(L, v, type);
  (void)lmv_address(L, v);
  return lmv_nofield(L, 2, v->item->record, 2);
}

/* v[key]: what is asked for most comes first, with nothing looked up. */
static int view_index (lua_State *L) {
  const lmv_View *v = lmv_toview(L, 1);
  if (v == NULL) return luaL_typeerror(L, 1, "view");
  if (v->quick == QUICKRECORD) {
    const mv_Member *m = quickmember(L, v);
    if (m != NULL) return lmv_pushquick(L, m->item.kind, m->item.swap, lmv_at(*v->base, v->offset) + m->offset);
  }
  else if (lua_type(L, 2) == LUA_TNUMBER) {
    const unsigned char *p = v->quick != 0 ? quickitem(L, v) : NULL;
    if (p == NULL) return getitem(L, v);
    lmv_pushcode(L, v->quick, p);
    return 1;
  }
  return lmv_isrecord(v) ? getmember(L, v) : getnamed(L, v);
}

/* Writes the value at arg to what lies at layout l of the view at 1. */
static void setpart (lua_State *L, int arg, const lmv_View *v, const mv_Layout *l) {
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(v->item, &shift);
  mv_Value x;
  if (l->ndim > 0 || item->kind == MV_RECORD) {
    lmv_copyinto(L, 1, l, v->item, arg);
    return;
  }
  lmv_checkvalue(L, arg, item, &x);
  mv_item_store(item, lmv_at(lmv_address(L, v), l->offset - v->offset) + shift, &x);
}

static int setitem (lua_State *L, lmv_View *v) {
  mv_Layout l;
  ptrdiff_t i;
  (void)lmv_address(L, v);
  if (lmv_isrecord(v)) { lmv_setfield(L, v); return 0; }
  if (lua_type(L, 2) != LUA_TNUMBER)
    return luaL_argerror(L, 2, lua_pushfstring(L, "cannot assign to '%s' of a view%s", luaL_tolstring(L, 2, NULL),
                                               lua_isnumber(L, 2) ? ": a string is no position" : ""));
  lmv_checkwritable(L, 1, v);
  if (v->ndim == 0) return lmv_badview(L, 1, "view has 0 dimensions; set() writes it");
  i = lmv_checkindex(L, 2, v->dim[0].length, "view");
  lmv_getlayout(v, &l);
  lmv_pick(L, v, &l, 0, i);
  setpart(L, 3, v, &l);
  return 0;
}

/* v[key] = x: numbers in one dimension and of records first. */
static int view_newindex (lua_State *L) {
  lmv_View *v = lmv_toview(L, 1);
  if (v == NULL) return luaL_typeerror(L, 1, "view");
  if (v->quick == 0 || v->readonly) return setitem(L, v);
  if (v->quick == QUICKRECORD) {
    const mv_Member *m = quickmember(L, v);
    if (m != NULL && lmv_storequick(L, 3, m->item.kind, m->item.swap, lmv_at(*v->base, v->offset) + m->offset))
      return 0;
  }
  else if (lua_type(L, 2) == LUA_TNUMBER) {
    unsigned char *p = quickitem(L, v);
    if (p != NULL && lmv_storecode(L, 3, v->quick, p)) return 0;
  }
  return setitem(L, v);
}

/* The layout of the one item at the indices from argument 2 on, one for each
** dimension; `extra` more arguments follow. */
static void checkcell (lua_State *L, const lmv_View *v, int extra, mv_Layout *l) {
  int d, given = lua_gettop(L) - 1 - extra;
  if (given != v->ndim)
    luaL_error(L, "%d %s expected, got %d", v->ndim, v->ndim == 1 ? "index" : "indices", given < 0 ? 0 : given);
  lmv_getlayout(v, l);
  for (d = 0; d < v->ndim; d++)
    lmv_pick(L, v, l, 0, lmv_checkindex(L, 2 + d, v->dim[d].length, "view"));
}

/* The address of the item at indices 2, 3, ... of a direct view of numbers; NULL where
** anything is not plain. */
static inline unsigned char *quickcell (lua_State *L, const lmv_View *v, int given) {
  ptrdiff_t at = v->offset;
  int d;
  if (given != v->ndim || !mv_kind_isnumber(v->item->kind)) return NULL;
  for (d = 0; d < given; d++) {
    const mv_Dim *dim = &v->dim[d];
    lua_Unsigned i;
    if (dim->suboffset >= 0 || !lua_isinteger(L, d + 2)) return NULL;
    i = (lua_Unsigned)lua_tointeger(L, d + 2) - 1;
    if (i >= (lua_Unsigned)dim->length) return NULL;
    at += (ptrdiff_t)i * dim->stride;
  }
  return lmv_at(*v->base, at);
}

/* v:get(i, j, ...) -> the item; a record is a View */
static int view_get (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  const unsigned char *p = quickcell(L, v, lua_gettop(L) - 1);
  mv_Layout l;
  if (p != NULL) lmv_pushcode(L, LMV_CODE(v->item->kind, v->item->swap), p);
  else {
    checkcell(L, v, 0, &l);
    pushpart(L, 1, v, &l);
  }
  return 1;
}

/* v:set(i, j, ..., x) */
static int view_set (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  int arg = lua_gettop(L);
  mv_Layout l;
  unsigned char *p;
  lmv_checkwritable(L, 1, v);
  if (arg < 2) luaL_checkany(L, 2);
  p = quickcell(L, v, arg - 2);
  if (p != NULL && lmv_storecode(L, arg, LMV_CODE(v->item->kind, v->item->swap), p)) return 0;
  checkcell(L, v, 1, &l);
  setpart(L, arg, v, &l);
  return 0;
}

static int view_len (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  lua_pushinteger(L, lmv_isrecord(v) ? v->item->record->nvalues : lmv_checklength(L, 1, v));
  return 1;
}

/* v:unpack([i [, j]]): the items of the first dimension as results. */
static int view_unpack (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  lmv_Range r;
  ptrdiff_t i;
  if (lmv_isrecord(v)) return lmv_unpackrecord(L, v);
  r = lmv_checkrange(L, 2, lmv_checklength(L, 1, v));
  if (r.length >= INT_MAX - 16 || !lua_checkstack(L, (int)r.length + 8))
    return luaL_error(L, "too many results to unpack");
  for (i = 0; i < r.length; i++) lmv_pushitem(L, 1, v, r.start + i);
  return (int)r.length;
}

static int nextitem (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  lua_Integer i = lmv_checkinteger(L, 2);
  if (i < 0 || i >= lmv_checklength(L, 1, v)) return 0;
  lua_pushinteger(L, i + 1);
  lmv_pushitem(L, 1, v, (ptrdiff_t)i);
  return 2;
}

static int view_pairs (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  if (lmv_isrecord(v)) return lmv_recordpairs(L);
  (void)lmv_checklength(L, 1, v);
  lua_pushcfunction(L, nextitem);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

/* ---- Attributes ---------------------------------------------------------------------------- */

static void pushsequence (lua_State *L, const lmv_View *v, size_t field) {
  int d;
  lua_createtable(L, v->ndim, 0);
  for (d = 0; d < v->ndim; d++) {
    ptrdiff_t x;
    memcpy(&x, (const char *)&v->dim[d] + field, sizeof x);
    lua_pushinteger(L, x);
    lua_rawseti(L, -2, d + 1);
  }
}

static bool iscontiguous (const lmv_View *v, char order) {
  return mv_dims_contiguous(v->ndim, v->dim, v->item->size, order);
}

void lmv_pushobj (lua_State *L, int idx, const lmv_View *v) {
  if (v->anonymous) lua_pushnil(L);
  else lua_getiuservalue(L, idx, v->nuvalues >= 3 ? 3 : 1);
}

static void get_obj (lua_State *L, const lmv_View *v) { lmv_pushobj(L, 1, v); }

static void get_nbytes (lua_State *L, const lmv_View *v) {
  lua_pushinteger(L, mv_dims_items(v->ndim, v->dim) * v->item->size);
}

static void get_itemsize (lua_State *L, const lmv_View *v) { lua_pushinteger(L, v->item->size); }
static void get_format (lua_State *L, const lmv_View *v) { lmv_pushformat(L, v->item); }
static void get_ndim (lua_State *L, const lmv_View *v) { lua_pushinteger(L, v->ndim); }
static void get_shape (lua_State *L, const lmv_View *v) { pushsequence(L, v, offsetof(mv_Dim, length)); }
static void get_strides (lua_State *L, const lmv_View *v) { pushsequence(L, v, offsetof(mv_Dim, stride)); }

static void get_suboffsets (lua_State *L, const lmv_View *v) {
  if (mv_dims_indirect(v->ndim, v->dim)) pushsequence(L, v, offsetof(mv_Dim, suboffset));
  else lua_pushnil(L);
}

static void get_readonly (lua_State *L, const lmv_View *v) { lua_pushboolean(L, v->readonly); }

static void get_contiguous (lua_State *L, const lmv_View *v) {
  lua_pushboolean(L, iscontiguous(v, 'C') || iscontiguous(v, 'F'));
}

static void get_ccontiguous (lua_State *L, const lmv_View *v) { lua_pushboolean(L, iscontiguous(v, 'C')); }
static void get_fcontiguous (lua_State *L, const lmv_View *v) { lua_pushboolean(L, iscontiguous(v, 'F')); }
static void get_released (lua_State *L, const lmv_View *v) { lua_pushboolean(L, *v->base == NULL); }

static const struct Attribute {
  const char *name;
  void (*push) (lua_State *L, const lmv_View *v);       /* v is at index 1 */
} attributes[] = {
  {"released", get_released},           /* the first one: works on released views */
  {"obj", get_obj}, {"nbytes", get_nbytes}, {"itemsize", get_itemsize}, {"format", get_format},
  {"ndim", get_ndim}, {"shape", get_shape}, {"strides", get_strides},
  {"suboffsets", get_suboffsets}, {"readonly", get_readonly}, {"contiguous", get_contiguous},
  {"c_contiguous", get_ccontiguous}, {"f_contiguous", get_fcontiguous}
};

#define NATTRIBUTES  ((int)(sizeof attributes / sizeof attributes[0]))

static int pushattribute (lua_State *L, lua_Integer k, const lmv_View *v) {
  if (k > 0) (void)lmv_address(L, v);
  attributes[k].push(L, v);
  return 1;
}

/* memview.shape(v) and the like: the attribute's number is the upvalue. */
static int attributefunction (lua_State *L) {
  const lmv_View *v = lmv_checkview(L, 1);
  return pushattribute(L, lua_tointeger(L, lua_upvalueindex(1)), v);
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* memview.View: 0x55d0c8e2 f[4,4] read-only */
static int view_tostring (lua_State *L) {
  lmv_View *v = lmv_checkview(L, 1);
  const char *shape;
  lua_settop(L, 1);
  if (*v->base == NULL) { lua_pushliteral(L, "memview.View: (released)"); return 1; }
  lmv_pushformat(L, v->item);
  lmv_pushshape(L, v->ndim, v->dim);
  shape = luaL_gsub(L, lua_tostring(L, -1), "{", "[");
  shape = luaL_gsub(L, shape, "}", "]");
  lua_pushfstring(L, "memview.View: %p %s%s%s", (const void *)v, lua_tostring(L, 2), shape,
                  v->readonly ? " read-only" : "");
  return 1;
}

/* ---- The class --------------------------------------------------------------------------------- */

static const luaL_Reg methods[] = {
  {"get", view_get}, {"set", view_set}, {"unpack", view_unpack}, {"release", view_release},
  {NULL, NULL}
};

static const luaL_Reg metamethods[] = {
  {"__newindex", view_newindex}, {"__len", view_len}, {"__pairs", view_pairs}, {"__eq", lmv_eq},
  {"__tostring", view_tostring}, {"__close", view_release}, {"__concat", lmv_concat},
  {NULL, NULL}
};

/* Fills the table on top with methods; `attribute` makes the entry of attribute k. */
static void setnames (lua_State *L, void (*pushentry) (lua_State *L, int k)) {
  int k;
  luaL_setfuncs(L, methods, 0);
  luaL_setfuncs(L, lmv_shapemethods, 0);
  luaL_setfuncs(L, lmv_convertmethods, 0);
  luaL_setfuncs(L, lmv_opsmethods, 0);
  luaL_setfuncs(L, lmv_recordmethods, 0);
  luaL_setfuncs(L, lmv_filemethods, 0);
  for (k = 0; k < NATTRIBUTES; k++) {
    pushentry(L, k);
    lua_setfield(L, -2, attributes[k].name);
  }
}

static void pushattributenumber (lua_State *L, int k) { lua_pushinteger(L, k); }

static void pushattributefunction (lua_State *L, int k) {
  lua_pushinteger(L, k);
  lua_pushcclosure(L, attributefunction, 1);
}

/* A metatable, kept under `key`; the table of names is on top and stays there. */
static void makeclass (lua_State *L, void *key, bool finalizer) {
  lua_newtable(L);
  luaL_setfuncs(L, metamethods, 0);
  lua_pushvalue(L, -2);
  lua_pushcclosure(L, view_index, 1);
  lua_setfield(L, -2, "__index");
  if (finalizer) {
    lua_pushcfunction(L, view_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_pushliteral(L, LMV_VIEWNAME);
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, LMV_VIEWNAME);
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, key);
}

/* addmethod(name, f): for the Lua layer, which writes some methods in Lua. */
static int addmethod (lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &nameskey);
  lua_insert(L, 1);
  lua_rawset(L, 1);
  return 0;
}

void lmv_openview (lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, addmethod);
  lua_setfield(L, -2, "addmethod");
  lua_setfield(L, -2, "internal");
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &nameskey);
  setnames(L, pushattributenumber);
  makeclass(L, &plainkey, false);
  makeclass(L, &pinnedkey, true);
  lua_pop(L, 1);
  setnames(L, pushattributefunction);
}
