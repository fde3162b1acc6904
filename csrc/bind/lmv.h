/* lmv.h -- what the rooms of the binding share.
**
** A View is one userdata: a tag, where its memory stands, its item and its
** layout. Its user values keep alive what it depends on:
**   1  the owner of the bytes: a string, a Buffer, or a block (see below)
**   2  the parsed format that holds the item, where it is more than a letter
**   3  the object that gave the owner by __buffer
** and only as many are made as the view needs.
*/
#ifndef LMV_H
#define LMV_H

#include <lua.h>
#include <lauxlib.h>

#include "bulk.h"
#include "bytes.h"
#include "common.h"
#include "format.h"
#include "item.h"
#include "layout.h"
#include "memory.h"

#define LMV_RELEASED "attempt to use a released view"
#define LMV_NOTCONTIGUOUS "view is not contiguous; tocontiguous() gives one that is"

/* ---- Where Lua 5.4 and 5.5 differ -------------------------------------------- */

/* For a function that __call starts: the index of its first argument as the caller
** counts and luaL_argerror names it. 5.5 knows that the object came before it. */
static inline int lmv_callarg (lua_State *L) {
#if LUA_VERSION_NUM >= 505
  (void)L;
  return 2;
#else
  lua_remove(L, 1);
  return 1;
#endif
}

/* A step of the collector as if n bytes had been allocated; 5.4 counts in KiB. */
static inline void lmv_gcstep (lua_State *L, ptrdiff_t n) {
#if LUA_VERSION_NUM >= 505
  lua_gc(L, LUA_GCSTEP, (size_t)n);
#else
  lua_gc(L, LUA_GCSTEP, n / 1024 > 1 << 30 ? 1 << 30 : (int)(n / 1024 + (n % 1024 >= 512)));
#endif
}

/* ---- Userdata -------------------------------------------------------------- */

/* First word of each of our userdata, another one for each class. No script can write it, nor
** know it: an address in this library is part of it. */
extern const char lmv_anchor;
#define LMV_TAG(x)  ((uint32_t)((uintptr_t)&lmv_anchor >> 8) ^ UINT32_C(x))
#define LMV_TAGVIEW     LMV_TAG(0x6d657756)
#define LMV_TAGBUFFER   LMV_TAG(0x6d657742)
#define LMV_TAGBLOCK    LMV_TAG(0x6d65776d)
#define LMV_TAGFORMAT   LMV_TAG(0x6d657766)
#define LMV_TAGGUARD    LMV_TAG(0x6d657767)
#define LMV_TAGHANDLES  LMV_TAG(0x6d657768)
#define LMV_TAGRECENT   LMV_TAG(0x6d657772)

/* As small as can be, since views are made and dropped all the time: with one dimension and
** one user value it takes 120 bytes in Lua's heap. */
typedef struct lmv_View {
  uint32_t tag;
  unsigned char ndim;
  unsigned char quick;          /* 1-D and of numbers: their code (quick.h); else 0, or QUICKRECORD */
  unsigned char nuvalues;
  bool readonly : 1;
  bool anonymous : 1;           /* has no exporter that a script could see? */
  bool pinning : 1;             /* is the memory a Memory, pinned by this view? */
  unsigned char *const *base;   /* where the address of the memory stands; NULL there: gone */
  union {
    mv_Memory *memory;          /* where the view is pinning */
    unsigned char *bytes;       /* else: what base points to */
  } of;
  const mv_Item *item;          /* of a table of formats, or in the format that is user value 2 */
  ptrdiff_t offset;             /* of the first item from *base */
  mv_Dim dim[];
} lmv_View;

typedef struct lmv_Buffer {
  uint32_t tag;
  mv_Memory *memory;            /* NULL once released */
  uint64_t reserved;
} lmv_Buffer;

/* Fixed memory that Lua's heap holds: bytes of zeros() and its kin, temporary
** bytes. Contents begin after this header. */
typedef struct lmv_Block {
  uint32_t tag;
  uint32_t unused;
  uint64_t reserved;
} lmv_Block;

