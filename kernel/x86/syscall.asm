; syscall.asm - int 0x80, the way in for a program that asks for something.
;
;	mov eax, 20             ; the number: getpid
;	mov ebx, ...            ; arguments: ebx ecx edx esi edi ebp
;	int 0x80                ; the result comes in eax: or -errno
;
; What it pushes, from the top of the thread's kernel stack (struct pt_regs):
;
;        ss sp flags cs ip       by the CPU
;        ax, 0x80                the number (error), the vector
;        gs fs es ds
;        ax bp di si dx cx bx
;        0 0 <-- ebp             here a backtrace ends
;        bp di si dx cx bx       the arguments, again: a C function may change
;                                its own, and the program gets its registers back
;
; Interrupts are on while the call works.
%include "layout.inc"
%include "kernel/x86/smap.inc"

extern syscall_table, nr_syscalls, user_return, trap_common, kernel_selectors
global syscall_entry, syscall_common

FLAGS_HIGH      equ 2 * 4 + 2           ; bits 16 to 23, as the CPU has pushed them
REGS_AX         equ 6 * 4               ; checked in linux/syscall.c
REGS_BP         equ 5 * 4               ; checked in kernel/x86/trap.c
ARGUMENTS       equ 6 * 4 + 8           ; bytes, with the two zeroes

section .text

syscall_entry:
        test byte [esp + FLAGS_HIGH], 2 ; EFLAGS.VM: see leave_vm86 in trap.c
        jnz syscall_common.vm86
        push eax
        push 0x80
        push gs
        push fs
        push es
        push ds
        push eax
        push ebp
        push edi
        push esi
        push edx
        push ecx
        push ebx
        mov fs, [cs:kernel_selectors]
        mov ds, [cs:kernel_selectors + 2]
        mov es, [cs:kernel_selectors + 2]
        cld
CLAC_AT         equ $ - syscall_entry
        db SMAP_NOP                     ; clac
        sti
; From here on it does not matter which way the program came: see vdso.asm.
syscall_common:
        push 0
        push 0
        push dword [esp + 8 + REGS_BP]
        lea ebp, [esp + 4]
        push edi
        push esi
        push edx
        push ecx
        push ebx
        cmp eax, [nr_syscalls]
        jae .none
.call:  call [syscall_table + eax * 4]
        add esp, ARGUMENTS
        mov [esp + REGS_AX], eax
        jmp user_return
.none:  mov eax, [nr_syscalls]          ; the last entry: there is no such call
        jmp .call
.vm86:  push 0                          ; what int n is there with IOPL below 3:
        push 13                         ; a general protection fault
        jmp trap_common

SMAP_SITE syscall_entry + CLAC_AT, OP_CLAC
