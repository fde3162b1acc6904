/* mesh.c -- an array of the engine as a view of records. */
#include "engine.h"

#define MAXVERTICES 30000

/* SDL_Vertex as a format: position, colour, and a place in a texture. */
static const char format[] = "T{f:x: f:y: B:r: B:g: B:b: B:a: f:u: f:v:}";

/* A memview_Release: Lua needs the vertices no more. It is called once for each array. */
static void freevertices (void *ud, void *vertices, size_t size) {
  Engine *e = (Engine *)ud;
  (void)size;
  SDL_free(vertices);
  e->mesh.vertices = NULL;
  e->mesh.count = 0;
  e->count.freed++;
}

/* Gives the array to Lua, as a view on the stack. From here on it is freed by the callback,
** also where this raises. */
static memview_Handle exportvertices (lua_State *L, Engine *e) {
  memview_Buffer b = {0};
  b.buf = e->mesh.vertices;
  b.format = format;
  b.itemsize = sizeof(SDL_Vertex);
  b.len = e->mesh.count * b.itemsize;           /* no shape: one dimension */
  b.ndim = 1;
  b.release = freevertices;
  b.ud = e;
  return memview_frombuffer(L, &b);
}

void mesh_revoke (lua_State *L, Engine *e) {
  if (memview_revoke(L, e->mesh.handle) != 0) luaL_error(L, "C code still works on the mesh");
}

/* engine.vertices(n) -> engine.mesh: an array of n vertices takes the place of the one there is. */
static int newvertices (lua_State *L) {
  Engine *e = (Engine *)lua_touserdata(L, lua_upvalueindex(1));
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 0 && n <= MAXVERTICES, 1, "0 to 30000 expected");
  if (e->ended) return luaL_error(L, "the engine has ended");
  mesh_revoke(L, e);
  e->mesh.vertices = (SDL_Vertex *)SDL_calloc((size_t)n + 1, sizeof(SDL_Vertex));
  if (e->mesh.vertices == NULL) return luaL_error(L, "not enough memory");
  e->mesh.count = (int)n;
  e->count.meshes++;
  e->mesh.handle = exportvertices(L, e);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->api);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "mesh");
  lua_pop(L, 1);
  return 1;
}

void mesh_open (lua_State *L, Engine *e) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->api);
  lua_pushlightuserdata(L, e);
  lua_pushcclosure(L, newvertices, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "vertices");
  lua_pushinteger(L, 0);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
}

/* What a script has written is input like any other: it may be far away, or no number. */
static int isnear (const SDL_Vertex *v) {
  return v->position.x > -9999 && v->position.x < 9999 && v->position.y > -9999 && v->position.y < 9999;
}

void mesh_draw (Engine *e) {
  const SDL_Vertex *v = e->mesh.vertices;
  int k;
  for (k = 0; k + 3 <= e->mesh.count; k += 3)
    if (isnear(&v[k]) && isnear(&v[k + 1]) && isnear(&v[k + 2]))
      SDL_RenderGeometry(e->screen.renderer, NULL, &v[k], 3, NULL, 0);
}
