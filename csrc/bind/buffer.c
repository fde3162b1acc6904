/* buffer.c -- the class Buffer: growable bytes. Views of a Buffer pin its memory. */
#include "lmv.h"

#include <string.h>

#define LMV_BUFFERNAME "memview.Buffer"

static char bufferkey;          /* of the metatable in the registry */

/* ---- Self ------------------------------------------------------------------------ */

static lmv_Buffer *checkself (lua_State *L, int arg) {
  lmv_Buffer *b = lmv_tobuffer(L, arg);
  if (b == NULL) luaL_typeerror(L, arg, "buffer");
  return b;
}

lmv_Buffer *lmv_checkbuffer (lua_State *L, int arg) {
  lmv_Buffer *b = checkself(L, arg);
  if (b->memory == NULL) luaL_error(L, "attempt to use a released buffer");
  return b;
}

/* ---- Making ------------------------------------------------------------------------ */

mv_Allocator lmv_allocator (lua_State *L) {
  mv_Allocator a;
  a.realloc = lua_getallocf(L, &a.ud);
  return a;
}

/* A new empty Buffer on the stack. */
static lmv_Buffer *newbuffer (lua_State *L) {
  lmv_Buffer *b = (lmv_Buffer *)lua_newuserdatauv(L, sizeof(lmv_Buffer), 0);
  mv_Allocator alloc = lmv_allocator(L);
  b->tag = LMV_TAGBUFFER;
  b->memory = NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &bufferkey);
  lua_setmetatable(L, -2);
  b->memory = mv_memory_new(&alloc);
  if (b->memory == NULL) lmv_nomemory(L);
  return b;
}

static int pinnederror (lua_State *L, const char *what, const mv_Memory *m) {
  return luaL_error(L, "cannot %s buffer: %I view%s live", what, (LUAI_UACINT)m->pins, m->pins == 1 ? " is" : "s are");
}

mv_Status lmv_tryattempt (lua_State *L, lmv_Attempt *f, void *ctx) {
  mv_Status status = f(L, lmv_checkbuffer(L, 1)->memory, ctx);
  if (status == MV_OK) return status;
  lmv_collect(L);
  return f(L, lmv_checkbuffer(L, 1)->memory, ctx);      /* a finalizer may have released it */
}

mv_Memory *lmv_attempt (lua_State *L, lmv_Attempt *f, void *ctx) {
  mv_Status status = lmv_tryattempt(L, f, ctx);
  mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  if (status == MV_PINNED) pinnederror(L, "resize", m);
  if (status != MV_OK) lmv_nomemory(L);
  return m;
}

unsigned char *lmv_pushbuffer (lua_State *L, ptrdiff_t n) {
  lmv_Buffer *b;
  lmv_announce(L, n);
  b = newbuffer(L);
  if (mv_memory_reserve(b->memory, n) == MV_NOMEMORY) {
    lmv_collect(L);
    if (mv_memory_reserve(b->memory, n) != MV_OK) lmv_nomemory(L);
  }
  b->memory->reserved = 0;
  (void)mv_memory_insert(b->memory, 0, n);
  return b->memory->data;
}

/* ---- What is put into a Buffer ------------------------------------------------------- */

/* A byte argument, 0..255. */
static unsigned char checkbyte (lua_State *L, int arg) {
  mv_Value v;
  lmv_checkvalue(L, arg, &mv_byteitem, &v);
  return (unsigned char)v.as.i;
}

/* Checks a byte or exporter, and makes the bytes of a view lie together. */
static void checkcontent (lua_State *L, int arg) {
  lmv_Exporter kind;
  ptrdiff_t n;
  if (lua_type(L, arg) == LUA_TNUMBER) { (void)checkbyte(L, arg); return; }
  kind = lmv_resolve(L, arg);
  if (kind == LMV_NONE) luaL_typeerror(L, arg, "byte, string, buffer or view");
  kind = lmv_pack(L, arg, kind);
  (void)lmv_getbytes(L, arg, kind, &n);
}

