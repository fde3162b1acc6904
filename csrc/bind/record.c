/* record.c -- records: views of one record read and write its members; columns. */
#include "lmv.h"

#include <limits.h>
#include <string.h>

/* ---- Members --------------------------------------------------------------------- */

const mv_Member *lmv_findmember (lua_State *L, int idx, const mv_Record *r, ptrdiff_t *element) {
  const mv_Member *m;
  *element = 0;
  if (lua_type(L, idx) == LUA_TSTRING) {
    size_t len;
    const char *name = lua_tolstring(L, idx, &len);
    return mv_record_find(r, name, len);
  }
  if (lua_type(L, idx) == LUA_TNUMBER) {
    int exact;
    lua_Integer i = lua_tointegerx(L, idx, &exact);
    if (exact && i < 0) i += r->nvalues + (lua_Integer)1;
    if (!exact || i < 1 || i > r->nvalues) return NULL;
    m = mv_record_at(r, (ptrdiff_t)i - 1);
    *element = m->ndim > 0 ? 0 : (ptrdiff_t)i - 1 - m->position;
    return m;
  }
  return NULL;
}

/* Pushes the names of the fields: "x, y, z". */
static void pushnames (lua_State *L, const mv_Record *r) {
  luaL_Buffer b;
  const mv_Member *m;
  bool first = true;
  luaL_buffinit(L, &b);
  for (m = r->first; m != NULL; m = m->next) {
    if (m->name == NULL) continue;
    if (!first) luaL_addstring(&b, ", ");
    luaL_addlstring(&b, m->name, m->namelen);
    first = false;
  }
  luaL_pushresult(&b);
}

const char *lmv_pushnofield (lua_State *L, const mv_Record *r, int key) {
  const char *text = luaL_tolstring(L, key, NULL);
  if (!r->named || lua_type(L, key) == LUA_TNUMBER)
    return lua_pushfstring(L, "no field '%s' (fields: 1 to %I)", text, (LUAI_UACINT)r->nvalues);
  pushnames(L, r);
  return lua_pushfstring(L, "no field '%s' (fields: %s)", text, lua_tostring(L, -1));
}

int lmv_nofield (lua_State *L, int arg, const mv_Record *r, int key) {
  return luaL_argerror(L, arg, lmv_pushnofield(L, r, key));
}

/* What lies at the same place of every record of a view: items, with the dimensions of the
** arrays that they stand in, which come behind those of the view. */
typedef struct Column {
  const mv_Item *item;
  ptrdiff_t shift;              /* from the start of the record, in bytes */
  int ndim;
  mv_Dim dim[MV_MAXDIM];
} Column;

/* The column that is the items themselves; "xH" is the H. */
static void startcolumn (Column *c, const mv_Item *item) {
  c->item = mv_item_value(item, &c->shift);
  c->ndim = 0;
}

/* Goes on to a member of a column of records of v. */
static void enter (lua_State *L, Column *c, const lmv_View *v, const mv_Member *m, ptrdiff_t element) {
  mv_Dim *dims = c->dim + c->ndim;
  ptrdiff_t nbytes;
  int d;
  c->item = &m->item;
  c->shift += m->offset + element * m->item.size;
  if (m->ndim == 0) return;
  if (v->ndim + c->ndim + m->ndim > MV_MAXDIM) luaL_error(L, "field has more than 64 dimensions");
  for (d = 0; d < m->ndim; d++) dims[d].length = m->shape[d];
  (void)mv_dims_pack(m->ndim, dims, m->item.size, 'C', &nbytes);
  c->ndim += m->ndim;
}

/* Pushes the View of a column of the view at idx. */
static void pushcolumn (lua_State *L, int idx, const lmv_View *v, const Column *c) {
  lmv_View *w = lmv_another(L, idx, v, v->ndim + c->ndim, 0);
  w->item = c->item;
  lmv_copydims(w->dim, v->dim, v->ndim);
  lmv_copydims(w->dim + v->ndim, c->dim, c->ndim);
  w->offset += mv_dims_shift(w->ndim, w->dim, c->shift);
  lmv_settle(w);
}

