/* screen.c -- the window's surface as two views, and taking them back. */
#include "engine.h"

/* Where red, green and blue stand in a pixel 0x00RRGGBB, in bytes. */
#define FIRST (SDL_BYTEORDER == SDL_LIL_ENDIAN ? 2 : 1)
#define STEP (SDL_BYTEORDER == SDL_LIL_ENDIAN ? -1 : 1)

static int sdlerror (lua_State *L, const char *what) {
  return luaL_error(L, "%s: %s", what, SDL_GetError());
}

/* Pushes a view of the pixels: one number each. Rows are `pitch` bytes apart, which may be
** more than a row has. */
static memview_Handle exportpixels (lua_State *L, const SDL_Surface *s) {
  ptrdiff_t shape[2], strides[2];
  memview_Buffer b = {0};
  shape[0] = s->h;
  shape[1] = s->w;
  strides[0] = s->pitch;
  strides[1] = 4;
  b.buf = s->pixels;
  b.format = "I";
  b.itemsize = 4;
  b.len = shape[0] * shape[1] * 4;
  b.ndim = 2;
  b.shape = shape;
  b.strides = strides;
  return memview_frombuffer(L, &b);
}

/* Pushes another view of the same memory: red, green and blue as bytes. Where blue lies first
** the stride of the colours is negative, and buf points to red. */
static memview_Handle exportcolours (lua_State *L, const SDL_Surface *s) {
  ptrdiff_t shape[3], strides[3];
  memview_Buffer b = {0};
  shape[0] = s->h;
  shape[1] = s->w;
  shape[2] = 3;
  strides[0] = s->pitch;
  strides[1] = 4;
  strides[2] = STEP;
  b.buf = (Uint8 *)s->pixels + FIRST;
  b.itemsize = 1;
  b.len = shape[0] * shape[1] * 3;
  b.ndim = 3;
  b.shape = shape;
  b.strides = strides;
  return memview_frombuffer(L, &b);
}

/* After this SDL may free the pixels. */
void screen_revoke (lua_State *L, Engine *e) {
  Screen *s = &e->screen;
  if (memview_revoke(L, s->pixels) != 0 || memview_revoke(L, s->colours) != 0)
    luaL_error(L, "C code still works on the screen");
  if (s->renderer != NULL) SDL_DestroyRenderer(s->renderer);
  s->renderer = NULL;
  s->surface = NULL;
}

/* Fetches the window's surface and sets engine.screen and engine.colours. */
static void expose (lua_State *L, Engine *e) {
  Screen *s = &e->screen;
  SDL_PixelFormat *f;
  s->surface = SDL_GetWindowSurface(s->window);
  if (s->surface == NULL) sdlerror(L, "cannot get the window's surface");
  f = s->surface->format;
  if (f->BytesPerPixel != 4 || f->Rmask != 0xff0000 || f->Gmask != 0xff00 || f->Bmask != 0xff)
    luaL_error(L, "pixels 0xRRGGBB expected, got %s", SDL_GetPixelFormatName(f->format));
  s->renderer = SDL_CreateSoftwareRenderer(s->surface);
  if (s->renderer == NULL) sdlerror(L, "cannot draw");
  SDL_SetRenderDrawBlendMode(s->renderer, SDL_BLENDMODE_BLEND);
  lua_rawgeti(L, LUA_REGISTRYINDEX, e->api);
  s->pixels = exportpixels(L, s->surface);
  lua_setfield(L, -2, "screen");
  s->colours = exportcolours(L, s->surface);
  lua_setfield(L, -2, "colours");
  lua_pop(L, 1);
}

void screen_open (lua_State *L, Engine *e, int width, int height) {
  if (SDL_Init(SDL_INIT_VIDEO) != 0) sdlerror(L, "cannot start SDL (try --headless)");
  e->screen.window = SDL_CreateWindow("memview", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                      width, height, SDL_WINDOW_RESIZABLE);
  if (e->screen.window == NULL) sdlerror(L, "cannot open a window");
  expose(L, e);
}

void screen_renew (lua_State *L, Engine *e) {
  screen_revoke(L, e);
  expose(L, e);
  e->count.resizes++;
}

void screen_show (Engine *e) {
  SDL_RenderFlush(e->screen.renderer);
  SDL_UpdateWindowSurface(e->screen.window);
}

/* The view that examples/bmp.lua gets is made for this call, and taken back after it. */
void screen_save (lua_State *L, Engine *e, const char *path) {
  memview_Handle colours;
  if (luaL_loadstring(L, "local path, colours = ... dofile 'examples/bmp.lua'.save(path, colours)") != LUA_OK)
    lua_error(L);
  lua_pushstring(L, path);
  colours = exportcolours(L, e->screen.surface);
  lua_call(L, 2, 0);
  memview_revoke(L, colours);
}

void screen_close (Engine *e) {
  if (e->screen.renderer != NULL) SDL_DestroyRenderer(e->screen.renderer);
  if (e->screen.window != NULL) SDL_DestroyWindow(e->screen.window);
  SDL_Quit();
}