/* Bytes of checked content; *byte holds a number's. */
static const unsigned char *content (lua_State *L, int arg, unsigned char *byte, ptrdiff_t *n) {
  if (lua_type(L, arg) == LUA_TNUMBER) {
    *byte = (unsigned char)lua_tointeger(L, arg);
    *n = 1;
    return byte;
  }
  return lmv_getbytes(L, arg, lmv_resolve(L, arg), n);
}

typedef struct Insertion {
  ptrdiff_t offset;             /* -1: the end */
  int first, last;              /* arguments */
} Insertion;

static bool contentsize (lua_State *L, const Insertion *in, ptrdiff_t *total) {
  int arg;
  *total = 0;
  for (arg = in->first; arg <= in->last; arg++) {
    unsigned char byte;
    ptrdiff_t n;
    (void)content(L, arg, &byte, &n);
    if (!mv_add(*total, n, total)) return false;
  }
  return true;
}

static void putcontent (lua_State *L, const Insertion *in, unsigned char *dst) {
  int arg;
  for (arg = in->first; arg <= in->last; arg++) {
    unsigned char byte;
    ptrdiff_t n;
    const unsigned char *p = content(L, arg, &byte, &n);
    if (n > 0) memcpy(dst, p, (size_t)n);
    dst += n;
  }
}

static mv_Status insertcontent (lua_State *L, mv_Memory *m, void *ctx) {
  const Insertion *in = (const Insertion *)ctx;
  ptrdiff_t n, offset = in->offset < 0 || in->offset > m->size ? m->size : in->offset;
  mv_Status status;
  if (!contentsize(L, in, &n)) return MV_TOOLARGE;
  status = mv_memory_insert(m, offset, n);
  if (status == MV_OK && n > 0) putcontent(L, in, m->data + offset);
  return status;
}

/* Puts the arguments from `first` on into the Buffer at 1. One that is the Buffer
** itself goes in by its string, since it moves under the copy. */
static void insertarguments (lua_State *L, ptrdiff_t offset, int first) {
  Insertion in;
  mv_Memory *m;
  ptrdiff_t capacity = lmv_checkbuffer(L, 1)->memory->capacity;
  in.offset = offset;
  in.first = first;
  in.last = lua_gettop(L);
  for (; first <= in.last; first++) {
    checkcontent(L, first);
    if (lmv_tobuffer(L, first) == lmv_tobuffer(L, 1)) {
      m = lmv_checkbuffer(L, 1)->memory;
      lua_pushlstring(L, (const char *)m->data, (size_t)m->size);
      lua_replace(L, first);
    }
  }
  m = lmv_attempt(L, insertcontent, &in);
  if (m->capacity > capacity) lmv_announce(L, m->capacity - capacity);
}

/* ---- Methods that change the size ------------------------------------------------------ */

static int self (lua_State *L) {
  lua_settop(L, 1);
  return 1;
}

static inline void appendstring (mv_Memory *m, const char *p, size_t n) {
  memcpy(m->data + m->size, p, n);
  m->size += (ptrdiff_t)n;
}

/* One byte or string, where there is room and nobody looks: the common case. */
static inline bool appendquick (lua_State *L, mv_Memory *m) {
  ptrdiff_t room = m->capacity - m->size;
  lua_Integer x;
  int exact;
  size_t n;
  const char *p;
  if (lua_gettop(L) != 2 || m->pins > 0 || room <= 0) return false;
  switch (lua_type(L, 2)) {
    case LUA_TNUMBER:
      x = lua_tointegerx(L, 2, &exact);
      if (!exact || x < 0 || x > 255) return false;
      m->data[m->size++] = (unsigned char)x;
      return true;
    case LUA_TSTRING:
      p = lua_tolstring(L, 2, &n);
      if (n > (size_t)room) return false;
      appendstring(m, p, n);
      return true;
    default: return false;
  }
}