/* Pushes a member of the record at idx: a value, or a View of it. */
static void pushmember (lua_State *L, int idx, const lmv_View *v, const mv_Member *m, ptrdiff_t element) {
  Column c;
  if (m->ndim == 0 && m->item.kind != MV_RECORD) {
    lmv_pushvalue(L, &m->item, lmv_address(L, v) + m->offset + element * m->item.size);
    return;
  }
  startcolumn(&c, v->item);
  enter(L, &c, v, m, element);
  pushcolumn(L, idx, v, &c);
}

bool lmv_getfield (lua_State *L, const lmv_View *v) {
  ptrdiff_t element;
  const mv_Member *m = lmv_findmember(L, 2, v->item->record, &element);
  if (m == NULL) return false;
  pushmember(L, 1, v, m, element);
  return true;
}

void lmv_setfield (lua_State *L, const lmv_View *v) {
  ptrdiff_t element;
  const mv_Member *m = lmv_findmember(L, 2, v->item->record, &element);
  Column c;
  mv_Layout l;
  mv_Value x;
  (void)lmv_address(L, v);
  if (m == NULL) lmv_nofield(L, 2, v->item->record, 2);
  lmv_checkwritable(L, 1, v);
  if (m->ndim == 0 && m->item.kind != MV_RECORD) {
    lmv_checkvalue(L, 3, &m->item, &x);
    mv_item_store(&m->item, lmv_address(L, v) + m->offset + element * m->item.size, &x);
    return;
  }
  startcolumn(&c, v->item);
  enter(L, &c, v, m, element);
  l.offset = v->offset + c.shift;       /* v is one record */
  l.ndim = c.ndim;
  lmv_copydims(l.dim, c.dim, c.ndim);
  lmv_copyinto(L, 1, &l, c.item, 3);
}

/* ---- All members -------------------------------------------------------------------- */

int lmv_unpackrecord (lua_State *L, const lmv_View *v) {
  lmv_Range r = lmv_checkrange(L, 2, v->item->record->nvalues);
  const mv_Member *m;
  ptrdiff_t i;
  if (r.length >= INT_MAX - 16 || !lua_checkstack(L, (int)r.length + 8))
    return luaL_error(L, "too many results to unpack");
  m = r.length > 0 ? mv_record_at(v->item->record, r.start) : NULL;
  for (i = 0; i < r.length; i++, m = mv_member_next(m, r.start + i))
    pushmember(L, 1, v, m, m->ndim > 0 ? 0 : r.start + i - m->position);
  return (int)r.length;
}

/* Iterator; upvalues: the record, the position, its member. Gives name (or position) and
** value. */
static int nextmember (lua_State *L) {
  lmv_View *v;
  lua_Integer i = lua_tointeger(L, lua_upvalueindex(2));
  const mv_Member *m = (const mv_Member *)lua_touserdata(L, lua_upvalueindex(3));
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  v = lmv_checklive(L, 1);
  if (i >= v->item->record->nvalues) return 0;
  lua_pushinteger(L, i + 1);
  lua_replace(L, lua_upvalueindex(2));
  if (i + 1 < v->item->record->nvalues) {
    lua_pushlightuserdata(L, (void *)mv_member_next(m, (ptrdiff_t)i + 1));
    lua_replace(L, lua_upvalueindex(3));
  }
  if (m->name != NULL) lua_pushlstring(L, m->name, m->namelen);
  else lua_pushinteger(L, i + 1);
  pushmember(L, 1, v, m, m->ndim > 0 ? 0 : (ptrdiff_t)i - m->position);
  return 2;
}

