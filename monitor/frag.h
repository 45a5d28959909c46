/* frag.h - memory in pieces: half of it free, and no two pages side by side.
 */
#ifndef FRAG_H
#define FRAG_H

#include "types.h"

/* frag_shatter: take all free memory, page by page, and give every other page
 * back. frag_mend: the rest, too.
 * => process context
 * => false, and nothing happens, if it is in pieces already (frag keep) */
bool frag_shatter(void);
void frag_mend(void);

#endif
