/* peer.c -- another module with a copy of memview.h of its own. It is compiled as C (luaopen_peer) and, with
** PEER_CPP, as C++ (luaopen_peercpp): the header is valid in both and needs no other before it.
*/
#include <memview.h>

/* api() -> the table of functions that this copy of the header finds */
static int l_api (lua_State *L) {
  lua_pushlightuserdata(L, (void *)(size_t)memview_import(L));
  return 1;
}

static int calls = 0;

static void count (void *ud, void *ptr, size_t size) { (void)ptr; *(int *)ud += (int)size; }

/* export() -> View of three bytes, its handle */
static int l_export (lua_State *L) {
  static unsigned char bytes[3] = {1, 2, 3};
  memview_Handle h = memview_frommemory(L, bytes, 3, MEMVIEW_WRITABLE, count, &calls);
  lua_pushinteger(L, (lua_Integer)h);
  return 2;
}

/* given() -> bytes given back so far */
static int l_given (lua_State *L) {
  lua_pushinteger(L, calls);
  return 1;
}

static int l_revoke (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)memview_revoke(L, (memview_Handle)luaL_checkinteger(L, 1)));
  return 1;
}

/* sum(obj) -> sum of its bytes, read as a consumer */
static int l_sum (lua_State *L) {
  memview_Buffer b;
  const unsigned char *p;
  lua_Integer sum = 0;
  ptrdiff_t i;
  memview_acquire(L, 1, &b, MEMVIEW_C);
  p = (const unsigned char *)b.buf;
  for (i = 0; i < b.len; i++) sum += p[i];
  memview_release(L, &b);
  lua_pushinteger(L, sum);
  return 1;
}

/* every() -> true: all the functions of the header, so that the compiler sees each one used */
static int l_every (lua_State *L) {
  memview_Buffer b, copy;
  ptrdiff_t first = 0;
  char bytes[3];
  memview_Handle h;
  int ok;
  lua_settop(L, 0);
  lua_pushliteral(L, "abc");
  memview_fromobject(L, 1);
  ok = memview_check(L, 2) && !memview_check(L, 1);
  memview_pushbase(L, 2);
  ok = ok && lua_rawequal(L, 1, 3);
  memview_getcontiguous(L, 2, 0, 'C');
  memview_acquire(L, 4, &b, MEMVIEW_ANY);
  ok = ok && memview_iscontiguous(L, &b, 'C') && memview_getpointer(L, &b, &first) == b.buf;
  ok = ok && memview_tocontiguous(L, bytes, 3, &b, 'C') && !memview_fromcontiguous(L, &b, bytes, 3, 'C');
  ok = ok && memview_sizefromformat(L, "<HH") == 4;
  copy = b;
  copy.release = NULL;
  h = memview_frombuffer(L, &copy);
  ok = ok && memview_revoke(L, h) == 0;
  memview_release(L, &b);
  lua_pushboolean(L, ok);
  return 1;
}

static const luaL_Reg functions[] = {
  {"api", l_api}, {"export", l_export}, {"given", l_given}, {"revoke", l_revoke}, {"sum", l_sum},
  {"every", l_every}, {NULL, NULL}
};

#ifdef PEER_CPP
extern "C" int luaopen_peercpp (lua_State *L);
int luaopen_peercpp (lua_State *L) {
#else
int luaopen_peer (lua_State *L);
int luaopen_peer (lua_State *L) {
#endif
  luaL_newlib(L, functions);
  return 1;
}
