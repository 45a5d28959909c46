/* proc.c - /proc: what is in it, and the processes that come and go there.
 *
 *   /proc   meminfo buddyinfo ...   entries, made at boot from the table
 *                                   proc_files
 *           self                    looked up: a link to the reader's number
 *           17/  maps status ...    looked up: exists as long as the process;
 *                                   the files are those of proc_pid_files
 *
 * An inode that is looked up has no name: it is made each time, and gone when
 * the last who uses it lets go. One that outlives its process is empty: show()
 * says -ESRCH.
 */
#include "fs.h"
#include "fscost.h"
#include "gfp.h"
#include "printf.h"
#include "process.h"
#include "seq.h"
#include "slab.h"
#include "string.h"
#include "util.h"

TABLE_DEFINE(proc_files);
TABLE_DEFINE(proc_pid_files);

static bool
pid_exists(int pid)
{
	return pid > 0 && process_ops->next_pid(pid - 1) == pid;
}

/* A number without signs or zeroes in front. => 0: it is none */
static int
pid_of_name(const char *name, size_t len)
{
	int pid = 0;

	if (len > 9 || *name == '0')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return 0;
		pid = pid * 10 + name[i] - '0';
	}
	return pid;
}

/* An inode that is not in a directory; `file` NULL: none of the tables'. */
static struct inode *
make_up(struct inode *dir, u32 mode, const struct proc_file *file, int pid)
{
	struct inode *inode = inode_create_for(mode, current_account());

	if (IS_ERR(inode))
		return inode;
	inode->private = file;
	inode->pid = pid;
	inode->nlink = S_ISDIR(mode) ? 2 : 1;
	inode->parent = inode_get(dir);
	if (file)
		inode->file_ops = &seq_file_ops;
	return inode;
}

/* Likewise a symbolic link; its target is ours now, and may be an error. */
static struct inode *
make_up_link(struct inode *dir, char *target)
{
	struct inode *inode;

	if (IS_ERR(target))
		return (void *)target;
	inode = make_up(dir, S_IFLNK | 0777, NULL, 0);
	if (!IS_ERR(inode) && !inode_charge(inode, strlen(target) + 1)) {
		inode->target = target;
		return inode;
	}
	kfree(target);
	if (IS_ERR(inode))
		return inode;
	inode_put(inode);
	return ERR_PTR(-ENOMEM);
}

/* --- /proc/PID ----------------------------------------------------------- */

const struct proc_file *
proc_pid_file(const char *name, size_t len)
{
	const struct proc_file *file;

	table_for_each(file, &proc_pid_files)
	{
		if (strlen(file->name) == len && !memcmp(file->name, name, len))
			return file;
	}
	return NULL;
}

static struct inode *
pid_lookup(struct inode *dir, const char *name, size_t len)
{
	const struct proc_file *file = proc_pid_file(name, len);

	if (!file)
		return ERR_PTR(-ENOENT);
	if (file->link)
		return make_up_link(dir, file->link(dir->pid));
	return make_up(dir, S_IFREG | 0444, file, dir->pid);
}

static void
pid_readdir(struct inode *dir, struct dirents *to)
{
	const struct proc_file *file;
	loff_t pos = DIRENTS_MADE_UP;
	struct inode as = {.ino = dir->ino};

	table_for_each(file, &proc_pid_files)
	{
		as.mode = file->link ? S_IFLNK : S_IFREG;
		if (!dirents_emit(to, pos++, file->name, strlen(file->name),
				  &as))
			return;
	}
}

static const struct inode_ops pid_ops = {pid_lookup, pid_readdir};

/* --- /proc --------------------------------------------------------------- */

static struct inode *
make_self(struct inode *dir)
{
	char number[12];
	char *target;

	if (!process_ops->pid())
		return ERR_PTR(-ENOENT);
	scnprintf(number, sizeof(number), "%d", process_ops->pid());
	target = kstrdup(number, GFP_KERNEL);
	return make_up_link(dir, target ? target : ERR_PTR(-ENOMEM));
}

static struct inode *
root_lookup(struct inode *dir, const char *name, size_t len)
{
	int pid = pid_of_name(name, len);
	struct inode *inode;

	if (len == 4 && !memcmp(name, "self", 4))
		return make_self(dir);
	if (!pid_exists(pid))
		return ERR_PTR(-ENOENT);
	inode = make_up(dir, S_IFDIR | 0555, NULL, pid);
	if (!IS_ERR(inode))
		inode->ops = &pid_ops;
	return inode;
}

static void
root_readdir(struct inode *dir, struct dirents *to)
{
	loff_t pos = max_t(loff_t, to->pos - DIRENTS_MADE_UP, 0);
	struct inode as = {.ino = dir->ino, .mode = S_IFLNK};
	char name[12];
	int pid;

	if (!dirents_emit(to, DIRENTS_MADE_UP, "self", 4, &as))
		return;
	as.mode = S_IFDIR;
	pid = pos ? (int)pos - 1 : 0;
	while ((pid = process_ops->next_pid(pid))) {
		int len = scnprintf(name, sizeof(name), "%d", pid);

		if (!dirents_emit(to, DIRENTS_MADE_UP + pid, name, len, &as))
			return;
	}
}

static const struct inode_ops root_ops = {root_lookup, root_readdir};

int
proc_init(void)
{
	struct inode *root = fs_create("/proc", S_IFDIR | 0555, NULL), *inode;
	const struct proc_file *file;
	char name[32];

	if (IS_ERR(root))
		return PTR_ERR(root);
	table_for_each(file, &proc_files)
	{
		scnprintf(name, sizeof(name), "/proc/%s", file->name);
		inode = fs_create(name, S_IFREG | 0444, NULL);
		if (IS_ERR(inode))
			return PTR_ERR(inode);
		inode->private = file;
		inode->file_ops = &seq_file_ops;
		inode_put(inode);
	}
	root->ops = &root_ops;
	inode_put(root);
	return 0;
}
