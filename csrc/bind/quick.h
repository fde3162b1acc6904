/* quick.h -- the short ways between numbers in memory and on the Lua stack.
**
** They do what lmv_pushvalue and lmv_checkvalue do, for numbers, with nothing in
** between; where a case is not plain they say so, and the caller takes the long way.
*/
#ifndef LMV_QUICK_H
#define LMV_QUICK_H

#include "lmv.h"

#include <float.h>

/* Pushes the number of that kind at p; false for kinds that are no numbers. */
static inline bool lmv_pushquick (lua_State *L, unsigned kind, bool swap, const unsigned char *p) {
  if (mv_kind_isinteger(kind)) lua_pushinteger(L, mv_load_integer(kind, swap, p));
  else if (mv_kind_isnumber(kind)) lua_pushnumber(L, mv_load_number(kind, swap, p));
  else return false;
  return true;
}

/* Stores the integer at idx; false where it is none, or out of range. */
static inline bool lmv_storeinteger (lua_State *L, int idx, unsigned kind, bool swap, unsigned char *p) {
  static const struct { lua_Integer min; lua_Unsigned span; } ranges[] = {     /* by kind; span = max - min */
    {-0x80, 0xff}, {0, 0xff}, {-0x8000, 0xffff}, {0, 0xffff},
    {-0x7fffffff - 1, 0xffffffff}, {0, 0xffffffff},
    {0, ~(lua_Unsigned)0}, {0, ~(lua_Unsigned)0}
  };
  lua_Integer x;
  if (!lua_isinteger(L, idx)) return false;
  x = lua_tointeger(L, idx);
  if ((lua_Unsigned)x - (lua_Unsigned)ranges[kind].min > ranges[kind].span) return false;
  mv_store_integer(kind, swap, p, x);
  return true;
}

static inline bool lmv_storenumber (lua_State *L, int idx, unsigned kind, bool swap, unsigned char *p) {
  lua_Number x;
  if (lua_type(L, idx) != LUA_TNUMBER) return false;
  x = lua_tonumber(L, idx);
  if (kind == MV_F16 && mv_float_overflows(MV_F16, x)) return false;
  if (kind == MV_F32 && !(x >= -FLT_MAX && x <= FLT_MAX) && mv_float_overflows(MV_F32, x)) return false;
  mv_store_number(kind, swap, p, x);
  return true;
}

/* Stores the number at idx where that needs no more than a look at its range. */
static inline bool lmv_storequick (lua_State *L, int idx, unsigned kind, bool swap, unsigned char *p) {
  if (mv_kind_isinteger(kind)) return lmv_storeinteger(L, idx, kind, swap, p);
  return mv_kind_isnumber(kind) && lmv_storenumber(L, idx, kind, swap, p);
}

/* ---- By code --------------------------------------------------------------------
** A code stands for a kind of number and whether its bytes are swapped, so that one
** switch finds the way where both are constants. 0 is no code. */

#define LMV_CODE(kind, swap)  (1 + 2 * (unsigned)(kind) + (swap))

#define LMV_CASE(DO, kind)  \
  case LMV_CODE(kind, false): DO(kind, false); break; \
  case LMV_CODE(kind, true): DO(kind, true); break;
#define LMV_INTEGERS(DO)  \
  LMV_CASE(DO, MV_I8) LMV_CASE(DO, MV_U8) LMV_CASE(DO, MV_I16) LMV_CASE(DO, MV_U16) \
  LMV_CASE(DO, MV_I32) LMV_CASE(DO, MV_U32) LMV_CASE(DO, MV_I64) LMV_CASE(DO, MV_U64)
#define LMV_NUMBERS(DO)  LMV_CASE(DO, MV_F16) LMV_CASE(DO, MV_F32) LMV_CASE(DO, MV_F64)

/* Pushes the number at p. */
static inline void lmv_pushcode (lua_State *L, unsigned code, const unsigned char *p) {
#define LMV_PUSHINTEGER(kind, swap)  lua_pushinteger(L, mv_load_integer(kind, swap, p))
#define LMV_PUSHNUMBER(kind, swap)  lua_pushnumber(L, mv_load_number(kind, swap, p))
  switch (code) {
    LMV_INTEGERS(LMV_PUSHINTEGER)
    LMV_NUMBERS(LMV_PUSHNUMBER)
  }
}

/* lmv_storequick */
static inline bool lmv_storecode (lua_State *L, int idx, unsigned code, unsigned char *p) {
#define LMV_STOREINTEGER(kind, swap)  return lmv_storeinteger(L, idx, kind, swap, p)
#define LMV_STORENUMBER(kind, swap)  return lmv_storenumber(L, idx, kind, swap, p)
  switch (code) {
    LMV_INTEGERS(LMV_STOREINTEGER)
    LMV_NUMBERS(LMV_STORENUMBER)
  }
  return false;
}

#endif
