; entry.asm - the way in and out of the kernel: one stub for each of the 256
; vectors, and the frame they share; and a copy that survives a fault.
;
;   vector n --> stub n: push 0 (unless the CPU pushed an error code)
;                        push n
;                            \
;                  256 stubs ---> trap_common --> trap_dispatch(regs)   (C)
;                                      |
;                                    iret
;
; The stack at the call of trap_dispatch; it is struct pt_regs (trap.h):
;
;        ss              only when it came from ring 3
;        sp              only when it came from ring 3
;        flags           \
;        cs               > pushed by the CPU
;        ip              /
;        error           by the CPU, or 0
;        vector          by the stub
;        gs fs es ds     by trap_common, like all below
;        ax bp di si dx cx bx   <-- eax: struct pt_regs *
;        return address  = ip   \  a frame like that of any C function, so that
;        saved ebp       = bp   /  a backtrace walks on into what was interrupted
;                                  <-- ebp
%include "layout.inc"
%include "kernel/x86/smap.inc"

extern trap_dispatch, trap_user_work, current_task, preempt_count_var
global trap_stubs, trap_common, user_return, enter_user
global copy_from_kernel_nofault, kernel_selectors

REGS_BP         equ 5 * 4               ; offsets in struct pt_regs,
REGS_IP         equ 13 * 4              ; checked in kernel/x86/trap.c
REGS_CS         equ 14 * 4
TASK_WORK       equ 4                   ; checked in kernel/sched.c

section .text

; The stubs. Vectors 8, 10 to 14, 17, 21, 29 and 30 come with an error code
; (SDM volume 3, table 6-1); 8 never gets here: it has a task gate.
%macro STUB 1
        align 8
%%stub:
%if %1 = 8 || (%1 >= 10 && %1 <= 14) || %1 = 17 || %1 = 21 || %1 = 29 || %1 = 30
%else
        push 0
%endif
        push %1
        jmp trap_common
[section .rodata]
        dd %%stub
__?SECT?__
%endmacro

section .rodata
        align 4
trap_stubs:                             ; void *const trap_stubs[256]
section .text
%assign n 0
%rep 256
        STUB n
%assign n n + 1
%endrep

trap_common:
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
TRAP_CLAC       equ $ - trap_common
        db SMAP_NOP                     ; clac; a user copy that was interrupted
                                        ; gets its AC back from iret
        mov eax, esp                    ; void trap_dispatch(struct pt_regs *)
        push dword [eax + REGS_IP]
        push dword [eax + REGS_BP]
        mov ebp, esp
        call trap_dispatch
        add esp, 8
        test byte [esp + REGS_CS], 3
        jnz user_return
        pop ebx
        pop ecx
        pop edx
        pop esi
        pop edi
        pop ebp
        pop eax
        pop ds
        pop es
        pop fs
        add esp, 12                     ; gs, vector, error: gs is a program's,
        iret                            ; and what it means may have changed

SMAP_SITE trap_common + TRAP_CLAC, OP_CLAC

; fs, and ds and es, in the kernel: from memory, they cost no register.
        align 4
kernel_selectors:
        dw SEL_PERCPU, SEL_KERNEL_DATA

; void __noreturn enter_user(struct pt_regs *regs)
; To ring 3, or wherever regs lead; regs are the top of this thread's stack.
enter_user:
        mov esp, eax
; The way back to ring 3, with the stack at struct pt_regs: first what is to be
; done before (a signal, another thread's turn), with interrupts off from the
; last look on, so that none slips in between. What the registers hold is the
; program's business, so loading them may fault: a selector that is not valid
; becomes 0; an iret that fails is the program's own general protection fault.
user_return:
        cli
        mov ecx, [fs:current_task]
        cmp dword [ecx + TASK_WORK], 0
        jne .work
        cmp dword [fs:preempt_count_var], 0
        jge .work                       ; bit 31 is clear: reschedule
        pop ebx
        pop ecx
        pop edx
        pop esi
        pop edi
        pop ebp
        pop eax
.ds:    pop ds
.es:    pop es
.fs:    pop fs
.gs:    pop gs
        add esp, 8                      ; vector, error
.iret:  iret
.work:  mov eax, esp                    ; void trap_user_work(struct pt_regs *)
        call trap_user_work
        jmp user_return
.no_ds: mov dword [esp], 0
        jmp .ds
.no_es: mov dword [esp], 0
        jmp .es
.no_fs: mov dword [esp], 0
        jmp .fs
.no_gs: mov dword [esp], 0
        jmp .gs
.no_iret:
        push 0                          ; error
        push 13                         ; vector
        jmp trap_common

; int copy_from_kernel_nofault(void *dst, const void *src, size_t n)
; memcpy that survives a fault on either side: 0, or -EFAULT (-14) by the
; exception table: "a fault at .copy goes on at .fixup".
copy_from_kernel_nofault:
        push esi
        push edi
        mov edi, eax
        mov esi, edx
.copy:  rep movsb
        xor eax, eax
.out:   pop edi
        pop esi
        ret
.fixup: mov eax, -14
        jmp .out

section __ex_table progbits alloc noexec nowrite align=4
        dd copy_from_kernel_nofault.copy, copy_from_kernel_nofault.fixup, 0
        dd user_return.ds, user_return.no_ds, 0
        dd user_return.es, user_return.no_es, 0
        dd user_return.fs, user_return.no_fs, 0
        dd user_return.gs, user_return.no_gs, 0
        dd user_return.iret, user_return.no_iret, 0
