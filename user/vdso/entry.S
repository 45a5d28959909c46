/* entry.S - the ways from ring 3 into the kernel that every program shares.
 *
 *   __kernel_vsyscall      eax: the number, arguments as for int 0x80
 *   __kernel_sigreturn     where a handler returns to
 *   __kernel_rt_sigreturn  the same for SA_SIGINFO
 *
 * sysenter keeps neither esp nor eip: the kernel takes the stack from ebp, and
 * comes back to vsyscall_landing. A call that begins anew after a signal does so
 * by the int 0x80 before it. On a processor without sysenter the kernel writes
 * int 0x80 in its place.
 *
 * In GNU's syntax, since unwinders (of C++, of pthread_cancel) want to know where
 * the caller is at each instruction. The two others they know by their bytes.
 */
	.text
	.globl __kernel_vsyscall, __kernel_sigreturn, __kernel_rt_sigreturn
	.globl vsyscall_sysenter, vsyscall_landing
	.hidden vsyscall_sysenter, vsyscall_landing

	.type __kernel_vsyscall, @function
__kernel_vsyscall:
	.cfi_startproc
	push %ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset ebp, 0
	mov %esp, %ebp
vsyscall_sysenter:
	sysenter
	int $0x80
vsyscall_landing:
	pop %ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore ebp
	ret
	.cfi_endproc
	.size __kernel_vsyscall, . - __kernel_vsyscall

	.balign 16
	nop			/* an unwinder looks one byte before */
	.type __kernel_sigreturn, @function
__kernel_sigreturn:
	pop %eax
	mov $119, %eax
	int $0x80
	.size __kernel_sigreturn, . - __kernel_sigreturn

	.balign 16
	nop
	.type __kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
	mov $173, %eax
	int $0x80
	.size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn

	.section .note.GNU-stack, "", @progbits
