/* host.c -- runs scenarios (run.lua, scenarios.lua) under an allocator that fails on request.
**
** For each scenario and each way of failing, request number 1, 2, 3, ... of what the
** scenario does fails, each time in a new state, until the scenario gets through with
** nothing left to fail. When a state is closed, every byte must have come back.
**
**   host FOLDER [WAY [SCENARIO]]   FOLDER has run.lua and scenarios.lua; WAY is one, two or all
*/
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "memview.h"

/* ---- The allocator ------------------------------------------------------------------ */

typedef struct Faults {
  long requests;                /* seen since it was armed */
  long first, last;             /* which of them fail, from 1; 0: none */
  long failed;
  size_t bytes, blocks;         /* given out */
  long exports, releases;       /* of foreign memory */
  long skipped;                 /* finalizers that Lua could not call */
} Faults;

static Faults faults;

/* Requests for more fail; giving back never does, as Lua asks. */
static int fails (size_t osize, size_t nsize) {
  if (faults.first == 0 || nsize <= osize) return 0;
  faults.requests++;
  if (faults.requests < faults.first || faults.requests > faults.last) return 0;
  faults.failed++;
  return 1;
}

static void *allocate (void *ud, void *block, size_t osize, size_t nsize) {
  void *p;
  (void)ud;
  if (block == NULL) osize = 0;                 /* a type, for Lua */
  if (nsize == 0) {
    if (block != NULL) { faults.bytes -= osize; faults.blocks--; }
    free(block);
    return NULL;
  }
  if (fails(osize, nsize)) return NULL;
  p = malloc(nsize);                            /* always moves: what was kept too long shows */
  if (p == NULL) return NULL;
  if (block != NULL) memcpy(p, block, osize < nsize ? osize : nsize);
  free(block);
  faults.bytes += nsize - osize;
  faults.blocks += block == NULL;
  return p;
}

/* Lua says so where an error, here for want of memory, kept it from calling a finalizer. */
static void warn (void *ud, const char *message, int tocont) {
  (void)ud; (void)tocont;
  if (strstr(message, "__gc") != NULL) faults.skipped++;
}

/* ---- For run.lua ------------------------------------------------------------------------ */

/* arm(first, last): requests of these numbers fail, counted from here */
static int fault_arm (lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 1), last = luaL_checkinteger(L, 2);
  faults.requests = faults.failed = 0;
  faults.first = (long)first;
  faults.last = (long)(last > LONG_MAX ? LONG_MAX : last);
  return 0;
}

/* disarm() -> how many failed */
static int fault_disarm (lua_State *L) {
  faults.first = 0;
  lua_pushinteger(L, faults.failed);
  return 1;
}

static const luaL_Reg faultfunctions[] = {
  {"arm", fault_arm}, {"disarm", fault_disarm},
  {NULL, NULL}
};

/* ---- The C API for scenarios -------------------------------------------------------------- */

static unsigned char pixels[24];

static void giveback (void *ud, void *ptr, size_t size) {
  (void)ud; (void)ptr; (void)size;
  faults.releases++;
}

/* frommemory() -> View, handle */
static int api_frommemory (lua_State *L) {
  memview_Handle h;
  faults.exports++;
  h = memview_frommemory(L, pixels, sizeof pixels, MEMVIEW_WRITABLE, giveback, NULL);
  lua_pushinteger(L, (lua_Integer)h);
  return 2;
}

/* frombuffer(format) -> View of 2 x 3 items of 4 bytes */
static int api_frombuffer (lua_State *L) {
  ptrdiff_t shape[2] = {2, 3}, strides[2] = {12, 4};
  memview_Buffer b = {0};
  b.buf = pixels;
  b.len = sizeof pixels;
  b.itemsize = 4;
  b.ndim = 2;
  b.format = luaL_checkstring(L, 1);
  b.shape = shape;
  b.strides = strides;
  b.release = giveback;
  faults.exports++;
  (void)memview_frombuffer(L, &b);
  return 1;
}

static int api_fromobject (lua_State *L) {
  memview_fromobject(L, 1);
  return 1;
}

static int api_getcontiguous (lua_State *L) {
  memview_getcontiguous(L, 1, 0, *luaL_checkstring(L, 2));
  return 1;
}

static int api_check (lua_State *L) {
  lua_pushboolean(L, memview_check(L, 1));
  return 1;
}

/* acquire(x) -> guard that still holds */
static int api_acquire (lua_State *L) {
  memview_Buffer b;
  memview_acquire(L, 1, &b, MEMVIEW_INDIRECT);
  return 1;
}

/* release(x) -> what a consumer does: describes, copies out and in, lets go */
static int api_release (lua_State *L) {
  memview_Buffer b;
  unsigned char copy[256];
  ptrdiff_t zeros[MEMVIEW_MAXDIM] = {0};
  memview_acquire(L, 1, &b, 0);
  if (b.len <= (ptrdiff_t)sizeof copy) {
    lua_pushboolean(L, memview_iscontiguous(L, &b, 'C') && memview_getpointer(L, &b, zeros) == b.buf);
    (void)memview_tocontiguous(L, copy, b.len, &b, 'C');
    (void)memview_fromcontiguous(L, &b, copy, b.len, 'C');
  }
  memview_release(L, &b);
  return 1;
}

static int api_pushbase (lua_State *L) {
  memview_pushbase(L, 1);
  return 1;
}

static int api_sizefromformat (lua_State *L) {
  lua_pushinteger(L, memview_sizefromformat(L, luaL_checkstring(L, 1)));
  return 1;
}

/* revoke(handle) -> holders left */
static int api_revoke (lua_State *L) {
  lua_pushinteger(L, memview_revoke(L, (memview_Handle)luaL_checkinteger(L, 1)));
  return 1;
}

static const luaL_Reg apifunctions[] = {
  {"frommemory", api_frommemory}, {"frombuffer", api_frombuffer}, {"fromobject", api_fromobject},
  {"getcontiguous", api_getcontiguous}, {"check", api_check}, {"acquire", api_acquire},
  {"release", api_release}, {"pushbase", api_pushbase}, {"sizefromformat", api_sizefromformat},
  {"revoke", api_revoke},
  {NULL, NULL}
};

/* ---- One run ------------------------------------------------------------------------------- */

/* Lua's own class for large luaL_Buffers stays without its methods where memory fails
** while it is made (5.4.4); so it is made before anything can fail. */
static void makebox (lua_State *L) {
  luaL_Buffer b;
  (void)luaL_buffinitsize(L, &b, 2 * LUAL_BUFFERSIZE);
  luaL_pushresult(&b);
  lua_pop(L, 1);
}

static int openhost (lua_State *L) {
  luaL_openlibs(L);
  makebox(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_memview_core);
  lua_setfield(L, -2, "memview.core");
  luaL_newlib(L, faultfunctions);
  lua_setglobal(L, "fault");
  luaL_newlib(L, apifunctions);
  lua_setglobal(L, "capi");
  return 0;
}

static const char *folder;

typedef struct Outcome {
  int failed;                   /* requests that failed: 0, the scenario got through */
  long skipped;
  char name[64];
} Outcome;

/* Results of run.lua: name of the scenario (nil: no such), how many requests failed. */
static int run (lua_State *L, int scenario, const char *way, long n, Outcome *o) {
  char path[512];
  snprintf(path, sizeof path, "%s/run.lua", folder);
  lua_pushcfunction(L, openhost);
  if (lua_pcall(L, 0, 0, 0) != LUA_OK || luaL_loadfile(L, path) != LUA_OK) return 0;
  lua_pushinteger(L, scenario);
  lua_pushstring(L, way);
  lua_pushinteger(L, n);
  if (lua_pcall(L, 3, 2, 0) != LUA_OK) return 0;
  o->name[0] = '\0';
  if (!lua_isnil(L, -2)) snprintf(o->name, sizeof o->name, "%s", lua_tostring(L, -2));
  o->failed = (int)lua_tointeger(L, -1);
  return 1;
}

/* A new state, one run, and the balance. False where anything is wrong. */
static int attempt (int scenario, const char *way, long n, Outcome *o) {
  lua_State *L;
  int ok;
  memset(&faults, 0, sizeof faults);
#if LUA_VERSION_NUM >= 505
  L = lua_newstate(allocate, NULL, 0);
#else
  L = lua_newstate(allocate, NULL);
#endif
  if (L == NULL) return 0;
  lua_setwarnf(L, warn, NULL);
  ok = run(L, scenario, way, n, o);
  faults.first = 0;
  if (!ok) printf("scenario %d (%s %ld): %s\n", scenario, way, n, lua_tostring(L, -1));
  o->skipped = faults.skipped;
  lua_close(L);
  if (o->skipped > 0) {
    printf("%s (%s %ld): %ld finalizers could not run\n", o->name, way, n, o->skipped);
    ok = 0;
  }
  if (faults.bytes != 0 || faults.blocks != 0) {
    printf("%s (%s %ld): %zu bytes in %zu blocks left after lua_close\n", o->name, way, n, faults.bytes,
           faults.blocks);
    ok = 0;
  }
  if (faults.releases != faults.exports) {
    printf("%s (%s %ld): %ld exports, %ld releases\n", o->name, way, n, faults.exports, faults.releases);
    ok = 0;
  }
  return ok;
}

/* All requests of a scenario, one way of failing. False at the end of the scenarios. */
static int scenario (int k, const char *way, long *runs, long *bad) {
  Outcome o;
  long n = 0;
  do {
    n++;
    if (!attempt(k, way, n, &o)) { ++*bad; return o.name[0] != '\0' || n > 1; }
    if (o.name[0] == '\0') return 0;
    *runs += o.failed > 0;
  } while (o.failed > 0);
  return 1;
}

int main (int argc, char **argv) {
  static const char *const ways[] = {"one", "two", "all"};
  long total = 0, bad = 0;
  int w, k, scenarios = 0;
  int first = argc > 3 ? atoi(argv[3]) : 0, last = argc > 3 ? first : INT_MAX;
  folder = argc > 1 ? argv[1] : ".";
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (w = 0; w < 3; w++) {
    long runs = 0;
    if (argc > 2 && strcmp(argv[2], ways[w]) != 0) continue;
    for (k = first; k <= last && scenario(k, ways[w], &runs, &bad); k++) scenarios = k + 1;
    printf("fail %s: %ld faults injected\n", ways[w], runs);
    total += runs;
  }
  printf("oom: %d scenarios, %ld faults injected, %ld failures\n", scenarios, total, bad);
  return bad > 0;
}
