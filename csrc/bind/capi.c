/* capi.c -- the functions behind include/memview.h. */
#include "lmv.h"

#include <string.h>

#include "memview.h"

static char handleskey, guardkey;       /* in the registry */

/* ---- Handles -------------------------------------------------------------------------- */

/* Exports by number, in one userdata. A number is a slot and how often it was used, so
** one whose memory is gone names nothing. A slot owns the struct of its memory, not the
** bytes; when those are gone it may be used again. */
typedef struct Slot {
  mv_Memory *memory;            /* NULL: free */
  uint32_t uses;
  uint32_t nextfree;            /* number of the next free slot, from 1; 0 after the last */
} Slot;

typedef struct Handles {
  uint32_t tag;
  Slot *slots;
  size_t n, capacity;
  size_t sweepat;               /* so many slots in use ask for a look at which are not */
  uint32_t free;                /* first free slot, from 1; 0: none */
  mv_Allocator alloc;
} Handles;

static Handles *gethandles (lua_State *L) {
  Handles *h;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &handleskey);
  h = (Handles *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  return h;
}

static void freeslot (Handles *h, size_t k) {
  mv_memory_drop(h->slots[k].memory);
  h->slots[k].memory = NULL;
  h->slots[k].nextfree = h->free;
  h->free = (uint32_t)k + 1;
}

/* The state ends: what is still exported (by finalizers, during the end) is given back. */
static int handles_gc (lua_State *L) {
  Handles *h = (Handles *)lua_touserdata(L, 1);
  size_t k;
  if (h == NULL || lua_rawlen(L, 1) != sizeof(Handles) || h->tag != LMV_TAGHANDLES)
    return luaL_typeerror(L, 1, "handles");
  if (lua_gc(L, LUA_GCISRUNNING) > 0) return 0;         /* called by hand, not by the collector */
  if (gethandles(L) == h) {             /* no more exports */
    lua_pushnil(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &handleskey);
  }
  for (k = 0; k < h->n; k++)
    if (h->slots[k].memory != NULL) {
      h->slots[k].memory->holds = 0;
      (void)mv_memory_revoke(h->slots[k].memory);
      freeslot(h, k);
    }
  if (h->slots != NULL) h->alloc.realloc(h->alloc.ud, h->slots, h->capacity * sizeof(Slot), 0);
  h->slots = NULL;
  h->n = h->capacity = 0;
  return 0;
}

static void sweepslots (Handles *h) {
  size_t k, used = 0;
  for (k = 0; k < h->n; k++) {
    if (h->slots[k].memory == NULL) continue;
    if (h->slots[k].memory->data == NULL) freeslot(h, k);
    else used++;
  }
  h->sweepat = 2 * used + 8;
}

static bool growslots (Handles *h) {
  size_t capacity = h->capacity * 2 + 8;
  Slot *slots;
  if (capacity > UINT32_MAX) return false;
  slots = (Slot *)h->alloc.realloc(h->alloc.ud, h->slots, h->capacity * sizeof(Slot), capacity * sizeof(Slot));
  if (slots == NULL) return false;
  h->slots = slots;
  h->capacity = capacity;
  return true;
}

/* A free slot, which stays free until it gets a memory; NULL: no memory. */
static Slot *takeslot (Handles *h) {
  if (h->free == 0 && h->n >= h->sweepat) sweepslots(h);
  if (h->free == 0) {
    if (h->n == h->capacity && !growslots(h)) return NULL;
    memset(&h->slots[h->n++], 0, sizeof(Slot));
    h->free = (uint32_t)h->n;
  }
  return &h->slots[h->free - 1];
}

static void openhandles (lua_State *L) {
  Handles *h = (Handles *)lua_newuserdatauv(L, sizeof(Handles), 0);
  memset(h, 0, sizeof(*h));
  h->tag = LMV_TAGHANDLES;
  h->alloc = lmv_allocator(L);
  lua_newtable(L);
  lua_pushcfunction(L, handles_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &handleskey);
}

static memview_Handle handleof (const Handles *h, const Slot *s) {
  return ((uint64_t)s->uses << 32) + (uint64_t)(s - h->slots) + 1;
}