static inline size_t lmv_viewsize (int ndim) {
  return offsetof(lmv_View, dim) + (size_t)ndim * sizeof(mv_Dim);
}

/* The Memory that a view pins, or NULL. */
static inline mv_Memory *lmv_memoryof (const lmv_View *v) { return v->pinning ? v->of.memory : NULL; }

/* Userdata of that size as a View or Buffer, NULL where it is none. */
static inline lmv_View *lmv_asview (void *p, size_t size) {
  lmv_View *v = (lmv_View *)p;
  if (v == NULL || size < offsetof(lmv_View, dim) || v->tag != LMV_TAGVIEW) return NULL;
  return size == lmv_viewsize(v->ndim) ? v : NULL;
}

static inline lmv_Buffer *lmv_asbuffer (void *p, size_t size) {
  lmv_Buffer *b = (lmv_Buffer *)p;
  return b != NULL && size == sizeof(lmv_Buffer) && b->tag == LMV_TAGBUFFER ? b : NULL;
}

/* The View at idx, released or not; NULL where there is none. Runs no Lua. */
static inline lmv_View *lmv_toview (lua_State *L, int idx) {
  size_t size = (size_t)lua_rawlen(L, idx);             /* 0 for light userdata */
  return lmv_asview(lua_touserdata(L, idx), size);
}

static inline lmv_Buffer *lmv_tobuffer (lua_State *L, int idx) {
  size_t size = (size_t)lua_rawlen(L, idx);
  return lmv_asbuffer(lua_touserdata(L, idx), size);
}

static inline void lmv_copydims (mv_Dim *to, const mv_Dim *from, int ndim) {
  for (; ndim > 0; ndim--) *to++ = *from++;
}

/* Values that give bytes. */
typedef enum lmv_Exporter { LMV_NONE, LMV_STRING, LMV_BUFFER, LMV_VIEW } lmv_Exporter;

/* What the value at idx is, and the View or Buffer; no __buffer is asked. */
static inline lmv_Exporter lmv_lookat (lua_State *L, int idx, lmv_View **v, lmv_Buffer **b) {
  size_t size = (size_t)lua_rawlen(L, idx);
  void *p = lua_touserdata(L, idx);
  if ((*v = lmv_asview(p, size)) != NULL) return LMV_VIEW;
  if ((*b = lmv_asbuffer(p, size)) != NULL) return LMV_BUFFER;
  return p == NULL && lua_type(L, idx) == LUA_TSTRING ? LMV_STRING : LMV_NONE;
}

/* ---- view.c ------------------------------------------------------------------ */

/* The View that is argument `arg`; raises where it is none, or released. */
lmv_View *lmv_checkview (lua_State *L, int arg);

static inline lmv_View *lmv_checklive (lua_State *L, int arg) {
  lmv_View *v = lmv_toview(L, arg);
  if (v == NULL) v = lmv_checkview(L, arg);             /* raises */
  if (*v->base == NULL) luaL_error(L, LMV_RELEASED);
  return v;
}

/* The address of item 0, good until Lua runs again. Raises for a released view. */
unsigned char *lmv_address (lua_State *L, const lmv_View *v);

/* Unpins; the View is released. Runs no Lua, but perhaps a release callback. */
void lmv_release (lmv_View *v);

/* base + offset, also where a pointer of a foreign layout led to other memory. */
static inline unsigned char *lmv_at (unsigned char *base, ptrdiff_t offset) {
  return (unsigned char *)((uintptr_t)base + (uintptr_t)offset);
}

/* Raises what is wrong with the view that is argument `arg`: of self, 1, nothing but that. */
int lmv_badview (lua_State *L, int arg, const char *message);

/* Raises unless the view can be written. */
static inline void lmv_checkwritable (lua_State *L, int arg, const lmv_View *v) {
  if (v->readonly) lmv_badview(L, arg, "view is read-only");
}

