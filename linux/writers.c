/* writers.c - a file is written to, or executed: not both.
 *
 *   inode->writers    2: two open files may write        exec: -ETXTBSY
 *                     0: neither
 *                    -3: three programs run it           open: -ETXTBSY
 */
#include "writers.h"

/* by: 1 or -1, if the others are none. */
static int
count_writers(struct inode *inode, int by)
{
	int error = 0;

	mutex_lock(&inode->lock);
	if (inode->writers * by < 0)
		error = -ETXTBSY;
	else
		inode->writers += by;
	mutex_unlock(&inode->lock);
	return error;
}

static void
uncount_writers(struct inode *inode, int by)
{
	mutex_lock(&inode->lock);
	inode->writers -= by;
	mutex_unlock(&inode->lock);
}

int
inode_get_write(struct inode *inode)
{
	return count_writers(inode, 1);
}

void
inode_put_write(struct inode *inode)
{
	uncount_writers(inode, 1);
}

int
inode_get_exec(struct inode *inode)
{
	int error = inode ? count_writers(inode, -1) : 0;

	if (inode && !error)
		inode_get(inode);
	return error;
}

void
inode_put_exec(struct inode *inode)
{
	if (!inode)
		return;
	uncount_writers(inode, -1);
	inode_put(inode);
}
