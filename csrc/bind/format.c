/* format.c -- format texts as arguments: parsed once, kept by their text. */
#include "lmv.h"

#include <string.h>

#define MAXCACHED 256           /* formats kept; then the cache starts anew */

static char cachekey;           /* of the table text -> Format in the registry */

/* A parsed format that needs memory: the item, and its members behind it. */
typedef struct Format {
  uint64_t tag;
  mv_Item item;
} Format;

/* ---- Text ------------------------------------------------------------------------- */

void lmv_pushformat (lua_State *L, const mv_Item *item) {
  char small[64];
  size_t len = mv_format_print(item, small, sizeof small);
  if (len <= sizeof small) lua_pushlstring(L, small, len);
  else {
    luaL_Buffer b;
    char *text = luaL_buffinitsize(L, &b, len);
    mv_format_print(item, text, len);
    luaL_pushresultsize(&b, len);
  }
}

static int formaterror (lua_State *L, int arg, const char *text, const mv_FormatError *e) {
  if (strcmp(e->reason, "unknown letter") == 0)
    lua_pushfstring(L, e->byte > ' ' && e->byte <= '~' ? "bad format '%s' at position %d: %s '%c'"
                    : "bad format '%s' at position %d: %s, byte %d", text, (int)e->position, e->reason, e->byte);
  else
    lua_pushfstring(L, "bad format '%s' at position %d: %s", text, (int)e->position, e->reason);
  return luaL_argerror(L, arg, lua_tostring(L, -1));
}

/* ---- The cache ---------------------------------------------------------------------- */

/* Pushes the Format of that text, or nil. */
static Format *findcached (lua_State *L, int arg) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &cachekey);
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return NULL;
  }
  lua_pushvalue(L, arg);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  return (Format *)lua_touserdata(L, -1);
}

/* Keeps the Format on top under its text; entry 0 counts. */
static void keepcached (lua_State *L, int arg) {
  lua_Integer n = 0;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cachekey) == LUA_TTABLE) {
    lua_rawgeti(L, -1, 0);
    n = lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  if (!lua_istable(L, -1) || n >= MAXCACHED) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &cachekey);
    n = 0;
  }
  lua_pushvalue(L, arg);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pushinteger(L, n + 1);
  lua_rawseti(L, -2, 0);
  lua_pop(L, 1);
}

static const char *checktext (lua_State *L, int arg, size_t *len) {
  if (lua_type(L, arg) != LUA_TSTRING) luaL_typeerror(L, arg, "format string");
  return lua_tolstring(L, arg, len);
}

static Format *parse (lua_State *L, int arg, const char *text, size_t len) {
  size_t bound = mv_format_bound(text, len);
  mv_FormatError e;
  Format *f;
  if (bound == 0) luaL_argerror(L, arg, "format longer than 65536 bytes");
  f = (Format *)lua_newuserdatauv(L, sizeof(Format) + bound, 0);
  f->tag = LMV_TAGBLOCK;
  if (!mv_format_parse(text, len, f + 1, &f->item, &e)) formaterror(L, arg, text, &e);
  return f;
}

void lmv_checkformat (lua_State *L, int arg, mv_Item *item) {
  size_t len;
  const char *text = checktext(L, arg, &len);
  Format *f;
  if (mv_format_plain(text, len, item)) { lua_pushnil(L); return; }
  f = findcached(L, arg);
  if (f == NULL) {
    lua_pop(L, 1);
    f = parse(L, arg, text, len);
    keepcached(L, arg);
  }
  *item = f->item;
}

void lmv_checkviewable (lua_State *L, int arg, mv_Item *item) {
  const char *reason;
  lmv_checkformat(L, arg, item);
  reason = mv_format_unviewable(item);
  if (reason != NULL)
    luaL_argerror(L, arg, lua_pushfstring(L, "format '%s' cannot make a view: %s", lua_tostring(L, arg), reason));
}