/* b:append(x, ...) -> b; a byte, or bytes of an exporter */
static int buffer_append (lua_State *L) {
  mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  if (appendquick(L, m)) return self(L);
  insertarguments(L, -1, 2);
  return self(L);
}

/* Bytes to append that lie where nothing moves them. */
typedef struct Bytes { const unsigned char *at; ptrdiff_t n; } Bytes;

static mv_Status appendbytes (lua_State *L, mv_Memory *m, void *ctx) {
  const Bytes *b = (const Bytes *)ctx;
  ptrdiff_t size = m->size;
  mv_Status status = mv_memory_insert(m, size, b->n);
  (void)L;
  if (status == MV_OK && b->n > 0) memcpy(m->data + size, b->at, (size_t)b->n);
  return status;
}

/* b:pack(format, ...) -> b; appends the values as struct.pack packs them */
static int buffer_pack (lua_State *L) {
  unsigned char small[LMV_SMALL];
  Bytes b;
  mv_Memory *m;
  const mv_Item *item;
  ptrdiff_t capacity = lmv_checkbuffer(L, 1)->memory->capacity;
  int last = lua_gettop(L), holder;
  item = lmv_checkformat(L, 2, &holder);
  b.at = lmv_packarguments(L, item, 2, 3, last, small);
  b.n = item->size;
  m = lmv_attempt(L, appendbytes, &b);
  if (m->capacity > capacity) lmv_announce(L, m->capacity - capacity);
  return self(L);
}

typedef struct Write { ptrdiff_t offset; Bytes bytes; } Write;

static mv_Status writebytes (lua_State *L, mv_Memory *m, void *ctx) {
  const Write *w = (const Write *)ctx;
  ptrdiff_t room = m->size - w->offset;
  mv_Status status = MV_OK;
  (void)L;
  if (room < 0) return MV_TOOLARGE;             /* a finalizer has made it shorter */
  if (w->bytes.n > room) status = mv_memory_insert(m, m->size, w->bytes.n - room);
  if (status == MV_OK && w->bytes.n > 0) memcpy(m->data + w->offset, w->bytes.at, (size_t)w->bytes.n);
  return status;
}

void lmv_bufferwrite (lua_State *L, ptrdiff_t offset, const unsigned char *p, ptrdiff_t n) {
  ptrdiff_t capacity = lmv_checkbuffer(L, 1)->memory->capacity;
  mv_Memory *m;
  Write w;
  w.offset = offset;
  w.bytes.at = p;
  w.bytes.n = n;
  m = lmv_attempt(L, writebytes, &w);
  if (m->capacity > capacity) lmv_announce(L, m->capacity - capacity);
}

