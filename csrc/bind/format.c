/* format.c -- format texts as arguments: parsed once, kept by their text. */
#include "lmv.h"

#include <string.h>

#define MAXCACHED 256           /* formats kept; then the cache starts anew */
#define MAXBLOCK 32768          /* bytes of one that is kept */

static char cachekey;           /* of the table text -> Format in the registry */

/* A parsed format: the item, and its members, where it has any, behind it. */
typedef struct Format {
  uint32_t tag;
  mv_Item item;
  lmv_Flat flat;
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

/* Raises with the message on top: for an argument of Lua, or for a caller in C. */
static int raise (lua_State *L, int arg) {
  return arg & LMV_FROMC ? lua_error(L) : luaL_argerror(L, arg, lua_tostring(L, -1));
}

/* Pushes a format text as messages show it: without control characters, and only the start
** of a long one. */
static const char *pushshown (lua_State *L, const char *text, size_t len) {
  char shown[64];
  size_t k, n = len > 60 ? 60 : len;
  for (k = 0; k < n; k++) shown[k] = (unsigned char)text[k] < ' ' || text[k] == 127 ? '?' : text[k];
  if (n < len) memcpy(shown + n, "...", 3);
  return lua_pushlstring(L, shown, n < len ? n + 3 : n);
}

static int formaterror (lua_State *L, int arg, const char *text, const mv_FormatError *e) {
  if (strcmp(e->reason, "unknown letter") == 0)
    lua_pushfstring(L, e->byte > ' ' && e->byte <= '~' ? "bad format '%s' at position %d: %s '%c'"
                    : "bad format '%s' at position %d: %s, byte %d", text, (int)e->position, e->reason, e->byte);
  else
    lua_pushfstring(L, "bad format '%s' at position %d: %s", text, (int)e->position, e->reason);
  return raise(L, arg);
}

/* ---- Keys of names -------------------------------------------------------------------- */

/* Gives every named member the identity of the Lua string of its name as its key; the
** strings are kept in the table on top. Long strings have no identity. */
static void setkeys (lua_State *L, const mv_Item *item) {
  const mv_Member *m;
  if (item->kind != MV_RECORD) return;
  lmv_checkstack(L, 4);
  for (m = item->record->first; m != NULL; m = m->next) {
    if (m->name != NULL) {
      lua_pushlstring(L, m->name, m->namelen);
      ((mv_Member *)m)->key = lua_topointer(L, -1);
      lua_pushboolean(L, 1);
      lua_rawset(L, -3);
    }
    setkeys(L, &m->item);
  }
}

/* ---- The cache ------------------------------------------------------------------------ */

/* Pushes the cache: formats by their text, and how many there are at 0. */
void lmv_pushcache (lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &cachekey) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &cachekey);
}

static void emptycache (lua_State *L) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
}

/* Keeps the Format on top, under the text at arg. */
static void keepcached (lua_State *L, int arg) {
  lua_Integer n;
  lmv_pushcache(L);
  lua_rawgeti(L, -1, 0);                /* no text, so in nobody's way */
  n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (n >= MAXCACHED) { emptycache(L); n = 0; }
  lua_pushvalue(L, arg);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pushinteger(L, n + 1);
  lua_rawseti(L, -2, 0);
  lua_pop(L, 1);
}

static const char *checktext (lua_State *L, int arg, size_t *len) {
  int idx = arg & ~LMV_FROMC;
  if (lua_type(L, idx) != LUA_TSTRING) luaL_typeerror(L, idx, "format string");
  return lua_tolstring(L, idx, len);
}

/* Pushes the Format of the text at arg. */
static const Format *parse (lua_State *L, int arg) {
  size_t len;
  const char *text = checktext(L, arg, &len);
  size_t bound = mv_format_bound(text, len);
  mv_FormatError e;
  Format *f;
  if (bound == 0) {
    lua_pushliteral(L, "format longer than 65536 bytes");
    raise(L, arg);
  }
  f = (Format *)lua_newuserdatauv(L, sizeof(Format) + bound, 1);
  f->tag = LMV_TAGFORMAT;
  if (!mv_format_parse(text, len, f + 1, &f->item, &e)) formaterror(L, arg, pushshown(L, text, len), &e);
  f->flat.size = f->item.size;
  f->flat.n = bound > MAXBLOCK ? 0 : mv_format_flatten(&f->item, f->flat.cell, LMV_MAXFLAT);
  lua_newtable(L);
  setkeys(L, &f->item);
  lua_setiuservalue(L, -2, 1);
  if (bound <= MAXBLOCK) keepcached(L, arg & ~LMV_FROMC);
  return f;
}

