/* shape.c -- views of views: sub, slice, cast, reshape, transpose. Nothing is copied. */
#include "lmv.h"

/* v:sub([i [, j [, step]]]) -> View of items i..j of the first dimension */
static int view_sub (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  ptrdiff_t n = lmv_checklength(L, 1, v);
  lmv_Steps s = lmv_checksteps(L);
  lmv_Range r = lmv_range(s.i, s.j, s.step, n);
  v = lmv_same(L, 1, v);
  v->offset += mv_dims_range(v->ndim, v->dim, 0, r.start, r.length, r.step);
  return 1;
}

/* ---- slice --------------------------------------------------------------------- */

/* The field of a range table at arg that is at idx, an integer, or nil for `def`. */
static lua_Integer rangefield (lua_State *L, int arg, int idx, int type, lua_Integer def) {
  int exact = 0;
  lua_Integer i = def;
  if (type == LUA_TNIL) return def;
  if (type == LUA_TNUMBER) i = lua_tointegerx(L, idx, &exact);
  if (!exact)
    luaL_argerror(L, arg, lua_pushfstring(L, "range {i, j, step} of integers expected, got %s in it",
                                          lmv_shownumber(L, idx)));
  return i;
}

/* {i, j, step} of n items */
static void checkrange (lua_State *L, int arg, ptrdiff_t n, lmv_Range *r) {
  int i = lua_geti(L, arg, 1), j = lua_geti(L, arg, 2), k = lua_geti(L, arg, 3);
  lua_Integer step = rangefield(L, arg, -1, k, 1);
  lua_Integer first = rangefield(L, arg, -3, i, step > 0 ? 1 : -1), last = rangefield(L, arg, -2, j, step > 0 ? -1 : 1);
  luaL_argcheck(L, step != 0, arg, "step must not be 0");
  lua_pop(L, 3);
  *r = lmv_range(first, last, step, n);
}

/* What argument `arg` takes of a dimension of n items; step 0: only the item `start`, so
** that the dimension goes. */
static void checkslice (lua_State *L, int arg, ptrdiff_t n, lmv_Range *r) {
  r->start = 0;
  r->length = n;
  r->step = 1;
  switch (lua_type(L, arg)) {
    case LUA_TNIL: return;
    case LUA_TTABLE: checkrange(L, arg, n, r); return;
    case LUA_TNUMBER:
      r->start = lmv_checkindex(L, arg, n, "view");
      r->step = 0;
      return;
    default: luaL_typeerror(L, arg, "integer, range table or nil");
  }
}

/* Pushes the slice of a view that follows pointers by n ranges. */
static void sliceindirect (lua_State *L, const lmv_View *v, const lmv_Range *r, int n) {
  mv_Layout l;
  int d = 0;
  lmv_getlayout(v, &l);
  for (; n > 0; n--, r++)
    if (r->step == 0) lmv_pick(L, v, &l, d, r->start);
    else mv_layout_range(&l, d++, r->start, r->length, r->step);
  lmv_derive(L, 1, v, &l, NULL, 0);
}

/* The same where none are followed; `ndim` dimensions stay. */
static void slicedirect (lua_State *L, const lmv_View *v, const lmv_Range *r, int n, int ndim) {
  lmv_View *w = lmv_another(L, 1, v, ndim, 0);
  bool empty = mv_dims_items(v->ndim, v->dim) == 0;     /* then offsets might not fit, and do not matter */
  mv_Dim *to = w->dim;
  int d;
  for (d = 0; d < n; d++) {
    if (!empty) w->offset += r[d].start * v->dim[d].stride;
    if (r[d].step == 0) continue;
    *to = v->dim[d];
    mv_dim_range(to++, r[d].length, r[d].step);
  }
  lmv_copydims(to, v->dim + n, v->ndim - n);
  lmv_settle(w);
}

/* v:slice(a, b, ...) -> View; an integer picks, {i, j, step} narrows, nil takes all */
static int view_slice (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  lmv_Range ranges[MV_MAXDIM];
  int d, n = lua_gettop(L) - 1, ndim = v->ndim;
  if (n > ndim) luaL_error(L, "%d arguments for %d dimension%s", n, ndim, ndim == 1 ? "" : "s");
  for (d = 0; d < n; d++) {
    checkslice(L, d + 2, v->dim[d].length, &ranges[d]);
    ndim -= ranges[d].step == 0;
  }
  if (mv_dims_indirect(v->ndim, v->dim)) sliceindirect(L, v, ranges, n);
  else slicedirect(L, v, ranges, n, ndim);
  return 1;
}

/* ---- cast ----------------------------------------------------------------------- */