/* The slot that a handle names, with its number in *k; NULL where it names nothing. */
static Handles *findhandle (lua_State *L, memview_Handle handle, size_t *k) {
  Handles *h = gethandles(L);
  uint64_t slot = (handle & UINT32_MAX) - 1;
  if (h == NULL || slot >= h->n || h->slots[slot].uses != handle >> 32) return NULL;
  *k = (size_t)slot;
  return h->slots[slot].memory != NULL ? h : NULL;
}

/* ---- Exporting -------------------------------------------------------------------------- */

static void capi_fromobject (lua_State *L, int idx) {
  lmv_Exporter kind;
  idx = lua_absindex(L, idx);
  lmv_checkstack(L, 8);
  lua_pushvalue(L, idx);
  kind = lmv_resolve(L, -1);
  if (kind == LMV_NONE) luaL_error(L, "string, buffer or view expected, got %s", luaL_typename(L, -1));
  lmv_viewof(L, lua_gettop(L), kind, lua_rawequal(L, idx, -1) ? 0 : idx);
  lua_remove(L, -2);
}

/* One call to export: what is given, and what has been made of it. */
typedef struct Export {
  const memview_Buffer *b;
  mv_Memory *memory;
  memview_Handle handle;
} Export;

static int baddescription (lua_State *L, const char *what) {
  return luaL_error(L, "bad buffer description: %s", what);
}

/* The item of the format; *holder as lmv_checkviewable. */
static const mv_Item *describeitem (lua_State *L, const memview_Buffer *b, int *holder) {
  const char *format = lua_pushstring(L, b->format != NULL ? b->format : "B");
  const mv_Item *item = lmv_checkviewable(L, lua_gettop(L) | LMV_FROMC, holder);
  if (item->size != b->itemsize)
    luaL_error(L, "bad buffer description: itemsize %I, but '%s' has %I bytes", (LUAI_UACINT)b->itemsize,
               format, (LUAI_UACINT)item->size);
  return item;
}

/* The dimensions of a description. NULL, or what is wrong with them. */
static const char *readdims (const memview_Buffer *b, int *ndim, mv_Dim *dim) {
  ptrdiff_t nbytes, low = 0, high = b->itemsize;
  int d, n = b->shape != NULL ? b->ndim : 1;
  if (b->ndim < 0 || b->ndim > MV_MAXDIM) return "ndim must be 0 to 64";
  if (b->shape == NULL && b->ndim > 1) return "no shape";
  if (b->len < 0) return "len is negative";
  if (b->itemsize <= 0) return "itemsize must be above 0";
  for (d = 0; d < n; d++) {
    dim[d].length = b->shape != NULL ? b->shape[d] : b->len / b->itemsize;
    if (dim[d].length < 0) return "a length is negative";
  }
  if (mv_dims_pack(n, dim, b->itemsize, 'C', &nbytes) != MV_OK) return "the shape is too large";
  if (nbytes != b->len) return "len is not the product of shape and itemsize";
  /* From the last dimension on, so that low and high are what lies behind each pointer. */
  for (d = n - 1; d >= 0; d--) {
    ptrdiff_t stride = b->strides != NULL ? b->strides[d] : dim[d].stride, size = stride;
    ptrdiff_t sub = b->suboffsets != NULL && b->suboffsets[d] >= 0 ? b->suboffsets[d] : -1;
    if (stride == PTRDIFF_MIN) return "a stride is too large";
    if (sub >= 0) {
      if (sub < low) return "a suboffset is too small for the negative strides behind it";
      if (!mv_add(sub, high, &high)) return "a suboffset is too large";
      low = 0;
      high = (ptrdiff_t)sizeof(void *);
    }
    if (size < 0) size = -size;
    if (dim[d].length > 1) {
      if (!mv_mul(size, dim[d].length - 1, &size)) return "the strides are too large";
      if (!(stride < 0 ? mv_add(low, size, &low) : mv_add(high, size, &high))) return "the strides are too large";
    }
    if (high > PTRDIFF_MAX - low) return "the strides are too large";
    dim[d].stride = stride;
    dim[d].suboffset = sub;
  }
  if (b->buf == NULL && b->len > 0) return "buf is NULL";
  *ndim = n;
  return NULL;
}