/* Pushes the Format of the text at arg, by the cache at `cache`. */
const mv_Item *lmv_cachedformat (lua_State *L, int arg, int cache) {
  const Format *f;
  size_t len;
  if (lua_type(L, arg & ~LMV_FROMC) != LUA_TSTRING) (void)checktext(L, arg, &len);      /* raises */
  lua_pushvalue(L, arg & ~LMV_FROMC);
  lua_rawget(L, cache);
  f = (const Format *)lua_touserdata(L, -1);
  if (f != NULL && f->tag == LMV_TAGFORMAT) return &f->item;
  lua_pop(L, 1);
  return &parse(L, arg)->item;
}

const lmv_Flat *lmv_flatof (const mv_Item *item) {
  return &((const Format *)(const void *)((const char *)item - offsetof(Format, item)))->flat;
}

/* ---- The formats of the last calls ------------------------------------------------------ */

#define NRECENT 32              /* places; a text has one of them */

/* By the identity of the text. The user values of the object keep what a place speaks of:
** the text, so that no other has its address, and its Format. Who is there gives way to a
** text that asks twice in a row, so that many in turn do not drive each other out. */
typedef struct Recent {
  uint32_t tag;
  struct Place {
    const void *text;
    const Format *format;
    const void *other;          /* that asked last, perhaps gone */
  } place[NRECENT];
} Recent;

void lmv_pushrecent (lua_State *L) {
  Recent *r = (Recent *)lua_newuserdatauv(L, sizeof(Recent), 2 * NRECENT);
  memset(r, 0, sizeof(*r));
  r->tag = LMV_TAGRECENT;
}

static unsigned placeof (const void *text) {
  uintptr_t x = (uintptr_t)text;
  return (unsigned)(x >> 4 ^ x >> 8 ^ x >> 12) % NRECENT;
}

const lmv_Flat *lmv_recentformat (lua_State *L, int arg, int recent) {
  const void *text = lua_topointer(L, arg);
  Recent *r = (Recent *)lua_touserdata(L, recent);
  struct Place *p;
  if (text == NULL || r == NULL || r->tag != LMV_TAGRECENT) return NULL;
  p = &r->place[placeof(text)];
  if (p->text != text) return NULL;
  p->other = NULL;
  return &p->format->flat;
}

void lmv_remember (lua_State *L, int arg, int recent) {
  const Format *f = (const Format *)lua_touserdata(L, -1);
  Recent *r = (Recent *)lua_touserdata(L, recent);
  const void *text = lua_topointer(L, arg);
  unsigned k = placeof(text);
  struct Place *p;
  if (f->flat.n == 0 || r == NULL || r->tag != LMV_TAGRECENT) return;
  p = &r->place[k];
  if (p->text == text) return;
  if (p->text != NULL && p->other != text) { p->other = text; return; }
  lua_pushvalue(L, arg);
  lua_setiuservalue(L, recent, (int)(2 * k + 1));
  lua_pushvalue(L, -1);
  lua_setiuservalue(L, recent, (int)(2 * k + 2));
  p->text = text;
  p->format = f;
  p->other = NULL;
}

const mv_Item *lmv_checkformat (lua_State *L, int arg, int *holder) {
  size_t len;
  const char *text = checktext(L, arg, &len);
  const mv_Item *item = mv_format_plain(text, len);
  *holder = 0;
  if (item != NULL) return item;
  lmv_pushcache(L);
  item = lmv_cachedformat(L, arg, lua_gettop(L));
  lua_remove(L, -2);
  *holder = lua_gettop(L);
  return item;
}

const mv_Item *lmv_checkviewable (lua_State *L, int arg, int *holder) {
  const mv_Item *item = lmv_checkformat(L, arg, holder);
  const char *reason = *holder == 0 ? NULL : mv_format_unviewable(item), *text;
  size_t len;
  if (reason == NULL) return item;
  text = lua_tolstring(L, arg & ~LMV_FROMC, &len);
  lua_pushfstring(L, "format '%s' cannot make a view: %s", pushshown(L, text, len), reason);
  raise(L, arg);
  return NULL;
}
