/* format.c -- fuzzes the format parser: what is parsed lies within bounds, and what is
** printed is read again as the same. The input is the text.
*/
#include "format.h"
#include "fuzz.h"

/* ---- The laws of one item ---------------------------------------------------------- */

static void checkrecord (const mv_Record *r, ptrdiff_t size);

static void checkitem (const mv_Item *item) {
  LAW(item->size >= 0);
  LAW(item->kind <= MV_RECORD);
  LAW((item->kind == MV_RECORD) == (item->record != NULL));
  LAW(mv_format_align(item) >= 1);
  if (item->kind == MV_RECORD) checkrecord(item->record, item->size);
}

/* Cells of a member, as the header says: scalars when everything is spread out. */
static ptrdiff_t cells (const mv_Member *m) {
  if (m->item.kind == MV_PAD) return 0;
  return m->count * (m->item.kind == MV_RECORD ? m->item.record->ncells : 1);
}

static void checkmember (const mv_Record *r, const mv_Member *m) {
  ptrdiff_t product = 1;
  int d;
  checkitem(&m->item);
  LAW(m->count >= 0 && m->ndim >= 0 && m->ndim <= MV_MAXDIM);
  for (d = 0; d < m->ndim; d++) {
    LAW(m->shape[d] >= 0);
    product *= m->shape[d];
  }
  if (m->ndim > 0) LAW(product == m->count);
  if (m->name != NULL) LAW(m->namelen > 0 && mv_record_find(r, m->name, m->namelen) == m);
  LAW(m->offset % mv_format_align(&m->item) == 0);
}

/* Members follow one another inside the record, and their numbers add up. */
static void checkrecord (const mv_Record *r, ptrdiff_t size) {
  const mv_Member *m;
  ptrdiff_t end = 0, n = 0, values = 0, ncells = 0;
  for (m = r->first; m != NULL; m = m->next) {
    ptrdiff_t v = m->item.kind == MV_PAD ? 0 : m->ndim > 0 ? 1 : m->count;
    checkmember(r, m);
    LAW(m->offset >= end);
    end = m->offset + m->count * m->item.size;
    LAW(m->position == values);
    if (v > 0) LAW(mv_record_at(r, values) == m && mv_record_at(r, values + v - 1) == m);
    values += v;
    ncells += cells(m);
    n++;
  }
  LAW(end == size);
  LAW(r->nmembers == n && r->nvalues == values && r->ncells == ncells);
  LAW(mv_record_find(r, "", 0) == NULL);
}

/* ---- Two items that must be alike ---------------------------------------------------- */

static void samemember (const mv_Member *a, const mv_Member *b);

static void sameitem (const mv_Item *a, const mv_Item *b) {
  const mv_Member *x, *y;
  LAW(a->kind == b->kind && a->swap == b->swap && a->size == b->size && a->letter == b->letter);
  LAW(mv_format_align(a) == mv_format_align(b));
  if (a->kind != MV_RECORD) return;
  LAW(a->record->named == b->record->named && a->record->nvalues == b->record->nvalues);
  LAW((a->record->sole == NULL) == (b->record->sole == NULL));
  for (x = a->record->first, y = b->record->first; x != NULL && y != NULL; x = x->next, y = y->next)
    samemember(x, y);
  LAW(x == NULL && y == NULL);
}

static void samemember (const mv_Member *a, const mv_Member *b) {
  sameitem(&a->item, &b->item);
  LAW(a->offset == b->offset && a->count == b->count && a->ndim == b->ndim);
  LAW(a->ndim == 0 || memcmp(a->shape, b->shape, (size_t)a->ndim * sizeof(ptrdiff_t)) == 0);
  LAW((a->name == NULL) == (b->name == NULL) && a->namelen == b->namelen);
  LAW(a->name == NULL || memcmp(a->name, b->name, a->namelen) == 0);
}

/* ---- One text -------------------------------------------------------------------------- */

/* The canonical text in memory that just holds it; a shorter buffer is not overrun. */
static char *print (const mv_Item *item, size_t *len) {
  char *text, *cut;
  *len = mv_format_print(item, NULL, 0);
  LAW(*len > 0);
  text = fuzz_alloc(*len);
  LAW(mv_format_print(item, text, *len) == *len);
  cut = fuzz_alloc(*len / 2);
  LAW(mv_format_print(item, cut, *len / 2) == *len);
  LAW(memcmp(text, cut, *len / 2) == 0);
  free(cut);
  return text;
}

static void checkplain (const char *text, size_t len, const mv_Item *item) {
  const mv_Item *plain = mv_format_plain(text, len);
  if (plain == NULL) return;
  sameitem(plain, item);
  LAW(item->kind != MV_RECORD);
}

static void checkprinted (const mv_Item *item) {
  size_t len, again;
  char *text = print(item, &len), *text2;
  void *block = fuzz_alloc(mv_format_bound(text, len));
  mv_Item item2;
  mv_FormatError e;
  LAW(mv_format_parse(text, len, block, &item2, &e));
  sameitem(item, &item2);
  text2 = print(&item2, &again);
  LAW(again == len && memcmp(text, text2, len) == 0);
  free(text2);
  free(block);
  free(text);
}

static void checkerror (const mv_FormatError *e, const char *text, size_t len) {
  LAW(e->reason != NULL && e->position >= 1 && e->position <= len + 1);
  LAW(e->byte == (e->position <= len ? text[e->position - 1] : '\0'));
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char *text = fuzz_copy(data, size);
  size_t bound = mv_format_bound(text, size);
  void *block = fuzz_alloc(bound);
  mv_Item item;
  mv_FormatError e = {0, NULL, 0};
  if (bound > 0) {
    if (!mv_format_parse(text, size, block, &item, &e)) checkerror(&e, text, size);
    else {
      checkitem(&item);
      checkplain(text, size, &item);
      if (mv_format_unviewable(&item) == NULL) LAW(item.size > 0);
      if (item.kind != MV_RECORD || item.record->nmembers > 0) checkprinted(&item);
    }
  }
  free(block);
  free(text);
  return 0;
}
