/* main.c -- options, and the loop.
**
**   engine [--frames N] [--headless] [--reload-every N] [--resize-every N] [--screenshot FILE] [SCRIPT]
**
** Run it from the root of the repository. R loads the script again, Escape or closing the
** window ends it. README.md beside this file says more.
*/
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 480
#define HEIGHT 300

typedef struct Options {
  long frames;                  /* 0: until the window is closed */
  long reload, resize;          /* every so many frames; 0: never */
  const char *screenshot;
  int headless;
} Options;

/* ---- Options ------------------------------------------------------------------------- */

static int usage (void) {
  fputs("usage: engine [--frames N] [--headless] [--reload-every N] [--resize-every N]\n"
        "              [--screenshot FILE] [SCRIPT]\n", stderr);
  return 0;
}

static int readnumber (const char *text, long *number) {
  char *end;
  if (text == NULL) return 0;
  *number = strtol(text, &end, 10);
  return *end == '\0' && *number > 0;
}

/* 0 for what is no option. */
static int readoption (Options *o, const char *name, const char *value) {
  if (strcmp(name, "--frames") == 0) return readnumber(value, &o->frames);
  if (strcmp(name, "--reload-every") == 0) return readnumber(value, &o->reload);
  if (strcmp(name, "--resize-every") == 0) return readnumber(value, &o->resize);
  if (strcmp(name, "--screenshot") == 0) return (o->screenshot = value) != NULL;
  return 0;
}

static int readoptions (char **arg, Options *o, const char **script) {
  while (*++arg != NULL) {
    if (strcmp(*arg, "--headless") == 0) o->headless = 1;
    else if ((*arg)[0] != '-') *script = *arg;
    else if (!readoption(o, arg[0], arg[1])) return usage();
    else arg++;
  }
  return 1;
}

/* ---- The loop ------------------------------------------------------------------------- */

static int isdue (const Engine *e, long every) { return every > 0 && e->frame % every == 0; }

/* Another size, as a user might drag it. */
static void resize (const Engine *e, long every) {
  int k = (int)(e->frame / every % 5);
  SDL_SetWindowSize(e->screen.window, WIDTH - 77 * k, HEIGHT - 31 * k);
}

static void handle (lua_State *L, Engine *e, const SDL_Event *event) {
  if (event->type == SDL_QUIT) e->quit = 1;
  if (event->type == SDL_KEYDOWN && event->key.keysym.sym == SDLK_ESCAPE) e->quit = 1;
  if (event->type == SDL_KEYDOWN && event->key.keysym.sym == SDLK_r) script_load(L, e);
  if (event->type == SDL_WINDOWEVENT && event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) screen_renew(L, e);
}

static void frame (lua_State *L, Engine *e, const Options *o) {
  SDL_Event event;
  e->frame++;
  if (isdue(e, o->resize)) resize(e, o->resize);
  while (SDL_PollEvent(&event)) handle(L, e, &event);
  if (isdue(e, o->reload)) script_load(L, e);
  script_frame(L, e);
  mesh_draw(e);
  screen_show(e);
  if (!o->headless) SDL_Delay(16);
}

/* ---- Beginning and end ------------------------------------------------------------------ */

/* All that can raise runs in here. */
static int run (lua_State *L) {
  Engine *e = (Engine *)lua_touserdata(L, 1);
  const Options *o = (const Options *)lua_touserdata(L, 2);
  luaL_openlibs(L);
  luaL_requiref(L, "memview", luaopen_memview, 0);
  lua_newtable(L);
  e->api = luaL_ref(L, LUA_REGISTRYINDEX);
  screen_open(L, e, WIDTH, HEIGHT);
  mesh_open(L, e);
  script_load(L, e);
  while (!e->quit && (o->frames == 0 || e->frame < o->frames)) frame(L, e, o);
  if (o->screenshot != NULL) screen_save(L, e, o->screenshot);
  e->ended = 1;
  mesh_revoke(L, e);
  screen_revoke(L, e);
  return 0;
}

static int report (const Engine *e) {
  printf("%ld frames, %ld resizes, %ld loads of the script, %ld errors in it\n",
         e->frame, e->count.resizes, e->count.loads, e->count.errors);
  printf("%ld meshes made, %ld freed\n", e->count.meshes, e->count.freed);
  return EXIT_SUCCESS;
}

static int fail (lua_State *L) {
  fprintf(stderr, "engine: %s\n", lua_tostring(L, -1));
  return EXIT_FAILURE;
}

/* Lua goes first: nothing of it may look at the screen when that has gone. */
static int start (lua_State *L, Engine *e, Options *o) {
  int status;
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, e);
  lua_pushlightuserdata(L, o);
  status = lua_pcall(L, 2, 0, 0) == LUA_OK ? EXIT_SUCCESS : fail(L);
  lua_close(L);
  screen_close(e);
  return status == EXIT_SUCCESS ? report(e) : status;
}

int main (int argc, char **argv) {
  Engine e = {0};
  Options o = {0};
  lua_State *L;
  (void)argc;
  e.script.path = "examples/engine/game.lua";
  e.script.current = e.script.good = LUA_NOREF;
  if (!readoptions(argv, &o, &e.script.path)) return EXIT_FAILURE;
  if (o.headless) SDL_setenv("SDL_VIDEODRIVER", "dummy", 1);
  L = luaL_newstate();
  if (L == NULL) { fputs("engine: not enough memory\n", stderr); return EXIT_FAILURE; }
  return start(L, &e, &o);
}
