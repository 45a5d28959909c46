; probe_enter.asm - the one half of trap_probe that needs the stack raw.

global trap_probe_enter, trap_probe_landing

section .text

; int trap_probe_enter(void (*fn)(void *), void *arg, u32 *saved_sp)
; Call fn(arg); -1 if it returns. A trap on the way ends in
; trap_probe_landing, with the saved stack pointer in ecx and the result in
; eax.
;
;        return address
;        ebp                <-- ebp
;        ebx esi edi
;        flags              <-- *saved_sp
trap_probe_enter:
        push ebp
        mov ebp, esp
        push ebx
        push esi
        push edi
        pushfd
        mov [ecx], esp
        mov ecx, eax
        mov eax, edx
        call ecx
        mov eax, -1
        mov ecx, esp
trap_probe_landing:
        mov esp, ecx
        popfd
        pop edi
        pop esi
        pop ebx
        pop ebp
        ret