/* b:insert(i, x) -> b; i from 1 to #b + 1 */
static int buffer_insert (lua_State *L) {
  ptrdiff_t size = lmv_checkbuffer(L, 1)->memory->size;
  lua_Integer i = lmv_checkinteger(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (i < 0) i += size + (lua_Integer)1;
  if (i < 1 || i > size + (lua_Integer)1)
    luaL_argerror(L, 2, lua_pushfstring(L, "position %I out of range (1 to %I)",
                  (LUAI_UACINT)lua_tointeger(L, 2), (LUAI_UACINT)size + 1));
  insertarguments(L, (ptrdiff_t)i - 1, 3);
  return self(L);
}

/* How the size changes: what to take out, or the new size and what new bytes are. */
typedef struct Change { ptrdiff_t offset, length; int byte; } Change;

static mv_Status removebytes (lua_State *L, mv_Memory *m, void *ctx) {
  const Change *c = (const Change *)ctx;
  (void)L;
  if (c->offset > m->size || c->length > m->size - c->offset) return MV_OK;     /* gone already */
  return mv_memory_remove(m, c->offset, c->length);
}

/* b:remove(i [, j]) -> b; one byte, or bytes i..j */
static int buffer_remove (lua_State *L) {
  ptrdiff_t size = lmv_checkbuffer(L, 1)->memory->size;
  Change c;
  if (lua_isnoneornil(L, 3)) {
    c.offset = lmv_checkindex(L, 2, size, "buffer");
    c.length = 1;
  }
  else {
    lmv_Range r = lmv_range(lmv_checkinteger(L, 2), lmv_checkinteger(L, 3), 1, size);
    c.offset = r.start;
    c.length = r.length;
  }
  lmv_attempt(L, removebytes, &c);
  return self(L);
}

static mv_Status setsize (lua_State *L, mv_Memory *m, void *ctx) {
  const Change *c = (const Change *)ctx;
  (void)L;
  ptrdiff_t old = m->size;
  mv_Status status;
  if (c->length < old) return mv_memory_remove(m, c->length, old - c->length);
  status = mv_memory_insert(m, old, c->length - old);
  if (status == MV_OK) memset(m->data + old, c->byte, (size_t)(c->length - old));
  return status;
}

static ptrdiff_t checksize (lua_State *L, int arg) {
  lua_Integer n = lmv_checkinteger(L, arg);
  if (n < 0)
    luaL_argerror(L, arg, lua_pushfstring(L, "size %I (0 or more expected)", (LUAI_UACINT)n));
  if (n > PTRDIFF_MAX) lmv_nomemory(L);
  return (ptrdiff_t)n;
}

/* b:resize(n [, byte]) -> b; new bytes are zero, or as given */
static int buffer_resize (lua_State *L) {
  mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  ptrdiff_t capacity = m->capacity;
  Change c;
  c.byte = lua_isnoneornil(L, 3) ? 0 : checkbyte(L, 3);
  c.length = checksize(L, 2);
  m = lmv_attempt(L, setsize, &c);
  if (m->capacity > capacity) lmv_announce(L, m->capacity - capacity);
  return self(L);
}

static int buffer_clear (lua_State *L) {
  Change c = {0, 0, 0};
  (void)lmv_checkbuffer(L, 1);
  lmv_attempt(L, setsize, &c);
  return self(L);
}

static mv_Status reserve (lua_State *L, mv_Memory *m, void *ctx) {
  (void)L;
  return mv_memory_reserve(m, ((const Change *)ctx)->length);
}

/* b:reserve(n) -> b; room for n bytes in all */
static int buffer_reserve (lua_State *L) {
  mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  ptrdiff_t capacity = m->capacity;
  Change c;
  c.length = checksize(L, 2);
  m = lmv_attempt(L, reserve, &c);
  if (m->capacity > capacity) lmv_announce(L, m->capacity - capacity);
  return self(L);
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* b[i] for a number at 2 */
static int getbyte (lua_State *L) {
  const mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  int exact;
  lua_Integer i = lua_tointegerx(L, 2, &exact);
  if (!exact) return luaL_argerror(L, 2, "number has no integer representation");
  if (i < 0) i += m->size + (lua_Integer)1;
  if (i < 1 || i > m->size) lua_pushnil(L);
  else lua_pushinteger(L, m->data[i - 1]);
  return 1;
}

/* b[key]. A method is found by its name alone, as in the tables of methods that other
** classes have for __index: it checks self itself. */
static int buffer_index (lua_State *L) {
  if (lua_type(L, 2) == LUA_TNUMBER) return getbyte(L);
  lua_settop(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL) (void)lmv_checkbuffer(L, 1);
  return 1;
}

static int buffer_newindex (lua_State *L) {
  const mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  ptrdiff_t i;
  unsigned char byte;
  if (lua_isinteger(L, 2) && lua_isinteger(L, 3)) {
    lua_Unsigned at = (lua_Unsigned)lua_tointeger(L, 2) - 1, x = (lua_Unsigned)lua_tointeger(L, 3);
    if (at < (lua_Unsigned)m->size && x <= 255) {
      m->data[at] = (unsigned char)x;
      return 0;
    }
  }
  if (lua_type(L, 2) != LUA_TNUMBER)
    return luaL_argerror(L, 2, lua_pushfstring(L, "cannot assign to '%s' of a buffer%s", luaL_tolstring(L, 2, NULL),
                                               lua_isnumber(L, 2) ? ": a string is no position" : ""));
  i = lmv_checkindex(L, 2, m->size, "buffer");
  byte = checkbyte(L, 3);
  m->data[i] = byte;
  return 0;
}

static int buffer_len (lua_State *L) {
  lua_pushinteger(L, lmv_checkbuffer(L, 1)->memory->size);
  return 1;
}

static int nextbyte (lua_State *L) {
  const mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  lua_Integer i = lmv_checkinteger(L, 2);
  if (i < 0 || i >= m->size) return 0;
  lua_pushinteger(L, i + 1);
  lua_pushinteger(L, m->data[i]);
  return 2;
}

static int buffer_pairs (lua_State *L) {
  (void)lmv_checkbuffer(L, 1);
  lua_pushcfunction(L, nextbyte);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

/* b:tobytes([i [, j]]) -> string */
static int buffer_tobytes (lua_State *L) {
  const mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  lmv_Range r = lmv_checkrange(L, 2, m->size);
  lua_pushlstring(L, (const char *)m->data + r.start, (size_t)r.length);
  return 1;
}

/* b:view() -> View of all bytes */
static int buffer_view (lua_State *L) {
  lmv_viewbuffer(L, 1, lmv_checkbuffer(L, 1), 0);
  return 1;
}

/* b:sub([i [, j [, step]]]) -> View of bytes i..j. One View, not one of another: each pins. */
static int buffer_sub (lua_State *L) {
  const lmv_Buffer *b = lmv_checkbuffer(L, 1);
  lmv_Steps s = lmv_checksteps(L);
  lmv_View *v = lmv_viewbuffer(L, 1, b, 0);
  lmv_Range r = lmv_range(s.i, s.j, s.step, v->dim[0].length);
  v->offset += mv_dims_range(1, v->dim, 0, r.start, r.length, r.step);
  return 1;
}

/* ---- Comparison, text --------------------------------------------------------------------------- */

static int buffer_find (lua_State *L) {
  (void)lmv_checkbuffer(L, 1);
  return lmv_find(L);
}

static int buffer_hex (lua_State *L) {
  (void)lmv_checkbuffer(L, 1);
  return lmv_hex(L);
}

static int buffer_equals (lua_State *L) {
  (void)lmv_checkbuffer(L, 1);
  return lmv_equals(L);
}

static int buffer_compare (lua_State *L) {
  (void)lmv_checkbuffer(L, 1);
  return lmv_compare(L);
}

static lua_Integer order (lua_State *L) {
  lmv_compare(L);
  return lua_tointeger(L, -1);
}

static int buffer_lt (lua_State *L) {
  lua_pushboolean(L, order(L) < 0);
  return 1;
}

static int buffer_le (lua_State *L) {
  lua_pushboolean(L, order(L) <= 0);
  return 1;
}

static int buffer_tostring (lua_State *L) {
  const lmv_Buffer *b = checkself(L, 1);
  if (b->memory == NULL) lua_pushliteral(L, "memview.Buffer: (released)");
  else lua_pushfstring(L, "memview.Buffer: %p %I bytes", (const void *)b, (LUAI_UACINT)b->memory->size);
  return 1;
}

/* ---- Lifetime --------------------------------------------------------------------------------------- */

static void drop (lmv_Buffer *b) {
  mv_Memory *m = b->memory;
  b->memory = NULL;
  if (m != NULL) mv_memory_drop(m);
}

/* b:release(): frees now; refused while views are live, though not while they are garbage */
static int buffer_release (lua_State *L) {
  lmv_Buffer *b = checkself(L, 1);
  if (b->memory != NULL && b->memory->pins > 0) lmv_collect(L);
  if (b->memory != NULL && b->memory->pins > 0) return pinnederror(L, "release", b->memory);
  drop(b);
  return 0;
}

/* __close and __gc: the memory goes with the last view. */
static int buffer_drop (lua_State *L) {
  drop(checkself(L, 1));
  return 0;
}

/* ---- The class ------------------------------------------------------------------------------------------ */

/* Pushes the bytes of the table at 1 as a Buffer. */
static int frombytes (lua_State *L) {
  ptrdiff_t n = lmv_checklist(L, 1);    /* it is on top */
  mv_Dim dim;
  unsigned char *block;
  dim.length = n;
  block = lmv_newblock(L, dim.length);
  lmv_packvalue(L, 1, 1, &dim, &mv_byteitem, block, NULL);
  memcpy(lmv_pushbuffer(L, dim.length), block, (size_t)n);
  return 1;
}

/* Pushes a copy of an exporter's bytes as a Buffer. */
static int fromexporter (lua_State *L) {
  lmv_Exporter kind = lmv_resolve(L, 1);
  ptrdiff_t n, again;
  const unsigned char *p;
  unsigned char *dst;
  if (kind == LMV_NONE) return luaL_typeerror(L, 1, "size, string, buffer, view or table");
  kind = lmv_pack(L, 1, kind);
  (void)lmv_getbytes(L, 1, kind, &n);
  dst = lmv_pushbuffer(L, n);
  p = lmv_getbytes(L, 1, kind, &again);
  if (again != n) luaL_error(L, "memory changed its size during the call");
  if (n > 0) memcpy(dst, p, (size_t)n);
  return 1;
}

/* memview.buffer([init]) -> Buffer */
static int make_buffer (lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) { (void)lmv_pushbuffer(L, 0); return 1; }
  if (lua_type(L, 1) == LUA_TNUMBER) {
    ptrdiff_t n = checksize(L, 1);
    memset(lmv_pushbuffer(L, n), 0, (size_t)n);
    return 1;
  }
  if (lua_istable(L, 1) && luaL_getmetafield(L, 1, "__buffer") == LUA_TNIL) return frombytes(L);
  lua_settop(L, 1);
  return fromexporter(L);
}

static const luaL_Reg methods[] = {
  {"append", buffer_append}, {"insert", buffer_insert}, {"remove", buffer_remove},
  {"resize", buffer_resize}, {"reserve", buffer_reserve}, {"clear", buffer_clear},
  {"pack", buffer_pack},
  {"tobytes", buffer_tobytes}, {"sub", buffer_sub}, {"view", buffer_view},
  {"find", buffer_find}, {"hex", buffer_hex}, {"equals", buffer_equals},
  {"compare", buffer_compare}, {"release", buffer_release},
  {"readfrom", lmv_bufferreadfrom}, {"writeto", lmv_bufferwriteto},
  {NULL, NULL}
};

static const luaL_Reg metamethods[] = {
  {"__newindex", buffer_newindex}, {"__len", buffer_len}, {"__pairs", buffer_pairs},
  {"__eq", lmv_eq}, {"__lt", buffer_lt}, {"__le", buffer_le}, {"__concat", lmv_concat},
  {"__tostring", buffer_tostring}, {"__close", buffer_drop}, {"__gc", buffer_drop},
  {NULL, NULL}
};

void lmv_openbuffer (lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_pushcclosure(L, buffer_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, LMV_BUFFERNAME);
  lua_setfield(L, -2, "__name");
  lua_pushliteral(L, LMV_BUFFERNAME);
  lua_setfield(L, -2, "__metatable");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &bufferkey);
  lua_pushcfunction(L, make_buffer);
  lua_setfield(L, -2, "buffer");
}