static void describedims (lua_State *L, const memview_Buffer *b, mv_Layout *l) {
  const char *wrong = readdims(b, &l->ndim, l->dim);
  if (wrong != NULL) baddescription(L, wrong);
  l->offset = 0;
}

/* Protected part of an export: makes the View first, then the memory, then joins them. */
static int makeexport (lua_State *L) {
  Export *e = (Export *)lua_touserdata(L, 1);
  Handles *h;
  mv_Layout l;
  const mv_Item *item;
  lmv_View *v;
  Slot *slot;
  int format;
  h = gethandles(L);
  if (h == NULL) return luaL_error(L, "memview is being closed");
  item = describeitem(L, e->b, &format);
  describedims(L, e->b, &l);
  v = lmv_allocview(L, &l, item, format != 0 ? 2 : 0);
  if (format != 0) {
    lua_pushvalue(L, format);
    lua_setiuservalue(L, -2, 2);
  }
  slot = takeslot(h);
  if (slot == NULL) return lmv_nomemory(L);
  e->memory = mv_memory_foreign(&h->alloc, e->b->buf, e->b->len, e->b->release, e->b->ud);
  if (e->memory == NULL) return lmv_nomemory(L);
  h->free = slot->nextfree;
  slot->memory = e->memory;
  slot->uses++;
  e->handle = handleof(h, slot);
  v->readonly = e->b->readonly != 0;
  v->anonymous = true;
  lmv_seal(L, v, e->memory, NULL);
  return 1;
}

static memview_Handle capi_frombuffer (lua_State *L, const memview_Buffer *b) {
  Export e = {0};
  int status = LUA_ERRMEM;
  e.b = b;
  if (lua_checkstack(L, 8)) {
    lua_pushcfunction(L, makeexport);
    lua_pushlightuserdata(L, &e);
    status = lua_pcall(L, 1, 1, 0);
  }
  if (status == LUA_OK) return e.handle;
  if (e.memory == NULL && b->release != NULL) b->release(b->ud, b->buf, b->len < 0 ? 0 : (size_t)b->len);
  if (status == LUA_ERRMEM) lmv_nomemory(L);
  lua_error(L);
  return 0;
}

static memview_Handle capi_frommemory (lua_State *L, void *ptr, size_t size, int flags,
                                       memview_Release release, void *ud) {
  memview_Buffer b = {0};
  b.buf = ptr;
  b.len = size > PTRDIFF_MAX ? -1 : (ptrdiff_t)size;
  b.itemsize = 1;
  b.readonly = !(flags & MEMVIEW_WRITABLE);
  b.ndim = 1;
  b.release = release;
  b.ud = ud;
  return capi_frombuffer(L, &b);
}

/* The callback may come back in here, with this handle or another. */
static ptrdiff_t capi_revoke (lua_State *L, memview_Handle handle) {
  size_t k;
  Handles *h = findhandle(L, handle, &k);
  if (h == NULL) return 0;
  if (mv_memory_revoke(h->slots[k].memory) != MV_OK) return h->slots[k].memory->holds;
  h = findhandle(L, handle, &k);
  if (h != NULL) freeslot(h, k);
  return 0;
}

/* ---- Consuming ---------------------------------------------------------------------------- */

static int capi_check (lua_State *L, int idx) { return lmv_toview(L, idx) != NULL; }

/* Keeps what a consumer uses: user value 1 is the owner of the bytes. */
typedef struct Guard {
  uint32_t tag;
  mv_Memory *memory;            /* held and pinned, or NULL */
  ptrdiff_t numbers[];          /* shape, strides, suboffsets; then the format */
} Guard;

static void dropguard (Guard *g) {
  mv_Memory *m = g->memory;
  g->memory = NULL;
  if (m == NULL) return;
  m->holds--;
  mv_memory_unpin(m);
}

static int guard_gc (lua_State *L) {
  Guard *g = (Guard *)lua_touserdata(L, 1);
  if (g == NULL || lua_rawlen(L, 1) < sizeof(Guard) || g->tag != LMV_TAGGUARD)
    return luaL_typeerror(L, 1, "guard");
  dropguard(g);
  return 0;
}