/* Raises why the view at 1 cannot be cast; the shape, where there is one, is argument `arg`. */
static int casterror (lua_State *L, int arg, mv_Status status, const lmv_View *v, const mv_Item *item,
                      int ndim, const ptrdiff_t *lengths, ptrdiff_t need) {
  mv_Dim dim[MV_MAXDIM];
  const char *format, *shape;
  LUAI_UACINT nbytes = (LUAI_UACINT)(mv_dims_items(v->ndim, v->dim) * v->item->size);
  int d;
  for (d = 0; d < ndim; d++) dim[d].length = lengths[d];
  lmv_pushshape(L, ndim < 0 ? 0 : ndim, dim);
  shape = lua_tostring(L, -1);
  lmv_pushformat(L, item);
  format = lua_tostring(L, -1);
  switch (status) {
    case MV_NOTCONTIGUOUS:
      return lmv_badview(L, 1, ndim < 0 ? "view is not contiguous in its last dimension; tocontiguous() gives one that is"
                                        : LMV_NOTCONTIGUOUS);
    case MV_NOTWHOLE:
      if (ndim > 0)
        return luaL_argerror(L, arg, lua_pushfstring(L, "shape %s of '%s' does not divide %I bytes", shape, format, nbytes));
      return luaL_argerror(L, 2, lua_pushfstring(L, "%I bytes are not a whole number of items of %I bytes ('%s')",
                           (LUAI_UACINT)need, (LUAI_UACINT)item->size, format));
    case MV_BADSHAPE:
      return luaL_argerror(L, arg, lua_pushfstring(L, "shape %s of '%s' needs %I bytes, view has %I", shape, format,
                           (LUAI_UACINT)need, nbytes));
    case MV_BADLENGTH:
      return luaL_argerror(L, arg, lua_pushfstring(L, "one length may be -1, and none 0 beside it: shape %s", shape));
    default:
      return luaL_argerror(L, arg, lua_pushfstring(L, "shape %s of '%s' is too large", shape, format));
  }
}

/* Casts the view at 1 to an item, which the value at `format` holds (0: none); shape and
** order are arguments from `shapearg` on. */
static int castto (lua_State *L, const lmv_View *v, const mv_Item *item, int format, int shapearg) {
  ptrdiff_t lengths[MV_MAXDIM], need = 0;
  int ndim = lua_isnoneornil(L, shapearg) ? -1 : lmv_checkshape(L, shapearg, lengths);
  char order = lmv_checkorder(L, shapearg + 1, false);
  mv_Layout l;
  mv_Status status;
  lmv_getlayout(v, &l);
  status = mv_layout_cast(&l, v->item->size, item->size, ndim, lengths, order, &need);
  if (status != MV_OK) return casterror(L, shapearg, status, v, item, ndim, lengths, need);
  lmv_derive(L, 1, v, &l, item, format);
  return 1;
}

/* castto of one dimension to one, with no more arguments. */
static int castdim (lua_State *L, const lmv_View *v, const mv_Item *item, int format) {
  ptrdiff_t length = 0;
  mv_Status status = mv_dim_cast(v->dim, v->item->size, item->size, &length);
  lmv_View *w;
  if (status != MV_OK) return casterror(L, 3, status, v, item, -1, NULL, v->dim[0].length * v->item->size);
  w = lmv_another(L, 1, v, 1, format);
  w->item = item;
  w->dim[0].length = length;
  w->dim[0].stride = item->size;
  w->dim[0].suboffset = -1;
  lmv_settle(w);
  return 1;
}

/* v:cast(format [, shape [, order]]) -> View of the same bytes */
static int view_cast (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  const mv_Item *item;
  int format;
  bool plain = v->ndim == 1 && lua_gettop(L) == 2;
  if (!plain) lua_settop(L, 4);
  item = lmv_checkviewable(L, 2, &format);
  return plain ? castdim(L, v, item, format) : castto(L, v, item, format, 3);
}

/* v:reshape(shape [, order]) -> cast to the same format */
static int view_reshape (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  lua_settop(L, 3);
  if (lua_isnil(L, 2)) luaL_typeerror(L, 2, "shape (number or table)");
  return castto(L, v, v->item, 0, 2);
}

/* ---- transpose, toreadonly -------------------------------------------------------- */

/* The dimensions from argument 2 on as a permutation. */
static void checkpermutation (lua_State *L, int ndim, int *order) {
  bool taken[MV_MAXDIM] = {false};
  int k;
  if (lua_gettop(L) - 1 != ndim)
    luaL_error(L, "%d dimensions expected, got %d", ndim, lua_gettop(L) - 1);
  for (k = 0; k < ndim; k++) {
    lua_Integer d = lmv_checkinteger(L, k + 2);
    if (d < 0) d += ndim + 1;
    if (d < 1 || d > ndim)
      luaL_argerror(L, k + 2, lua_pushfstring(L, "dimension %I out of range (1 to %d)",
                                              (LUAI_UACINT)lua_tointeger(L, k + 2), ndim));
    if (taken[d - 1])
      luaL_argerror(L, k + 2, lua_pushfstring(L, "dimension %d named twice", (int)d));
    taken[d - 1] = true;
    order[k] = (int)d - 1;
  }
}

/* v:transpose([d1, d2, ...]) -> View with the dimensions in that order, or reversed */
static int view_transpose (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1), *t;
  int order[MV_MAXDIM];
  bool ordered = lua_gettop(L) > 1;
  if (ordered) checkpermutation(L, v->ndim, order);
  if (mv_dims_indirect(v->ndim, v->dim)) lmv_badview(L, 1, "cannot transpose through pointers");
  t = lmv_another(L, 1, v, v->ndim, 0);
  mv_dims_transpose(v->ndim, t->dim, v->dim, ordered ? order : NULL);
  lmv_settle(t);
  return 1;
}

/* v:toreadonly() -> View of the same memory that cannot write it */
static int view_toreadonly (lua_State *L) {
  lmv_same(L, 1, lmv_checklive(L, 1))->readonly = true;
  return 1;
}

const luaL_Reg lmv_shapemethods[] = {
  {"sub", view_sub}, {"slice", view_slice}, {"cast", view_cast}, {"reshape", view_reshape},
  {"transpose", view_transpose}, {"toreadonly", view_toreadonly},
  {NULL, NULL}
};
