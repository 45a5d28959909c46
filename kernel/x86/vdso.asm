; vdso.asm - sysenter, the shorter way in, and the page that leads to it.
;
;   __kernel_vsyscall:  push ebp / mov ebp, esp / sysenter    ring 3, user/vdso
;                                   |
;   sysenter_entry: ss sp flags cs ip, as int 0x80 would have pushed them; the
;                   sixth argument from the program's stack; then as int 0x80
;
; sysenter sets only cs, ss, esp and eip, and clears IF. esp is the address of the
; TSS, in which sp0 is this thread's stack. Flags that would disturb the kernel
; (NT, TF, DF, AC) are the program's until popfd. One that single-steps itself
; traps at the first instruction here, on the few words below the TSS: the
; trap's entry (debug_entry) goes on at sysenter_stepped, and ring 3 traps anew.
%include "layout.inc"
%include "vdso.inc"
%include "kernel/x86/smap.inc"

extern syscall_common, trap_common, user_return, kernel_selectors
global sysenter_entry, debug_entry, vdso_image, vdso_image_end
global vdso_vsyscall, vdso_sigreturn, vdso_rt_sigreturn, vdso_sysenter

EFLAGS_FIXED    equ 0x002
EFLAGS_TF       equ 0x100
EFLAGS_IF       equ 0x200
TSS_SP0         equ 4
REGS_BP         equ 5 * 4               ; checked in kernel/x86/trap.c
REGS_AX         equ 6 * 4
EFAULT          equ 14

; Where programs find them: addresses, not places in the kernel.
vdso_vsyscall     equ VDSO_BASE + VDSO___kernel_vsyscall
vdso_sigreturn    equ VDSO_BASE + VDSO___kernel_sigreturn
vdso_rt_sigreturn equ VDSO_BASE + VDSO___kernel_rt_sigreturn
vdso_sysenter     equ VDSO_vsyscall_sysenter

section .text

sysenter_stepped:
        mov esp, [esp + TSS_SP0]
        push SEL_USER_DATA
        push ebp
        pushfd
        or dword [esp], EFLAGS_IF | EFLAGS_TF
        jmp sysenter_entry.flags
sysenter_entry:
        mov esp, [esp + TSS_SP0]
        push SEL_USER_DATA
        push ebp                        ; where it left its stack
        pushfd
        or dword [esp], EFLAGS_IF
.flags: push EFLAGS_FIXED | EFLAGS_IF
        popfd
        push SEL_USER_CODE
        push VDSO_BASE + VDSO_vsyscall_landing
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
        cmp ebp, TASK_SIZE - 4
        ja .fault
.stac:  db SMAP_NOP                     ; stac
.sixth: mov ebp, [ebp]
.clac:  db SMAP_NOP                     ; clac
        mov [esp + REGS_BP], ebp
        mov fs, [cs:kernel_selectors]
        mov ds, [cs:kernel_selectors + 2]
        mov es, [cs:kernel_selectors + 2]
        jmp syscall_common
; Its stack is not there: as if the call had found that out.
.no_stack:
        db SMAP_NOP                     ; clac
.fault: mov ebp, SEL_PERCPU
        mov fs, ebp
        mov ebp, SEL_KERNEL_DATA
        mov ds, ebp
        mov es, ebp
        mov dword [esp + REGS_AX], -EFAULT
        jmp user_return

SMAP_SITE sysenter_entry.stac, OP_STAC
SMAP_SITE sysenter_entry.clac, OP_CLAC
SMAP_SITE sysenter_entry.no_stack, OP_CLAC

; Vector 1's stub. The stack: ip cs flags.
debug_entry:
        cmp dword [esp], sysenter_entry
        je .sysenter
        push 0
        push 1
        jmp trap_common
.sysenter:
        mov dword [esp], sysenter_stepped
        and dword [esp + 8], ~EFLAGS_TF
        iret

section __ex_table progbits alloc noexec nowrite align=4
        dd sysenter_entry.sixth, sysenter_entry.no_stack, 0

section .init.data progbits alloc noexec write align=4
vdso_image:
        incbin "vdso.so"
vdso_image_end:
