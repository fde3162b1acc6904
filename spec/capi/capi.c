/* capi.c -- an engine, as far as memview is concerned: it sees memview.h and Lua's headers, nothing else.
**
** Every function of the header can be called from Lua here, misuse included, and what it leaves on the stack
** is counted. Memory that is exported comes from malloc and is freed by the release callback, so a
** sanitizer sees any use of it after that.
*/
#include <memview.h>

#include <lualib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Does the call, and raises unless it leaves `delta` more values. */
#define EFFECT(delta, call)  { \
  int top = lua_gettop(L); \
  call; \
  if (lua_gettop(L) != top + (delta)) \
    return luaL_error(L, "left %d values, not %d: %s", lua_gettop(L) - top, (delta), #call); }

/* The nearest that there is on this machine. */
static ptrdiff_t nearest (lua_Integer n) {
  return n > PTRDIFF_MAX ? PTRDIFF_MAX : n < PTRDIFF_MIN ? PTRDIFF_MIN : (ptrdiff_t)n;
}

/* ---- Exports ------------------------------------------------------------------------ */

#define MAXEXPORTS 100000
#define MAXBLOCKS 512

typedef struct Export Export;

struct Export {
  lua_State *L;                 /* the main thread, for what a callback calls */
  int tried;                    /* has the function of memview been called? */
  int calls;                    /* of the release callback */
  void *ptr;                    /* what it was given */
  size_t size;
  memview_Handle handle;
  int nblocks;                  /* block 0 is what was exported; freed by the callback */
  struct { unsigned char *at; size_t size; int table; } block[MAXBLOCKS];
  void (*action) (Export *e);   /* what the callback does before it frees */
  Export *target;               /* for the action */
  memview_Buffer *held;
  ptrdiff_t result;             /* of the action */
  int announce;                 /* prints a line? */
};

static Export *exports[MAXEXPORTS];     /* never freed: specs ask for the counts afterwards */
static int nexports = 0;

static lua_State *mainthread (lua_State *L) {
  lua_State *main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  main = lua_tothread(L, -1);
  lua_pop(L, 1);
  return main;
}

static Export *newexport (lua_State *L) {
  Export *e;
  if (nexports == MAXEXPORTS) luaL_error(L, "too many exports");
  e = (Export *)calloc(1, sizeof(Export));
  if (e == NULL) luaL_error(L, "malloc failed");
  e->L = mainthread(L);
  exports[nexports++] = e;
  return e;
}

static Export *checkexport (lua_State *L, int arg) {
  lua_Integer id = luaL_checkinteger(L, arg);
  luaL_argcheck(L, id >= 1 && id <= nexports, arg, "no such export");
  return exports[id - 1];
}

static unsigned char *newblock (lua_State *L, Export *e, const void *bytes, size_t size, int table) {
  unsigned char *p;
  if (e->nblocks == MAXBLOCKS) luaL_error(L, "too many blocks");
  p = (unsigned char *)malloc(size > 0 ? size : 1);
  if (p == NULL) luaL_error(L, "malloc failed");
  if (bytes != NULL) memcpy(p, bytes, size);
  e->block[e->nblocks].at = p;
  e->block[e->nblocks].size = size;
  e->block[e->nblocks++].table = table;
  return p;
}

/* The string at idx as a block; a table as a block of pointers to what is in it; {bytes =, at =} points to
** that offset of a block. */
static unsigned char *buildblock (lua_State *L, Export *e, int idx) {
  size_t size, k;
  unsigned char *p;
  if (lua_type(L, idx) == LUA_TSTRING) {
    const char *bytes = lua_tolstring(L, idx, &size);
    return newblock(L, e, bytes, size, 0);
  }
  luaL_checktype(L, idx, LUA_TTABLE);
  idx = lua_absindex(L, idx);
  luaL_checkstack(L, 8, NULL);
  if (lua_getfield(L, idx, "bytes") != LUA_TNIL) {
    p = buildblock(L, e, -1);
    lua_getfield(L, idx, "at");
    p += luaL_checkinteger(L, -1);
    lua_pop(L, 2);
    return p;
  }
  lua_pop(L, 1);
  size = (size_t)lua_rawlen(L, idx);
  p = newblock(L, e, NULL, size * sizeof(void *), 1);
  for (k = 0; k < size; k++) {
    unsigned char *child;
    lua_rawgeti(L, idx, (lua_Integer)k + 1);
    child = buildblock(L, e, -1);
    memcpy(p + k * sizeof(void *), &child, sizeof(void *));
    lua_pop(L, 1);
  }
  return p;
}

/* The release callback of all exports. */
static void giveback (void *ud, void *ptr, size_t size) {
  Export *e = (Export *)ud;
  int k;
  e->calls++;
  e->ptr = ptr;
  e->size = size;
  if (e->announce) { printf("released %d\n", e->announce); fflush(stdout); }
  if (e->action != NULL) e->action(e);
  for (k = 0; k < e->nblocks; k++) free(e->block[k].at);
  e->nblocks = 0;
}

/* ---- What a callback may do ------------------------------------------------------------ */

static void revokeself (Export *e) { e->result = memview_revoke(e->L, e->handle); }
static void revoketarget (Export *e) { e->result = memview_revoke(e->L, e->target->handle); }

static void releaseheld (Export *e) {
  memview_release(e->L, e->held);
  e->result = e->held->internal == NULL;
}

/* Exports other memory, and drops the View of it. */
static void exportother (Export *e) {
  Export *other = newexport(e->L);
  unsigned char *p = newblock(e->L, other, "other", 5, 0);
  other->handle = memview_frommemory(e->L, p, 5, 0, giveback, other);
  e->result = memview_check(e->L, -1);
  lua_pop(e->L, 1);
}

/* Uses other memory as a consumer does. */
static void consumeother (Export *e) {
  memview_Buffer b;
  lua_pushliteral(e->L, "bytes");
  memview_acquire(e->L, -1, &b, MEMVIEW_C);
  e->result = b.len;
  memview_release(e->L, &b);
  lua_pop(e->L, 2);
}

static void setaction (lua_State *L, Export *e, int idx) {
  static const char *const names[] = {"none", "revokeself", "revoke", "release", "export", "consume", NULL};
  static void (*const actions[]) (Export *) = {
    NULL, revokeself, revoketarget, releaseheld, exportother, consumeother
  };
  e->action = actions[luaL_checkoption(L, idx, "none", names)];
}

/* oncallback(id, action [, target]): target is an export, or what acquire gave */
static int l_oncallback (lua_State *L) {
  Export *e = checkexport(L, 1);
  setaction(L, e, 2);
  if (lua_isuserdata(L, 3)) {
    e->held = (memview_Buffer *)lua_touserdata(L, 3);
    lua_pushvalue(L, 3);
    lua_rawsetp(L, LUA_REGISTRYINDEX, e);       /* its guard must live as long */
  }
  else if (!lua_isnoneornil(L, 3)) e->target = checkexport(L, 3);
  return 0;
}

/* ---- Exporting ------------------------------------------------------------------------- */

static lua_Integer field (lua_State *L, const char *name, lua_Integer def) {
  lua_Integer x = def;
  if (lua_getfield(L, 1, name) != LUA_TNIL) x = lua_isboolean(L, -1) ? lua_toboolean(L, -1) : luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return x;
}

/* export{bytes =, size =, writable =, silent =, null =, announce =} -> View, id
** size: other than that of bytes; silent: without a callback; null: the pointer is NULL */
static int l_export (lua_State *L) {
  Export *e;
  void *p;
  size_t size;
  int flags;
  memview_Release release;
  luaL_checktype(L, 1, LUA_TTABLE);
  e = newexport(L);
  e->announce = (int)field(L, "announce", 0);
  lua_getfield(L, 1, "bytes");
  p = buildblock(L, e, -1);
  size = (size_t)field(L, "size", (lua_Integer)e->block[0].size);
  if (field(L, "null", 0)) p = NULL;
  flags = field(L, "writable", 0) ? MEMVIEW_WRITABLE : 0;
  release = field(L, "silent", 0) ? NULL : giveback;
  e->tried = 1;
  EFFECT(1, e->handle = memview_frommemory(L, p, size, flags, release, e));
  lua_pushinteger(L, nexports);
  return 2;
}

/* Reads the field as an array of lengths, kept in a userdata on the stack; NULL: no such field. */
static ptrdiff_t *arrayfield (lua_State *L, const char *name) {
  ptrdiff_t *list = NULL;
  size_t k, n;
  if (lua_getfield(L, 1, name) == LUA_TNIL) return NULL;
  n = (size_t)lua_rawlen(L, -1);
  list = (ptrdiff_t *)lua_newuserdatauv(L, (n + 1) * sizeof(ptrdiff_t), 0);
  for (k = 0; k < n; k++) {
    lua_rawgeti(L, -2, (lua_Integer)k + 1);
    list[k] = nearest(luaL_checkinteger(L, -1));
    lua_pop(L, 1);
  }
  return list;
}

/* A description from the table at 1, of the bytes at p; leaves on the stack what holds its arrays. */
static void readdescription (lua_State *L, memview_Buffer *b, unsigned char *p) {
  memset(b, 0, sizeof(*b));
  b->buf = field(L, "null", 0) ? NULL : (void *)(p + field(L, "at", 0));
  b->len = nearest(field(L, "len", 0));
  b->itemsize = nearest(field(L, "itemsize", 1));
  b->readonly = (int)field(L, "readonly", 0);
  lua_getfield(L, 1, "format");
  b->format = lua_tostring(L, -1);
  b->shape = arrayfield(L, "shape");
  b->strides = arrayfield(L, "strides");
  b->suboffsets = arrayfield(L, "suboffsets");
  lua_getfield(L, 1, "shape");
  b->ndim = (int)field(L, "ndim", lua_istable(L, -1) ? (lua_Integer)lua_rawlen(L, -1) : 1);
}

/* describe{bytes =, at =, len =, itemsize =, readonly =, ndim =, format =, shape =, strides =, suboffsets =,
** null =, announce =} -> View, id. Nothing is worked out or checked but ndim. */
static int l_describe (lua_State *L) {
  Export *e;
  memview_Buffer b;
  luaL_checktype(L, 1, LUA_TTABLE);
  e = newexport(L);
  e->announce = (int)field(L, "announce", 0);
  lua_getfield(L, 1, "bytes");
  readdescription(L, &b, buildblock(L, e, -1));
  b.release = giveback;
  b.ud = e;
  e->tried = 1;
  EFFECT(1, e->handle = memview_frombuffer(L, &b));
  lua_pushinteger(L, nexports);
  return 2;
}

/* churn(n): exports n times and revokes at once -> how many callbacks that made */
static void countcall (void *ud, void *ptr, size_t size) { (void)ptr; (void)size; ++*(int *)ud; }

static int l_churn (lua_State *L) {
  static unsigned char bytes[16];
  lua_Integer n = luaL_checkinteger(L, 1), k;
  int calls = 0;
  for (k = 0; k < n; k++) {
    memview_Handle h = memview_frommemory(L, bytes, sizeof bytes, 0, countcall, &calls);
    if (memview_revoke(L, h) != 0) return luaL_error(L, "revoke was refused");
    lua_pop(L, 1);
  }
  lua_pushinteger(L, calls);
  return 1;
}

/* last() -> id of the newest export, also where the call raised */
static int l_last (lua_State *L) { lua_pushinteger(L, nexports); return 1; }

/* calls(id) -> calls of the release callback; given(id) -> the size it got, whether it got a pointer */
static int l_calls (lua_State *L) {
  lua_pushinteger(L, checkexport(L, 1)->calls);
  return 1;
}

static int l_given (lua_State *L) {
  const Export *e = checkexport(L, 1);
  lua_pushinteger(L, (lua_Integer)e->size);
  lua_pushboolean(L, e->ptr != NULL);
  return 2;
}

/* tried(id) -> was memview asked to export it? */
static int l_tried (lua_State *L) {
  lua_pushboolean(L, checkexport(L, 1)->tried);
  return 1;
}

static int l_handle (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)checkexport(L, 1)->handle);
  return 1;
}