static void checkrequest (lua_State *L, const lmv_View *v, int flags) {
  bool c = mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'C');
  bool f = mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'F');
  if ((flags & MEMVIEW_WRITABLE) && v->readonly) luaL_error(L, "view is read-only");
  if (((flags & MEMVIEW_C) && !c) || ((flags & MEMVIEW_F) && !f) || ((flags & MEMVIEW_ANY) && !c && !f))
    luaL_error(L, "view is not contiguous");
  if (!(flags & MEMVIEW_INDIRECT) && mv_dims_indirect(v->ndim, v->dim))
    luaL_error(L, "view follows pointers (suboffsets)");
}

/* Writes the numbers and the format of the view behind the guard, and *b. */
static void describe (Guard *g, const lmv_View *v, memview_Buffer *b, char *format, size_t formatsize) {
  int d, n = v->ndim;
  for (d = 0; d < n; d++) {
    g->numbers[d] = v->dim[d].length;
    g->numbers[n + d] = v->dim[d].stride;
    g->numbers[2 * n + d] = v->dim[d].suboffset;
  }
  format[mv_format_print(v->item, format, formatsize)] = '\0';
  memset(b, 0, sizeof(*b));
  b->len = mv_dims_items(n, v->dim) * v->item->size;
  b->itemsize = v->item->size;
  b->readonly = v->readonly;
  b->ndim = n;
  b->format = format;
  b->shape = g->numbers;
  b->strides = g->numbers + n;
  b->suboffsets = mv_dims_indirect(n, v->dim) ? g->numbers + 2 * n : NULL;
  b->internal = g;
}

static void capi_acquire (lua_State *L, int idx, memview_Buffer *b, int flags) {
  const lmv_View *v;
  unsigned char *address;
  size_t formatsize, numbers;
  Guard *g;
  lmv_checkstack(L, 16);
  capi_fromobject(L, idx);
  v = lmv_toview(L, -1);
  checkrequest(L, v, flags);
  formatsize = mv_format_print(v->item, NULL, 0);
  numbers = 3 * (size_t)v->ndim * sizeof(ptrdiff_t);
  g = (Guard *)lua_newuserdatauv(L, offsetof(Guard, numbers) + numbers + formatsize + 1, 1);
  g->tag = LMV_TAGGUARD;
  g->memory = NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &guardkey);
  lua_setmetatable(L, -2);
  address = lmv_address(L, v);          /* raises where a finalizer has revoked it just now */
  describe(g, v, b, (char *)g + offsetof(Guard, numbers) + numbers, formatsize);
  b->buf = address;
  if (v->pinning) {
    g->memory = v->of.memory;
    mv_memory_pin(g->memory);
    g->memory->holds++;
  }
  if (v->nuvalues > 0) {
    lua_getiuservalue(L, -2, 1);
    lua_setiuservalue(L, -2, 1);
  }
  lmv_release(lmv_toview(L, -2));       /* the guard pins by itself */
  lua_remove(L, -2);
}

static void capi_release (lua_State *L, memview_Buffer *b) {
  Guard *g = (Guard *)b->internal;
  (void)L;
  memset(b, 0, sizeof(*b));
  if (g != NULL) dropguard(g);
}

static void capi_pushbase (lua_State *L, int idx) {
  lmv_View *v = lmv_toview(L, idx);
  lmv_checkstack(L, 4);
  if (v == NULL) luaL_error(L, "view expected, got %s", luaL_typename(L, idx));
  (void)lmv_address(L, v);
  lmv_pushobj(L, idx, v);
}

static void capi_getcontiguous (lua_State *L, int idx, int access, char order) {
  mv_Layout l;
  lmv_View *v;
  bool c, f;
  if (order != 'C' && order != 'F' && order != 'A') luaL_error(L, "order 'C', 'F' or 'A' expected");
  capi_fromobject(L, idx);
  v = lmv_toview(L, -1);
  if ((access & MEMVIEW_WRITABLE) && v->readonly) luaL_error(L, "view is read-only");
  c = mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'C');
  f = mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'F');
  if (order == 'C' ? c : order == 'F' ? f : c || f) return;
  if (access & MEMVIEW_WRITABLE) luaL_error(L, "view is not contiguous");
  lmv_getlayout(v, &l);
  lmv_pushcopy(L, lua_gettop(L), &l, order == 'F' ? 'F' : 'C')->readonly = true;
  lua_remove(L, -2);
}

