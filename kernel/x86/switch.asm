; switch.asm - from one thread's stack to another's.
;
;   prev's stack                        next's stack
;        return address                      return address: into schedule, or
;        ebp ebx esi edi <-- prev->sp        thread_start for a new one
;                                            ebp ebx esi edi <-- next->sp
;
; A C compiler believes that a call keeps these four and nothing else, so that
; is all there is to save. EFLAGS is not: interrupts are off on both sides.

global switch_stacks

TASK_SP         equ 0                   ; offset, checked in kernel/sched.c

section .text

; struct task_struct *switch_stacks(struct task_struct *prev,
;                                   struct task_struct *next)
; Returns on next's stack, with what its own caller will see as the result: the
; thread that ran until now.
switch_stacks:
        push ebp
        push ebx
        push esi
        push edi
        mov [eax + TASK_SP], esp
        mov esp, [edx + TASK_SP]
        pop edi
        pop esi
        pop ebx
        pop ebp
        ret