static int l_result (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)checkexport(L, 1)->result);
  return 1;
}

/* revoke(id), revokehandle(handle) -> what memview_revoke gives */
static int l_revoke (lua_State *L) {
  memview_Handle h = checkexport(L, 1)->handle;
  ptrdiff_t held = 0;
  EFFECT(0, held = memview_revoke(L, h));
  lua_pushinteger(L, (lua_Integer)held);
  return 1;
}

static int l_revokehandle (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)memview_revoke(L, (memview_Handle)luaL_checkinteger(L, 1)));
  return 1;
}

/* blocks(id) -> the engine's own look at its memory: a sequence of strings, without those of pointers */
static int l_blocks (lua_State *L) {
  const Export *e = checkexport(L, 1);
  int k, n = 0;
  lua_newtable(L);
  for (k = 0; k < e->nblocks; k++) {
    if (e->block[k].table) continue;
    lua_pushlstring(L, (const char *)e->block[k].at, e->block[k].size);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* write(id, offset, bytes): the engine writes its memory */
static int l_write (lua_State *L) {
  const Export *e = checkexport(L, 1);
  lua_Integer offset = luaL_checkinteger(L, 2);
  size_t n;
  const char *bytes = luaL_checklstring(L, 3, &n);
  luaL_argcheck(L, offset >= 0 && (size_t)offset + n <= e->block[0].size, 2, "outside");
  memcpy(e->block[0].at + offset, bytes, n);
  return 0;
}

/* ---- Consuming ---------------------------------------------------------------------------- */

/* What acquire gives: the description; user value 1 is the guard. */
static memview_Buffer *checkheld (lua_State *L, int arg) {
  return (memview_Buffer *)luaL_checkudata(L, arg, "held");
}

static memview_Buffer *newheld (lua_State *L) {
  memview_Buffer *b = (memview_Buffer *)lua_newuserdatauv(L, sizeof(memview_Buffer), 1);
  memset(b, 0, sizeof(*b));
  luaL_newmetatable(L, "held");
  lua_setmetatable(L, -2);
  return b;
}

/* acquire(obj [, flags]) -> held */
static int l_acquire (lua_State *L) {
  int flags = (int)luaL_optinteger(L, 2, 0);
  memview_Buffer *b;
  luaL_checkany(L, 1);
  b = newheld(L);
  EFFECT(1, memview_acquire(L, 1, b, flags));
  lua_setiuservalue(L, -2, 1);
  return 1;
}

/* tryacquire(obj, flags) -> true; or false, the message, and whether *b was left as it was */
static int acquireinto (lua_State *L) {
  memview_acquire(L, 1, (memview_Buffer *)lua_touserdata(L, 3), (int)luaL_checkinteger(L, 2));
  return 0;
}

static int l_tryacquire (lua_State *L) {
  memview_Buffer b, before;
  int ok;
  memset(&b, 0, sizeof b);
  before = b;
  lua_settop(L, 2);
  lua_pushcfunction(L, acquireinto);
  lua_insert(L, 1);
  lua_pushlightuserdata(L, &b);
  ok = lua_pcall(L, 3, 0, 0) == LUA_OK;
  lua_pushboolean(L, ok);
  if (ok) return 1;
  lua_insert(L, 1);
  lua_pushboolean(L, memcmp(&b, &before, sizeof b) == 0);
  return 3;
}

/* release(held): may be called again */
static int l_release (lua_State *L) {
  memview_Buffer *b = checkheld(L, 1);
  EFFECT(0, memview_release(L, b));
  return 0;
}

/* drop(held): forgets the guard, as a consumer that was left by an error does */
static int l_drop (lua_State *L) {
  memset(checkheld(L, 1), 0, sizeof(memview_Buffer));
  lua_pushnil(L);
  lua_setiuservalue(L, 1, 1);
  return 0;
}

/* guard(held) -> what memview_acquire has pushed */
static int l_guard (lua_State *L) {
  (void)checkheld(L, 1);
  lua_getiuservalue(L, 1, 1);
  return 1;
}

static int l_isempty (lua_State *L) {
  static const memview_Buffer empty;
  lua_pushboolean(L, memcmp(checkheld(L, 1), &empty, sizeof empty) == 0);
  return 1;
}

static void setarray (lua_State *L, const char *name, const ptrdiff_t *list, int n) {
  int k;
  if (list == NULL) return;
  lua_createtable(L, n, 0);
  for (k = 0; k < n; k++) {
    lua_pushinteger(L, (lua_Integer)list[k]);
    lua_rawseti(L, -2, k + 1);
  }
  lua_setfield(L, -2, name);
}

static void setinteger (lua_State *L, const char *name, lua_Integer x) {
  lua_pushinteger(L, x);
  lua_setfield(L, -2, name);
}

/* info(held) -> the description as a table */
static int l_info (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  lua_newtable(L);
  setinteger(L, "len", b->len);
  setinteger(L, "itemsize", b->itemsize);
  setinteger(L, "ndim", b->ndim);
  lua_pushboolean(L, b->readonly);
  lua_setfield(L, -2, "readonly");
  lua_pushstring(L, b->format);
  lua_setfield(L, -2, "format");
  setarray(L, "shape", b->shape, b->ndim);
  setarray(L, "strides", b->strides, b->ndim);
  setarray(L, "suboffsets", b->suboffsets, b->ndim);
  return 1;
}

/* hand(held) -> View made of that description by memview_frombuffer, without a callback */
static int l_hand (lua_State *L) {
  memview_Buffer b = *checkheld(L, 1);
  b.internal = &b;                      /* not looked at */
  EFFECT(1, (void)memview_frombuffer(L, &b));
  return 1;
}

/* An error between acquire and release: raiseholding(obj), closeholding(obj) with the guard to be closed. */
static int l_raiseholding (lua_State *L) {
  memview_Buffer b;
  memview_acquire(L, 1, &b, 0);
  return luaL_error(L, "on purpose with %d bytes", (int)b.len);
}

static int l_closeholding (lua_State *L) {
  memview_Buffer b;
  memview_acquire(L, 1, &b, 0);
  lua_toclose(L, -1);
  return luaL_error(L, "on purpose with %d bytes", (int)b.len);
}

/* yieldholding(obj): yields the length while it holds, then releases and returns its first byte */
static int resumed (lua_State *L, int status, lua_KContext ctx) {
  memview_Buffer *b = (memview_Buffer *)lua_touserdata(L, 2);
  (void)status; (void)ctx;
  lua_pushinteger(L, *(const unsigned char *)b->buf);
  memview_release(L, b);
  return 1;
}

static int l_yieldholding (lua_State *L) {
  memview_Buffer *b;
  lua_settop(L, 1);
  b = newheld(L);
  memview_acquire(L, 1, b, 0);
  lua_pushinteger(L, (lua_Integer)b->len);
  return lua_yieldk(L, 1, 0, resumed);
}

/* ---- Views from C --------------------------------------------------------------------------- */

static int l_fromobject (lua_State *L) {
  lua_settop(L, 1);
  lua_pushnil(L);
  EFFECT(1, memview_fromobject(L, lua_toboolean(L, lua_upvalueindex(1)) ? 1 : -2));
  return 1;
}

static int l_check (lua_State *L) {
  int answer = 0;
  EFFECT(0, answer = memview_check(L, 1));
  lua_pushboolean(L, answer);
  return 1;
}

static int l_pushbase (lua_State *L) {
  luaL_checkany(L, 1);
  EFFECT(1, memview_pushbase(L, 1));
  return 1;
}

/* getcontiguous(obj, access, order) -> View */
static int l_getcontiguous (lua_State *L) {
  int access = (int)luaL_checkinteger(L, 2);
  char order = *luaL_checkstring(L, 3);
  EFFECT(1, memview_getcontiguous(L, 1, access, order));
  return 1;
}

/* ---- Descriptions ------------------------------------------------------------------------------ */

/* fake(id, {...}) -> held: a description as in describe, of export id's memory, of nothing acquired */
static int l_fake (lua_State *L) {
  const Export *e = checkexport(L, 1);
  memview_Buffer *b;
  int k, first;
  lua_remove(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  b = newheld(L);
  first = lua_gettop(L) + 1;
  readdescription(L, b, e->block[0].at);
  lua_createtable(L, 8, 0);             /* keeps the arrays */
  for (k = first; k < lua_gettop(L); k++) {
    lua_pushvalue(L, k);
    lua_rawseti(L, -2, k);
  }
  lua_setiuservalue(L, first - 1, 1);
  lua_settop(L, first - 1);
  return 1;
}

static char checkorder (lua_State *L, int arg) { return *luaL_optstring(L, arg, "C"); }

static int l_iscontiguous (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  char order = checkorder(L, 2);
  int answer = 0;
  EFFECT(0, answer = memview_iscontiguous(L, b, order));
  lua_pushboolean(L, answer);
  return 1;
}

static void *pointer (lua_State *L, const memview_Buffer *b) {
  ptrdiff_t indices[MEMVIEW_MAXDIM + 1];
  int k, n;
  luaL_checktype(L, 2, LUA_TTABLE);
  n = (int)lua_rawlen(L, 2);
  if (n > MEMVIEW_MAXDIM) luaL_error(L, "too many indices");
  for (k = 0; k < n; k++) {
    lua_rawgeti(L, 2, k + 1);
    indices[k] = nearest(luaL_checkinteger(L, -1));
    lua_pop(L, 1);
  }
  return memview_getpointer(L, b, indices);
}

/* item(held, indices) -> the bytes there, or nil; indices from 0 */
static int l_item (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  const char *p = NULL;
  EFFECT(0, p = (const char *)pointer(L, b));
  if (p == NULL) lua_pushnil(L);
  else lua_pushlstring(L, p, (size_t)b->itemsize);
  return 1;
}

/* setitem(held, indices, bytes) */
static int l_setitem (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  size_t n;
  const char *bytes = luaL_checklstring(L, 3, &n);
  void *p = pointer(L, b);
  luaL_argcheck(L, p != NULL && (ptrdiff_t)n == b->itemsize, 3, "no such item, or of another size");
  memcpy(p, bytes, n);
  return 0;
}

/* tocontiguous(held, order [, size]) -> string, or false */
static int l_tocontiguous (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  char order = checkorder(L, 2);
  ptrdiff_t size = (ptrdiff_t)luaL_optinteger(L, 3, b->len);
  size_t room = b->len > 0 && b->len < 1 << 20 ? (size_t)b->len : 1;
  char *dst = (char *)malloc(room);     /* no more than it may write */
  int answer = memview_tocontiguous(L, dst, size, b, order);
  if (answer) lua_pushlstring(L, dst, (size_t)b->len);
  else lua_pushboolean(L, 0);
  free(dst);
  return 1;
}

/* fromcontiguous(held, bytes, order [, size]) -> boolean */
static int l_fromcontiguous (lua_State *L) {
  const memview_Buffer *b = checkheld(L, 1);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  char order = checkorder(L, 3), *src = (char *)malloc(n > 0 ? n : 1);
  memcpy(src, bytes, n);
  lua_pushboolean(L, memview_fromcontiguous(L, b, src, (ptrdiff_t)luaL_optinteger(L, 4, (lua_Integer)n), order));
  free(src);
  return 1;
}

static int l_sizefromformat (lua_State *L) {
  const char *format = luaL_optstring(L, 1, NULL);
  ptrdiff_t size = 0;
  EFFECT(0, size = memview_sizefromformat(L, format));
  lua_pushinteger(L, (lua_Integer)size);
  return 1;
}

/* ---- Finding the functions ---------------------------------------------------------------------- */

static int import (lua_State *L) {
  EFFECT(0, (void)memview_import(L));
  return 0;
}

/* Calls import while the registry has the value on top in the place of the table. */
static int tryimport (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, MEMVIEW_APIKEY);
  lua_insert(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, MEMVIEW_APIKEY);
  lua_pushcfunction(L, import);
  lua_pushboolean(L, lua_pcall(L, 0, 0, 0) == LUA_OK);
  lua_insert(L, 1);
  if (lua_toboolean(L, 1)) lua_pushnil(L);
  lua_insert(L, 2);
  lua_settop(L, 3);
  lua_setfield(L, LUA_REGISTRYINDEX, MEMVIEW_APIKEY);
  return 2;
}

/* version(major, minor) -> does the header take a module of that version? and the message */
static int l_version (lua_State *L) {
  static memview_Api fake;
  fake.major = (int)luaL_checkinteger(L, 1);
  fake.minor = (int)luaL_checkinteger(L, 2);
  lua_settop(L, 0);
  lua_pushlightuserdata(L, &fake);
  return tryimport(L);
}

/* notloaded() -> the same where memview was not loaded */
static int l_notloaded (lua_State *L) {
  lua_settop(L, 0);
  lua_pushnil(L);
  return tryimport(L);
}

static int l_api (lua_State *L) {
  lua_pushlightuserdata(L, (void *)(size_t)memview_import(L));
  return 1;
}

/* ---- Other states ---------------------------------------------------------------------------------- */

/* A heap that counts, and refuses when its countdown has ended. */
typedef struct Heap { size_t used; long countdown; } Heap;

static void *allocate (void *ud, void *ptr, size_t osize, size_t nsize) {
  Heap *h = (Heap *)ud;
  void *p;
  if (ptr == NULL) osize = 0;
  if (nsize == 0) {
    h->used -= osize;
    free(ptr);
    return NULL;
  }
  if (nsize > osize && h->countdown >= 0 && h->countdown-- == 0) {
    h->countdown = 0;                   /* and all that follow */
    return NULL;
  }
  p = realloc(ptr, nsize);
  if (p != NULL) h->used += nsize - osize;
  return p;
}

/* failafter([n]): in a state of run(), the requests after n more fail; nothing: none */
static int l_failafter (lua_State *L) {
  void *ud;
  long n = (long)luaL_optinteger(L, 1, -1);
  if (lua_getallocf(L, &ud) != allocate) return luaL_error(L, "not a state of run()");
  ((Heap *)ud)->countdown = n;
  return 0;
}

/* used() -> bytes of the heap of a state of run() */
static int l_used (lua_State *L) {
  void *ud;
  if (lua_getallocf(L, &ud) != allocate) return luaL_error(L, "not a state of run()");
  lua_pushinteger(L, (lua_Integer)((Heap *)ud)->used);
  return 1;
}

int luaopen_capi (lua_State *L);

static int openstate (lua_State *L) {
  luaL_openlibs(L);
  luaL_requiref(L, "capi", luaopen_capi, 1);
  lua_settop(L, 0);
  return 0;
}

/* run(code) -> ok, its first result or error as a string, bytes left when the state was closed */
static int l_run (lua_State *L) {
  size_t len;
  const char *code = luaL_checklstring(L, 1, &len);
  Heap heap = {0, -1};
#if LUA_VERSION_NUM >= 505
  lua_State *S = lua_newstate(allocate, &heap, luaL_makeseed(L));
#else
  lua_State *S = lua_newstate(allocate, &heap);
#endif
  int ok;
  if (S == NULL) return luaL_error(L, "no state");
  lua_pushcfunction(S, openstate);
  ok = lua_pcall(S, 0, 0, 0) == LUA_OK && luaL_loadbuffer(S, code, len, "=run") == LUA_OK
    && lua_pcall(S, 0, 1, 0) == LUA_OK;
  lua_pushboolean(L, ok);
  lua_pushstring(L, luaL_tolstring(S, -1, NULL));
  lua_close(S);
  lua_pushinteger(L, (lua_Integer)heap.used);
  return 3;
}

/* ---- The module ---------------------------------------------------------------------------------------- */

static const luaL_Reg functions[] = {
  {"export", l_export}, {"describe", l_describe}, {"churn", l_churn}, {"oncallback", l_oncallback},
  {"last", l_last}, {"calls", l_calls}, {"given", l_given}, {"tried", l_tried}, {"handle", l_handle},
  {"result", l_result},
  {"revoke", l_revoke}, {"revokehandle", l_revokehandle}, {"blocks", l_blocks}, {"write", l_write},
  {"acquire", l_acquire}, {"tryacquire", l_tryacquire}, {"release", l_release}, {"drop", l_drop},
  {"guard", l_guard}, {"isempty", l_isempty}, {"info", l_info}, {"hand", l_hand},
  {"raiseholding", l_raiseholding}, {"closeholding", l_closeholding}, {"yieldholding", l_yieldholding},
  {"check", l_check}, {"pushbase", l_pushbase}, {"getcontiguous", l_getcontiguous},
  {"fake", l_fake}, {"iscontiguous", l_iscontiguous}, {"item", l_item}, {"setitem", l_setitem},
  {"tocontiguous", l_tocontiguous}, {"fromcontiguous", l_fromcontiguous},
  {"sizefromformat", l_sizefromformat},
  {"version", l_version}, {"notloaded", l_notloaded}, {"api", l_api},
  {"failafter", l_failafter}, {"used", l_used}, {"run", l_run},
  {NULL, NULL}
};

int luaopen_capi (lua_State *L) {
  luaL_newlib(L, functions);
  lua_pushboolean(L, 0);
  lua_pushcclosure(L, l_fromobject, 1);
  lua_setfield(L, -2, "fromobject");
  lua_pushboolean(L, 1);
  lua_pushcclosure(L, l_fromobject, 1);
  lua_setfield(L, -2, "fromobjectabsolute");
  setinteger(L, "WRITABLE", MEMVIEW_WRITABLE);
  setinteger(L, "C", MEMVIEW_C);
  setinteger(L, "F", MEMVIEW_F);
  setinteger(L, "ANY", MEMVIEW_ANY);
  setinteger(L, "INDIRECT", MEMVIEW_INDIRECT);
  setinteger(L, "MAXDIM", MEMVIEW_MAXDIM);
  setinteger(L, "MAJOR", MEMVIEW_API_MAJOR);
  setinteger(L, "MINOR", MEMVIEW_API_MINOR);
  setinteger(L, "pointersize", (lua_Integer)sizeof(void *));
  return 1;
}
