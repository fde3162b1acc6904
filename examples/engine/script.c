/* script.c -- runs the script, and goes on with the last good one where it fails. */
#include "engine.h"

#include <stdio.h>
#include <string.h>

/* A message handler: any error as text, with a traceback. */
static int explain (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}

/* Prints the error on top, unless it is the one of the frame before, and pops it. */
static void complain (lua_State *L, Engine *e) {
  const char *message = lua_tostring(L, -1);
  e->count.errors++;
  if (strncmp(message, e->script.message, sizeof e->script.message - 1) != 0)
    fprintf(stderr, "frame %ld: %s\n", e->frame, message);
  snprintf(e->script.message, sizeof e->script.message, "%s", message);
  lua_pop(L, 1);
}

/* A script is a file that gets the table `engine` and gives a function: frame(seconds). */
static int load (lua_State *L) {
  const Engine *e = (const Engine *)lua_touserdata(L, 1);
  if (luaL_loadfilex(L, e->script.path, "t") != LUA_OK) return lua_error(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->api);
  lua_call(L, 1, 1);
  if (!lua_isfunction(L, -1)) return luaL_error(L, "%s gave no function", e->script.path);
  return 1;
}

/* Lets go of a reference, unless the other one is the same. */
static void drop (lua_State *L, int reference, int other) {
  if (reference != other) luaL_unref(L, LUA_REGISTRYINDEX, reference);
}

void script_load (lua_State *L, Engine *e) {
  Script *s = &e->script;
  int status;
  e->count.loads++;
  lua_pushcfunction(L, explain);
  lua_pushcfunction(L, load);
  lua_pushlightuserdata(L, e);
  status = lua_pcall(L, 1, 1, -3);
  if (status == LUA_OK) {
    drop(L, s->current, s->good);
    s->current = luaL_ref(L, LUA_REGISTRYINDEX);
    s->message[0] = '\0';
  }
  else complain(L, e);
  lua_pop(L, 1);
}

/* After an error: back to the last good script. Where that one has failed it stays, since
** what was wrong may pass. */
static void fallback (lua_State *L, Script *s) {
  if (s->good == LUA_NOREF) return;
  drop(L, s->current, s->good);
  s->current = s->good;
}

/* After a frame without one. */
static void approve (lua_State *L, Script *s) {
  drop(L, s->good, s->current);
  s->good = s->current;
}

void script_frame (lua_State *L, Engine *e) {
  int status;
  if (e->script.current == LUA_NOREF) return;
  lua_pushcfunction(L, explain);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->script.current);
  lua_pushnumber(L, (lua_Number)e->frame / 60);
  status = lua_pcall(L, 1, 0, -3);
  if (status == LUA_OK) approve(L, &e->script);
  else {
    complain(L, e);
    fallback(L, &e->script);
  }
  lua_pop(L, 1);
}