/* A View on the stack that holds nothing yet, and is of no class: safe to drop. */
lmv_View *lmv_allocview (lua_State *L, const mv_Layout *l, const mv_Item *item, int nuvalues);

/* Gives the View on top its class and its bytes: a memory, which it pins, or `own`.
** From here on it can be used, and unpins what it pins. Nothing in here can fail. */
void lmv_seal (lua_State *L, lmv_View *v, mv_Memory *memory, unsigned char *own);

/* A new View on the stack, of the same memory, item, offset and class as `from`, which is
** the one at `idx` (positive). The caller fills its ndim dimensions, changes what is to be another,
** and then calls lmv_settle. The value at `format` (0: none) holds a new item. */
lmv_View *lmv_another (lua_State *L, int idx, const lmv_View *from, int ndim, int format);

/* To be called when the layout or the item of a new View has been changed. */
void lmv_settle (lmv_View *v);

/* The same with the dimensions of `from`: a View that is settled. */
lmv_View *lmv_same (lua_State *L, int idx, const lmv_View *from);

/* The same with that layout. `item` NULL keeps the item; otherwise the value at
** `format` (0: none) holds it. */
lmv_View *lmv_derive (lua_State *L, int idx, const lmv_View *from, const mv_Layout *l,
                      const mv_Item *item, int format);

/* A new View on the stack of a resolved exporter at `idx` (positive): bytes,
** read-only, of a string or Buffer; all of a View. `obj` is the place of the object
** that gave it by __buffer, 0 for none. Raises for released ones. */
lmv_View *lmv_viewof (lua_State *L, int idx, lmv_Exporter kind, int obj);

/* The same for the Buffer b, which is at idx. */
lmv_View *lmv_viewbuffer (lua_State *L, int idx, const lmv_Buffer *b, int obj);

/* A new View on the stack of fresh memory (contents undefined) of that item and
** shape: only the lengths in l are looked at. The size is known to fit. */
lmv_View *lmv_viewfresh (lua_State *L, mv_Layout *l, const mv_Item *item, int format, char order);

/* The layout and the span of a view. */
void lmv_getlayout (const lmv_View *v, mv_Layout *l);
mv_Span lmv_viewspan (lua_State *L, const lmv_View *v);

/* Drops dimension d of a layout of v, at item i; follows a pointer where there is one. */
void lmv_pick (lua_State *L, const lmv_View *v, mv_Layout *l, int d, ptrdiff_t i);

/* Pushes v[i], i from 0 and inside, of the view at idx: a value, or a row. */
void lmv_pushitem (lua_State *L, int idx, const lmv_View *v, ptrdiff_t i);

/* Pushes the exporter of the View at idx, or nil. */
void lmv_pushobj (lua_State *L, int idx, const lmv_View *v);

/* Raises, of self, unless it has one dimension of items of one byte. */
void lmv_checkbytes (lua_State *L, const lmv_View *v);

/* A length that does not count as a table's: raises on 0 dimensions. */
ptrdiff_t lmv_checklength (lua_State *L, int arg, const lmv_View *v);

void lmv_openview (lua_State *L);       /* makes the class; adds to the module on top */

/* ---- value.c ------------------------------------------------------------------ */

/* Pushes the value of a scalar item at p. */
void lmv_pushvalue (lua_State *L, const mv_Item *item, const unsigned char *p);

/* The Lua value at `idx` as a value that fits the scalar item. Where it does not:
** pushes the message and gives false. A byte exporter in place of a string is
** replaced by its string at idx. Leaves the stack as it was on success. */
bool lmv_tovalue (lua_State *L, int idx, const mv_Item *item, mv_Value *v);
void lmv_checkvalue (lua_State *L, int arg, const mv_Item *item, mv_Value *v);

/* The Lua value at idx for a search in items of that kind; false: equal to none. */
bool lmv_tosought (lua_State *L, int idx, const mv_Item *item, mv_Value *v);

/* Pushes why a value does not fit its item: "300 does not fit 'B' (0 to 255)". */
void lmv_pushmisfit (lua_State *L, const mv_Misfit *bad);