/* ---- Descriptions --------------------------------------------------------------------------- */

static bool getdims (const memview_Buffer *b, int *ndim, mv_Dim *dim) {
  return readdims(b, ndim, dim) == NULL;
}

static int capi_iscontiguous (const memview_Buffer *b, char order) {
  mv_Dim dim[MV_MAXDIM];
  int n;
  if (!getdims(b, &n, dim)) return 0;
  if (order == 'A') return capi_iscontiguous(b, 'C') || capi_iscontiguous(b, 'F');
  return (order == 'C' || order == 'F') && mv_dims_contiguous(n, dim, b->itemsize, order);
}

static void *capi_getpointer (const memview_Buffer *b, const ptrdiff_t *indices) {
  mv_Dim dim[MV_MAXDIM];
  unsigned char *p = (unsigned char *)b->buf;
  int d, n;
  if (!getdims(b, &n, dim)) return NULL;
  for (d = 0; d < n; d++)
    if (indices[d] < 0 || indices[d] >= dim[d].length) return NULL;
  for (d = 0; d < n; d++) {
    p += indices[d] * dim[d].stride;
    if (dim[d].suboffset >= 0) {
      unsigned char *target;
      memcpy(&target, p, sizeof target);
      p = target + dim[d].suboffset;
    }
  }
  return p;
}

/* The span of a description, and the order that 'A' stands for. */
static bool getspan (const memview_Buffer *b, ptrdiff_t size, char *order, mv_Span *s, mv_Item *item, mv_Dim *dim) {
  if (!getdims(b, &s->ndim, dim) || size != b->len) return false;
  if (*order == 'A') *order = !capi_iscontiguous(b, 'C') && capi_iscontiguous(b, 'F') ? 'F' : 'C';
  if (*order != 'C' && *order != 'F') return false;
  memset(item, 0, sizeof(*item));
  item->kind = MV_STRING;
  item->size = b->itemsize;
  s->at = (unsigned char *)b->buf;
  s->dim = dim;
  s->item = item;
  return true;
}

static int capi_tocontiguous (void *dst, ptrdiff_t size, const memview_Buffer *b, char order) {
  mv_Dim dim[MV_MAXDIM];
  mv_Item item;
  mv_Span s;
  if (!getspan(b, size, &order, &s, &item, dim)) return 0;
  mv_bulk_pack((unsigned char *)dst, &s, order);
  return 1;
}

static int capi_fromcontiguous (const memview_Buffer *b, const void *src, ptrdiff_t size, char order) {
  mv_Dim dim[MV_MAXDIM];
  mv_Item item;
  mv_Span s;
  if (b->readonly || !getspan(b, size, &order, &s, &item, dim)) return 0;
  mv_bulk_unpack(&s, (const unsigned char *)src, order);
  return 1;
}

static ptrdiff_t capi_sizefromformat (lua_State *L, const char *format) {
  ptrdiff_t size;
  int top = lua_gettop(L), holder;
  lmv_checkstack(L, 8);
  lua_pushstring(L, format);
  size = lmv_checkformat(L, (top + 1) | LMV_FROMC, &holder)->size;
  lua_settop(L, top);
  return size;
}

/* ---- The table -------------------------------------------------------------------------------- */

static const memview_Api api = {
  MEMVIEW_API_MAJOR, MEMVIEW_API_MINOR,
  capi_fromobject, capi_frommemory, capi_frombuffer, capi_getcontiguous, capi_check,
  capi_acquire, capi_release, capi_pushbase,
  capi_iscontiguous, capi_getpointer, capi_tocontiguous, capi_fromcontiguous,
  capi_sizefromformat, capi_revoke
};

static void openguard (lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, guard_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushcfunction(L, guard_gc);
  lua_setfield(L, -2, "__close");
  lua_pushliteral(L, "memview.Guard");
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, "memview.Guard");
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &guardkey);
}

/* The module may be opened again in a state; exports go on. */
void lmv_opencapi (lua_State *L) {
  if (gethandles(L) == NULL) openhandles(L);
  openguard(L);
  lua_pushlightuserdata(L, (void *)&api);
  lua_setfield(L, LUA_REGISTRYINDEX, MEMVIEW_APIKEY);
}
