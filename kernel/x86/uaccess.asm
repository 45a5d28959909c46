; uaccess.asm - copies between the kernel and a user, who may hand us anything.
;
;   user_copy_in  --> is all of it below TASK_SIZE? --no--> nothing copied
;   user_copy_out -->    | yes
;                        v
;               stac   rep movsd   rep movsb   clac --> 0
;                          | fault     ^ |
;                          +-----------+ +-- fault --> what is left, in bytes
;
; A fault is first offered to whoever can bring the page in; then `rep` simply
; goes on, since ecx, esi and edi say where it was. Only if nobody can, the
; exception table leads to the labels here.
;
; Guarantees: the count is exact to the byte. user_copy_in leaves no byte of the
; buffer as it was: what was not copied is zeroed; raw_copy_from_user leaves it.
; A fault on the kernel's side is not hidden (EX_USER): it is a bug, and reported.
; Contracts: include/uaccess.h.
%include "layout.inc"
%include "kernel/x86/smap.inc"

global user_copy_in, raw_copy_from_user, user_copy_out, user_clear
global user_cmpxchg

EX_USER         equ 1                   ; kernel/x86/extable.c

%macro EXTABLE 2
[section __ex_table progbits alloc noexec nowrite align=4]
        dd %1, %2, EX_USER
__?SECT?__
%endmacro

section .text

; The copy itself. eax: to, edx: from, ecx: n; the caller's esi is on the stack.
; With %1 = 1 what is not copied is zeroed.
%macro COPY_USER 1
        push edi
        mov edi, eax
        mov esi, edx
        mov eax, ecx                    ; n, while there are words
        shr ecx, 2
%%open: db SMAP_NOP                     ; stac
%%words: rep movsd
        and eax, 3
        jz %%done
        xchg ecx, eax                   ; eax: 0, what will be left
%%bytes: rep movsb
%%done: db SMAP_NOP                     ; clac
        pop edi
        pop esi
        ret

; Somewhere in the four bytes at the user's address. If they lie in one page,
; none of them is there; else the first ones may be.
;
;       |  page, there  |  page, missing ...
;                  [ b b b b ]       <- ecx words left, the first is this one
;
%%words_fault:
        and eax, 3
        lea ecx, [eax + ecx * 4]        ; now in bytes
        mov edx, esi
        cmp esi, TASK_SIZE
        jb %%user
        mov edx, edi
%%user: xor eax, eax
        and edx, PAGE_SIZE - 1
        cmp edx, PAGE_SIZE - 4
        ja %%bytes
%%bytes_fault:
        mov eax, ecx
%if %1
        mov edx, ecx
        xor eax, eax
        rep stosb
        mov eax, edx
%endif
        jmp %%done

EXTABLE %%words, %%words_fault
EXTABLE %%bytes, %%bytes_fault
SMAP_SITE %%open, OP_STAC
SMAP_SITE %%done, OP_CLAC
%endmacro

; unsigned long user_copy_in(void *to, const void __user *from,
;                            unsigned long n)
; n is at most USER_COPY_MAX: TASK_SIZE - n does not wrap.
user_copy_in:
        push esi
        mov esi, TASK_SIZE
        sub esi, ecx                    ; the highest address for n bytes
        cmp edx, esi
        ja .refuse
        COPY_USER 1
.refuse:
        push edi
        mov edi, eax
        mov edx, ecx
        xor eax, eax
        rep stosb
        mov eax, edx
        pop edi
        pop esi
        ret

; unsigned long raw_copy_from_user(void *to, const void __user *from,
;                                  unsigned long n)
raw_copy_from_user:
        push esi
        mov esi, TASK_SIZE
        sub esi, ecx
        cmp edx, esi
        jbe copy_user
.refuse:
        mov eax, ecx
        pop esi
        ret

; unsigned long user_copy_out(void __user *to, const void *from,
;                             unsigned long n)
user_copy_out:
        push esi
        mov esi, TASK_SIZE
        sub esi, ecx
        cmp eax, esi
        ja raw_copy_from_user.refuse
copy_user:
        COPY_USER 0

; unsigned long user_clear(void __user *to, unsigned long n)
user_clear:
        mov ecx, TASK_SIZE
        sub ecx, edx
        jb .refuse
        cmp eax, ecx
        ja .refuse
        push edi
        mov edi, eax
        mov ecx, edx
        xor eax, eax
        shr ecx, 2
        and edx, 3
.open:  db SMAP_NOP
.words: rep stosd
        mov ecx, edx
.bytes: rep stosb
.done:  db SMAP_NOP
        mov eax, ecx
        pop edi
        ret
.words_fault:
        lea ecx, [edx + ecx * 4]
        jmp .bytes                      ; as far as it goes
.refuse:
        mov eax, edx
        ret

; int user_cmpxchg(u32 __user *ptr, u32 *old, u32 new)
user_cmpxchg:
        push esi
        mov esi, eax
        mov eax, -14                    ; -EFAULT
        cmp esi, TASK_SIZE - 4
        ja .refuse
        mov eax, [edx]
.open:  db SMAP_NOP
.try:   lock cmpxchg [esi], ecx
        mov [edx], eax
        xor eax, eax
.done:  db SMAP_NOP
.refuse:
        pop esi
        ret
.fault: mov eax, -14
        jmp .done

EXTABLE user_cmpxchg.try, user_cmpxchg.fault
SMAP_SITE user_cmpxchg.open, OP_STAC
SMAP_SITE user_cmpxchg.done, OP_CLAC
EXTABLE user_clear.words, user_clear.words_fault
EXTABLE user_clear.bytes, user_clear.done
SMAP_SITE user_clear.open, OP_STAC
SMAP_SITE user_clear.done, OP_CLAC