/* An integer argument: a number with an integer value; strings are none. */
lua_Integer lmv_checkinteger (lua_State *L, int arg);
lua_Integer lmv_optinteger (lua_State *L, int arg, lua_Integer def);

/* A range of n items by arguments i, j as string.sub counts, steps included. */
typedef struct lmv_Range { ptrdiff_t start, length, step; } lmv_Range;
lmv_Range lmv_anyrange (lua_Integer i, lua_Integer j, lua_Integer step, ptrdiff_t n);

static inline lmv_Range lmv_range (lua_Integer i, lua_Integer j, lua_Integer step, ptrdiff_t n) {
  lmv_Range r;
  if (step != 1 || i < 1 || i > j || j > n) return lmv_anyrange(i, j, step, n);
  r.start = (ptrdiff_t)i - 1;           /* as most are */
  r.length = (ptrdiff_t)(j - i) + 1;
  r.step = 1;
  return r;
}

lmv_Range lmv_checkrange (lua_State *L, int arg, ptrdiff_t n);  /* arg, arg + 1; step 1 */

/* lmv_optinteger where an integer is likely. */
static inline lua_Integer lmv_quickinteger (lua_State *L, int arg, lua_Integer def) {
  return lua_isinteger(L, arg) ? lua_tointeger(L, arg) : lmv_optinteger(L, arg, def);
}

/* The arguments i, j, step of sub, from 2 on. */
typedef struct lmv_Steps { lua_Integer i, j, step; } lmv_Steps;
static inline lmv_Steps lmv_checksteps (lua_State *L) {
  lmv_Steps s;
  s.step = lua_gettop(L) < 4 ? 1 : lmv_optinteger(L, 4, 1);
  s.i = lmv_quickinteger(L, 2, s.step > 0 ? 1 : -1);
  s.j = lmv_quickinteger(L, 3, s.step > 0 ? -1 : 1);
  luaL_argcheck(L, s.step != 0, 4, "step must not be 0");
  return s;
}

/* The 0-based position for the index that is argument `arg`, of n; raises out of
** range, naming the range. `what` is indexed: "view", "buffer". */
ptrdiff_t lmv_checkindex (lua_State *L, int arg, ptrdiff_t n, const char *what);

/* A shape argument, a number or a table, into lengths; gives the dimensions. */
int lmv_checkshape (lua_State *L, int arg, ptrdiff_t *lengths);

/* The length of the table on top, which argument `arg` is or holds. Raises where it is
** no size; and where it is 0 though there are keys, whose values would be lost. */
ptrdiff_t lmv_checklist (lua_State *L, int arg);

/* "view", "buffer", or the name of the type of the value at idx. */
const char *lmv_typename (lua_State *L, int idx);

/* Is the value on top a table of items, and not an object that gives bytes by __buffer? */
bool lmv_islist (lua_State *L);

/* The number at idx as text, which is pushed; the name of its type for any other value. */
const char *lmv_shownumber (lua_State *L, int idx);

/* Pushes "{2,3}". */
void lmv_pushshape (lua_State *L, int ndim, const mv_Dim *dim);

/* An order argument: "C", "F", and "A" where that is allowed. */
char lmv_checkorder (lua_State *L, int arg, bool any);

/* ---- format.c ---------------------------------------------------------------------- */

/* Pushes the canonical text of an item's format. */
void lmv_pushformat (lua_State *L, const mv_Item *item);

/* The item of the format text that is argument `arg`. *holder is the index of what holds it,
** which is pushed; or 0: it stands in a table, for good. Raises for what is no format;
** lmv_checkviewable also for what no view can have. */
#define LMV_FROMC 0x1000000     /* added to `arg`: the index of a text that a caller in C gave */
const mv_Item *lmv_checkformat (lua_State *L, int arg, int *holder);
const mv_Item *lmv_checkviewable (lua_State *L, int arg, int *holder);

