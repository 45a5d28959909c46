/* exec_bad.c - hostile ELF files: mutations of a good one. Each is refused,
 * kills whoever starts it, or runs; the machine must not care.
 *
 *   | Elf32_Ehdr | Elf32_Phdr | code |      one word of the first 84 bytes is
 *                                           replaced by each nasty value
 */
#include <elf.h>
#include <sys/stat.h>
#include "utest.h"

#define NAME "/tmp/exec_bad"
#define BASE 0x08048000u

static struct {
	Elf32_Ehdr header;
	Elf32_Phdr program;
	unsigned char code[32];
} image = {
	.header =
		{
			.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32,
				    ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_386,
			.e_version = EV_CURRENT,
			.e_entry =
				BASE + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
	.program =
		{
			.p_type = PT_LOAD,
			.p_vaddr = BASE,
			.p_paddr = BASE,
			.p_filesz = sizeof(image),
			.p_memsz = sizeof(image),
			.p_flags = PF_R | PF_X,
			.p_align = PAGE,
		},
	/* mov eax, 1; mov ebx, 42; int 0x80 */
	.code = {0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80},
};

/* => the status of a child that execs it; the errno if that fails */
static int
run(const void *bytes, size_t size, int *error)
{
	int fd = open(NAME, O_WRONLY | O_CREAT | O_TRUNC, 0755), ends[2];
	int status, failed = 0;
	pid_t pid;

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, bytes, size), size);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(pipe2(ends, O_CLOEXEC), 0);
	pid = fork_checked();
	if (pid == 0) {
		alarm(5); /* stays over execve; what runs may never end */
		execl(NAME, NAME, NULL);
		failed = errno;
		CHECK_EQ(write(ends[1], &failed, sizeof(failed)),
			 sizeof(failed));
		_exit(0);
	}
	close(ends[1]);
	CHECK(read(ends[0], &failed, sizeof(failed)) >= 0);
	close(ends[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	*error = failed;
	return status;
}

static void
mutate(unsigned int at, unsigned int value, unsigned int width)
{
	unsigned char bytes[sizeof(image)];
	int error, status;

	memcpy(bytes, &image, sizeof(image));
	memcpy(bytes + at, &value, width);
	status = run(bytes, sizeof(bytes), &error);
	if (error && error != ENOEXEC && error != ENOMEM && error != EINVAL &&
	    error != EACCES && error != EIO)
		FAIL("%u bytes %#x at %u: errno %d", width, value, at, error);
	if (!error && !WIFSIGNALED(status) && !WIFEXITED(status))
		FAIL("%u bytes %#x at %u: status %#x", width, value, at,
		     status);
}

int
main(void)
{
	static const unsigned int words[] = {0,          0xffffffff, 0xc0000000,
					     0x7ffff000, 0xfffff001, 0xbffff000,
					     0x1001};
	static const unsigned int halves[] = {0, 0xffff, 2};
	int error;

	CHECK_EQ(run(&image, sizeof(image), &error), 42 << 8);
	CHECK_EQ(error, 0);
	for (unsigned int at = 16; at < sizeof(image) - 32; at += 4)
		for (unsigned int i = 0; i < sizeof(words) / 4; i++)
			mutate(at, words[i], 4);
	for (unsigned int at = 40; at < 52; at += 2)
		for (unsigned int i = 0; i < sizeof(halves) / 4; i++)
			mutate(at, halves[i], 2);

	/* Cut off at each length; what is not an ELF file for this machine. */
	for (unsigned int size = 0; size < sizeof(image) - 20; size += 5) {
		(void)run(&image, size, &error);
		CHECK(error == ENOEXEC || size >= 84 || error == EIO ||
		      error == EINVAL);
	}
	for (int i = 0; i < 6; i++) {
		image.header.e_ident[i] ^= 3;
		(void)run(&image, sizeof(image), &error);
		if (i < 4 || on_memoir())
			CHECK_EQ(error, ENOEXEC);
		image.header.e_ident[i] ^= 3;
	}
	CHECK_EQ(unlink(NAME), 0);
	return 0;
}
