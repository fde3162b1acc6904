/* single.c -- the Lua layer in C. tools/single.lua puts this file behind the binding, and the
** files of lua/memview, as lines, in the place of the comment below. */

#define CORE "memview.core"

typedef struct Module {
  const char *name;
  const char *chunkname;
  const char *const *lines;             /* ends with NULL */
} Module;

/* MODULES */

#define NMODULES (sizeof modules / sizeof modules[0])

/* A lua_Reader: the line at *ud, which moves on. */
static const char *nextline (lua_State *L, void *ud, size_t *size) {
  const char *const **at = (const char *const **)ud;
  const char *line = **at;
  (void)L;
  if (line == NULL) return NULL;
  *size = strlen(line);
  (*at)++;
  return line;
}

static const Module *findmodule (const char *name) {
  size_t k;
  for (k = 0; k < NMODULES; k++)
    if (strcmp(modules[k].name, name) == 0) return &modules[k];
  return NULL;
}

static int openmodule (lua_State *L);

/* `require` for the modules: what the state has loaded, else what is in here. So the host
** needs no library "package", and no path of it can lead to other files. */
static int requiremodule (lua_State *L) {
  luaL_requiref(L, luaL_checkstring(L, 1), openmodule, 0);
  return 1;
}

/* Opens the module that argument 1 names. Each file begins with a line that makes
** `require` local. */
static int openmodule (lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  const Module *m = findmodule(name);
  const char *const *lines;
  if (strcmp(name, CORE) == 0) return luaopen_memview_core(L);
  if (m == NULL) return luaL_error(L, "module '%s' is not part of memview", name);
  lines = m->lines;
  if (lua_load(L, nextline, (void *)&lines, m->chunkname, "t") != LUA_OK) return lua_error(L);
  lua_pushcfunction(L, requiremodule);
  lua_call(L, 1, 1);
  return 1;
}

/* Lets scripts require the parts of memview by their names: "memview.struct". */
static void preload (lua_State *L) {
  size_t k;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, openmodule);
  lua_setfield(L, -2, CORE);
  for (k = 0; k < NMODULES; k++) {
    lua_pushcfunction(L, openmodule);
    lua_setfield(L, -2, modules[k].name);
  }
  lua_pop(L, 1);
}

LMV_EXPORT int luaopen_memview (lua_State *L);

int luaopen_memview (lua_State *L) {
  luaL_checkversion(L);
  preload(L);
  lua_pushcfunction(L, openmodule);
  lua_pushliteral(L, "memview");
  lua_call(L, 1, 1);
  return 1;
}