/* The same for functions that have the cache at hand (as an upvalue): pushes what
** holds the item that it gives, of any format. */
const mv_Item *lmv_cachedformat (lua_State *L, int arg, int cache);
void lmv_pushcache (lua_State *L);

/* Formats of a few numbers, in the order of their values. */
#define LMV_MAXFLAT 16
typedef struct lmv_Flat {
  ptrdiff_t size;               /* of the whole item */
  int n;                        /* numbers; 0: no such format */
  mv_Cell cell[LMV_MAXFLAT];
} lmv_Flat;

/* That of an item that lmv_cachedformat has given. */
const lmv_Flat *lmv_flatof (const mv_Item *item);

/* A short way to those that were used last, by an object that lmv_pushrecent makes: the
** format whose text, the same string, is argument `arg`; NULL: take the long way. It is
** good until Lua runs again, or memory is asked for. */
const lmv_Flat *lmv_recentformat (lua_State *L, int arg, int recent);

/* Makes that so, perhaps, for the format on top, which lmv_cachedformat has just pushed. */
void lmv_remember (lua_State *L, int arg, int recent);
void lmv_pushrecent (lua_State *L);

/* ---- export.c ------------------------------------------------------------------ */

/* What kind of exporter is at idx? Calls __buffer where there is one, and puts
** its result in the place of the value. */
lmv_Exporter lmv_resolve (lua_State *L, int idx);
lmv_Exporter lmv_checkexporter (lua_State *L, int arg);

/* The memory of what lmv_resolve has found, good until Lua runs again. */
typedef struct lmv_Source {
  mv_Span span;
  mv_Dim dim;
  bool plain;           /* a string or Buffer: bytes without a meaning of their own */
} lmv_Source;
void lmv_getsource (lua_State *L, int idx, lmv_Exporter kind, lmv_Source *s);

/* Makes the bytes of a resolved exporter lie together, in C order: a view whose
** do not is replaced by their string. Gives the kind of what is there now. */
lmv_Exporter lmv_pack (lua_State *L, int idx, lmv_Exporter kind);

/* The bytes of a packed exporter, good until Lua runs again. */
const unsigned char *lmv_getbytes (lua_State *L, int idx, lmv_Exporter kind, ptrdiff_t *n);

/* A block of n bytes (not zeroed) on the stack; its first byte. */
unsigned char *lmv_newblock (lua_State *L, ptrdiff_t n);

/* Raises "not enough memory". */
int lmv_nomemory (lua_State *L);

/* Room for a few more values on the stack, whose depth the caller bounds: only a lack of
** memory can refuse it, so that is said. */
void lmv_checkstack (lua_State *L, int n);

/* A full collection. Runs finalizers. */
void lmv_collect (lua_State *L);

/* Tells the collector of n more bytes outside its heap. May run finalizers. */
void lmv_announce (lua_State *L, ptrdiff_t n);

/* ---- The other rooms: each adds its functions to the module on top -------------- */

extern const luaL_Reg lmv_shapemethods[];       /* shape.c */
extern const luaL_Reg lmv_opsmethods[];         /* ops.c */

/* ops.c: what Buffers share; self is value 1. */
int lmv_hex (lua_State *L);
int lmv_find (lua_State *L);
int lmv_compare (lua_State *L);
int lmv_concat (lua_State *L);
int lmv_equals (lua_State *L);
int lmv_eq (lua_State *L);             /* equals that never raises */
void lmv_pushbytes (lua_State *L, const lmv_View *v, const mv_Layout *l, char order);

void lmv_openmake (lua_State *L);       /* make.c */

/* ---- convert.c ------------------------------------------------------------------ */

/* Writes the value, table or exporter at `arg` to the part `l` of the View at `idx`,
** items of `item`, which it must fit; nothing is written where it does not. */
void lmv_copyinto (lua_State *L, int idx, const mv_Layout *l, const mv_Item *item, int arg);