int lmv_recordpairs (lua_State *L) {
  const lmv_View *v = lmv_toview(L, 1);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushlightuserdata(L, (void *)mv_record_at(v->item->record, 0));
  lua_pushcclosure(L, nextmember, 3);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

/* ---- Columns -------------------------------------------------------------------------- */

/* The member that `path` begins with: the longest name in front of a dot or the end.
** *used is its length with the dot. */
static const mv_Member *stepinto (const mv_Record *r, const char *path, size_t len, size_t *used) {
  size_t n = len;
  for (;;) {
    const mv_Member *m = mv_record_find(r, path, n);
    if (m != NULL) { *used = n < len ? n + 1 : n; return m; }
    while (n > 0 && path[n - 1] != '.') n--;
    if (n == 0) return NULL;
    n--;
  }
}

/* Follows "pos.x" from a column of records on; raises where it leads nowhere. */
static void followpath (lua_State *L, Column *c, const lmv_View *v) {
  size_t len, used = 0;
  const char *path = lua_tolstring(L, 2, &len);
  bool more;
  do {
    const mv_Member *m = c->item->kind == MV_RECORD ? stepinto(c->item->record, path, len, &used) : NULL;
    if (m == NULL) {
      if (c->item->kind != MV_RECORD)
        luaL_argerror(L, 2, lua_pushfstring(L, "'%s' goes on behind a field that is no record", lua_tostring(L, 2)));
      lua_pushlstring(L, path, len);
      lmv_nofield(L, 2, c->item->record, lua_gettop(L));
    }
    enter(L, c, v, m, 0);
    more = used > m->namelen;           /* a dot behind the name */
    path += used;
    len -= used;
  } while (more);
}

/* v:field(name) -> View of that member in every record; name may be a path or a position */
static int view_field (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  const mv_Member *m;
  const void *key;
  ptrdiff_t element;
  Column c;
  startcolumn(&c, v->item);
  if (c.item->kind != MV_RECORD) {
    lmv_pushformat(L, c.item);
    return luaL_error(L, "view of records expected, got items of '%s'", lua_tostring(L, -1));
  }
  key = lua_topointer(L, 2);
  m = key != NULL ? mv_record_bykey(c.item->record, key) : NULL;
  if (m != NULL) enter(L, &c, v, m, 0);
  else if (lua_type(L, 2) == LUA_TSTRING) followpath(L, &c, v);
  else {
    m = lmv_findmember(L, 2, c.item->record, &element);
    if (lua_type(L, 2) != LUA_TNUMBER) return luaL_typeerror(L, 2, "name");
    if (m == NULL) return lmv_nofield(L, 2, c.item->record, 2);
    enter(L, &c, v, m, element);
  }
  pushcolumn(L, 1, v, &c);
  return 1;
}

/* ---- Bits ------------------------------------------------------------------------------- */

/* Checks a view of bytes, an offset in bits and a width; gives the address of byte 0. */
static unsigned char *checkbits (lua_State *L, const lmv_View *v, lua_Integer *offset, lua_Integer *width) {
  lua_Integer bits;
  lmv_checkbytes(L, v);
  if (v->dim[0].suboffset >= 0) lmv_badview(L, 1, LMV_NOTCONTIGUOUS);
  *offset = lmv_checkinteger(L, 2);
  *width = lmv_checkinteger(L, 3);
  if (*width < 1 || *width > 64)
    luaL_argerror(L, 3, lua_pushfstring(L, "width %I out of range (1 to 64)", (LUAI_UACINT)*width));
  bits = (lua_Unsigned)v->dim[0].length > LUA_MAXINTEGER / 8 ? LUA_MAXINTEGER : (lua_Integer)v->dim[0].length * 8;
  if (*offset < 0 || *offset > bits - *width)
    luaL_argerror(L, 2, lua_pushfstring(L, "%I bits at offset %I do not lie in the %I bits of the view",
                  (LUAI_UACINT)*width, (LUAI_UACINT)*offset, (LUAI_UACINT)bits));
  return lmv_address(L, v);
}

/* v:getbits(offset, width) -> integer; offset in bits from 0, least significant first */
static int view_getbits (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  lua_Integer offset, width;
  const unsigned char *p = checkbits(L, v, &offset, &width);
  lua_pushinteger(L, (lua_Integer)mv_bits_get(p, v->dim[0].stride, offset, (int)width));
  return 1;
}

/* v:setbits(offset, width, x) -> v */
static int view_setbits (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  lua_Integer offset, width, x;
  unsigned char *p;
  lmv_checkwritable(L, 1, v);
  x = lmv_checkinteger(L, 4);
  p = checkbits(L, v, &offset, &width);
  if (width < 64 && ((lua_Unsigned)x >> width) != 0)
    luaL_argerror(L, 4, lua_pushfstring(L, "%I does not fit %d bit%s (0 to %I)", (LUAI_UACINT)x, (int)width, width == 1 ? "" : "s",
                                        (LUAI_UACINT)(((lua_Unsigned)1 << width) - 1)));
  mv_bits_set(p, v->dim[0].stride, offset, (int)width, (uint64_t)x);
  lua_settop(L, 1);
  return 1;
}

const luaL_Reg lmv_recordmethods[] = {
  {"field", view_field}, {"getbits", view_getbits}, {"setbits", view_setbits},
  {NULL, NULL}
};
