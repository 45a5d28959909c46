/* rename_exchange.c - renameat2's flags; close_range; /dev/shm. */
#include <semaphore.h>
#include <sys/stat.h>
#include "utest.h"

#define DIR_NAME  "/tmp/rename_exchange"
#define NOREPLACE 1
#define EXCHANGE  2

static long
move(const char *from, const char *to, int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static int
kind(const char *name)
{
	struct stat st;

	return stat(name, &st) ? -1 : (int)(st.st_mode & S_IFMT);
}

static void
check_rename(void)
{
	CHECK_EQ(mkdir(DIR_NAME, 0755), 0);
	CHECK_EQ(chdir(DIR_NAME), 0);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(mkdir("d/in", 0755), 0);
	CHECK_EQ(close(creat("f", 0644)), 0);
	CHECK_EQ(close(creat("d/g", 0600)), 0);
	CHECK_ERROR(move("f", "d/g", NOREPLACE), EEXIST);
	CHECK_ERROR(move("f", "none", EXCHANGE), ENOENT);
	CHECK_ERROR(move("f", "d", EXCHANGE | NOREPLACE), EINVAL);
	CHECK_ERROR(move("d", "d/in", EXCHANGE), EINVAL);
	CHECK_ERROR(move("d/in", "d", EXCHANGE), EINVAL);
	CHECK_ERROR(move("d", "f/", EXCHANGE), ENOTDIR);
	CHECK_EQ(move("f", "f", EXCHANGE), 0);
	CHECK_EQ(move("f", "d/in", EXCHANGE), 0);
	CHECK_EQ(kind("f"), S_IFDIR);
	CHECK_EQ(kind("d/in"), S_IFREG);
	CHECK_EQ(chdir("f"), 0);
	CHECK_EQ(kind("../d/g"), S_IFREG); /* its .. came with it */
	CHECK_EQ(chdir(".."), 0);
	CHECK_EQ(rmdir("f"), 0);
	CHECK_EQ(unlink("d/g"), 0);
	CHECK_EQ(unlink("d/in"), 0);
	CHECK_EQ(rmdir("d"), 0);
	CHECK_EQ(rmdir(DIR_NAME), 0);
}

static void
check_close_range(void)
{
	int first = dup(0);

	for (int i = 1; i < 5; i++)
		CHECK_EQ(dup(0), first + i);
	CHECK_ERROR(syscall(SYS_close_range, 9, 8, 0), EINVAL);
	CHECK_ERROR(syscall(SYS_close_range, 8, 9, 1), EINVAL);
	CHECK_EQ(syscall(SYS_close_range, first + 1, first + 2, 0), 0);
	CHECK_ERROR(fcntl(first + 1, F_GETFD), EBADF);
	CHECK_EQ(fcntl(first, F_GETFD), 0);
	CHECK_EQ(syscall(SYS_close_range, first + 3, ~0u, 4), 0);
	CHECK_EQ(fcntl(first + 4, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(syscall(SYS_close_range, first, ~0u, 2), 0);
	CHECK_ERROR(fcntl(first + 4, F_GETFD), EBADF);
}

static void
check_shm(void)
{
	int fd = shm_open("/utest", O_RDWR | O_CREAT, 0600);
	sem_t *sem;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	CHECK_EQ(shm_unlink("/utest"), 0);
	sem = sem_open("/utest", O_CREAT, 0600, 1);
	CHECK(sem != SEM_FAILED);
	CHECK_EQ(sem_wait(sem), 0);
	CHECK_EQ(sem_close(sem), 0);
	CHECK_EQ(sem_unlink("/utest"), 0);
}

int
main(void)
{
	int full = open("/dev/full", O_RDWR);

	CHECK_EQ(lseek(full, 100, SEEK_SET), 0);
	check_rename();
	check_close_range();
	check_shm();
	return 0;
}
