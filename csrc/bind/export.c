/* export.c -- who can give bytes, and where they are.
**
** Getting at the memory of a value takes two steps. lmv_resolve may run Lua
** code (a __buffer); it leaves a string, Buffer or View in the value's place.
** lmv_getsource and lmv_getbytes then run none, so what they give stays good
** until the caller itself calls Lua again.
*/
#include "lmv.h"

#include <string.h>

int lmv_nomemory (lua_State *L) {
  return luaL_error(L, "not enough memory");
}

void lmv_checkstack (lua_State *L, int n) {
  if (!lua_checkstack(L, n)) lmv_nomemory(L);
}

/* A stopped collector stays stopped. */
void lmv_announce (lua_State *L, ptrdiff_t n) {
  if (n >= 512 && lua_gc(L, LUA_GCISRUNNING)) lmv_gcstep(L, n);
}

static int nothing (lua_State *L) { (void)L; return 0; }

/* Room for a call is made first: where memory is short Lua cannot run a finalizer that
** has none, and what that was to unpin would stay pinned. */
void lmv_collect (lua_State *L) {
  lmv_checkstack(L, 2 * LUA_MINSTACK);
  lua_pushcfunction(L, nothing);
  lua_call(L, 0, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
}

unsigned char *lmv_newblock (lua_State *L, ptrdiff_t n) {
  lmv_Block *b;
  if ((size_t)n > (size_t)PTRDIFF_MAX - sizeof(lmv_Block)) lmv_nomemory(L);
  b = (lmv_Block *)lua_newuserdatauv(L, (size_t)n + sizeof(lmv_Block), 0);
  b->tag = LMV_TAGBLOCK;
  return (unsigned char *)(b + 1);
}

static lmv_Exporter exporterkind (lua_State *L, int idx) {
  lmv_View *v;
  lmv_Buffer *b;
  return lmv_lookat(L, idx, &v, &b);
}

lmv_Exporter lmv_resolve (lua_State *L, int idx) {
  lmv_Exporter kind = exporterkind(L, idx);
  idx = lua_absindex(L, idx);
  if (kind != LMV_NONE || luaL_getmetafield(L, idx, "__buffer") == LUA_TNIL) return kind;
  lua_pushvalue(L, idx);
  lua_call(L, 1, 1);
  kind = exporterkind(L, -1);
  if (kind == LMV_NONE)
    luaL_error(L, "'__buffer' must return a string, buffer or view, got %s", luaL_typename(L, -1));
  lua_replace(L, idx);
  return kind;
}

lmv_Exporter lmv_checkexporter (lua_State *L, int arg) {
  lmv_Exporter kind = lmv_resolve(L, arg);
  if (kind == LMV_NONE) luaL_typeerror(L, arg, "string, buffer or view");
  return kind;
}

static void setbytes (lmv_Source *s, const void *p, ptrdiff_t n) {
  s->dim.length = n;
  s->dim.stride = 1;
  s->dim.suboffset = -1;
  s->span.at = (unsigned char *)p;
  s->span.ndim = 1;
  s->span.dim = &s->dim;
  s->span.item = &mv_byteitem;
  s->plain = true;
}

void lmv_getsource (lua_State *L, int idx, lmv_Exporter kind, lmv_Source *s) {
  switch (kind) {
    case LMV_STRING: {
      size_t len;
      const char *p = lua_tolstring(L, idx, &len);
      setbytes(s, p, (ptrdiff_t)len);
      return;
    }
    case LMV_BUFFER: {
      const mv_Memory *m = lmv_checkbuffer(L, idx)->memory;
      setbytes(s, m->data, m->size);
      return;
    }
    case LMV_VIEW: {
      s->span = lmv_viewspan(L, lmv_toview(L, idx));
      s->plain = false;
      return;
    }
    case LMV_NONE: break;
  }
  luaL_error(L, "no exporter");
}

lmv_Exporter lmv_pack (lua_State *L, int idx, lmv_Exporter kind) {
  const lmv_View *v;
  mv_Layout l;
  if (kind != LMV_VIEW) return kind;
  v = lmv_toview(L, idx);
  (void)lmv_address(L, v);
  if (mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'C')) return kind;
  idx = lua_absindex(L, idx);
  lmv_getlayout(v, &l);
  lmv_pushbytes(L, v, &l, 'C');
  lua_replace(L, idx);
  return LMV_STRING;
}

const unsigned char *lmv_getbytes (lua_State *L, int idx, lmv_Exporter kind, ptrdiff_t *n) {
  if (kind == LMV_STRING) {
    size_t len;
    const char *p = lua_tolstring(L, idx, &len);
    *n = (ptrdiff_t)len;
    return (const unsigned char *)p;
  }
  if (kind == LMV_BUFFER) {
    const mv_Memory *m = lmv_checkbuffer(L, idx)->memory;
    *n = m->size;
    return m->data;
  }
  else {
    const lmv_View *v = lmv_toview(L, idx);
    *n = mv_dims_items(v->ndim, v->dim) * v->item->size;
    return lmv_address(L, v);
  }
}