/* Packs the value at `arg` into items that lie together at dst: nested tables by the
** lengths of dims, records by name or position; members that are not named stay.
** Marks the bytes written in `mask`, unless that is NULL. Raises for argument `arg`.
** dst and mask lie where no Lua code can reach them. */
void lmv_packvalue (lua_State *L, int arg, int ndim, const mv_Dim *dim, const mv_Item *item,
                    unsigned char *dst, unsigned char *mask);

/* The span of part l of a view. */
mv_Span lmv_partspan (lua_State *L, const lmv_View *v, const mv_Layout *l);

/* A copy of part l of the View at idx on the stack, contiguous in that order. */
lmv_View *lmv_pushcopy (lua_State *L, int idx, mv_Layout *l, char order);

/* The layout of items i..j of the first dimension, by arguments `arg` and `arg` + 1:
** all of the view where neither is given. Gives the first one's position, from 0. */
ptrdiff_t lmv_checkpart (lua_State *L, int arg, const lmv_View *v, mv_Layout *l);

extern const luaL_Reg lmv_convertmethods[];

/* ---- record.c --------------------------------------------------------------------- */

/* Is the view one record? */
static inline bool lmv_isrecord (const lmv_View *v) {
  ptrdiff_t shift;
  return v->ndim == 0 && mv_item_value(v->item, &shift)->kind == MV_RECORD;
}

/* rec[key] where the key at 2 is a field: pushes it; else false. */
bool lmv_getfield (lua_State *L, const lmv_View *v);

/* rec[key] = value 3; raises for a key that is no field. */
void lmv_setfield (lua_State *L, const lmv_View *v);

/* Pushes that the key at index `key` is no field, and which there are; the other raises it. */
const char *lmv_pushnofield (lua_State *L, const mv_Record *r, int key);
int lmv_nofield (lua_State *L, int arg, const mv_Record *r, int key);

/* The member and its element that a key at idx names, by name or position from 1;
** NULL for none. */
const mv_Member *lmv_findmember (lua_State *L, int idx, const mv_Record *r, ptrdiff_t *element);

int lmv_recordpairs (lua_State *L);
int lmv_unpackrecord (lua_State *L, const lmv_View *v);
extern const luaL_Reg lmv_recordmethods[];

/* ---- struct.c, buffer.c ---------------------------------------------------------------- */

/* Packs arguments from `first` to `last` by the item, whose text is at `arg`; gives
** the bytes, in `small` where it has room, else in a block left on the stack. */
#define LMV_SMALL 256
unsigned char *lmv_packarguments (lua_State *L, const mv_Item *item, int arg, int first, int last,
                                  unsigned char *small);
void lmv_openstruct (lua_State *L);

/* buffer.c: the live Buffer that is argument `arg` */
lmv_Buffer *lmv_checkbuffer (lua_State *L, int arg);
void lmv_openbuffer (lua_State *L);

/* One attempt to change the size of a Buffer; runs no Lua. */
typedef mv_Status lmv_Attempt (lua_State *L, mv_Memory *m, void *ctx);

/* Tries, and once more after a full collection: views that were dropped unpin by it,
** and memory comes free. The Buffer is value 1. Raises where both fail. */
mv_Memory *lmv_attempt (lua_State *L, lmv_Attempt *f, void *ctx);
mv_Status lmv_tryattempt (lua_State *L, lmv_Attempt *f, void *ctx);     /* gives the failure instead */

/* Writes n bytes into the Buffer at 1 from `offset` on, which makes it longer where they
** reach past its end. They lie where nothing moves them. */
void lmv_bufferwrite (lua_State *L, ptrdiff_t offset, const unsigned char *p, ptrdiff_t n);

/* file.c */
int lmv_bufferwriteto (lua_State *L);
int lmv_bufferreadfrom (lua_State *L);
extern const luaL_Reg lmv_filemethods[];
void lmv_openfile (lua_State *L);

mv_Allocator lmv_allocator (lua_State *L);

void lmv_opencapi (lua_State *L);       /* capi.c */
/* A new Buffer of n bytes (contents undefined) on the stack; its first byte. */
unsigned char *lmv_pushbuffer (lua_State *L, ptrdiff_t n);

#endif
