; ring3_code.asm - what test_process.c runs in ring 3: argv[1] says what.
;
;	e  exit(42)			 s  read address 0
;	f  fork; the child exit(7); wait u  an instruction that is none
;	   for it; exit with its code	 d  divide by 0
;	x  exec itself with "e"		 b  int3
;	v  vfork, the child exec "e"	 p  hlt
;	t  a segment for %gs, and use it k  read kernel memory
;	g  %gs: a selector that is none  j  jump into the kernel
;	a  argc in the exit code	 w  write to its own code
;	o  recursion without end	 m  1 MiB of memory, written
;	z  a call with EFLAGS.NT, DF and AC set
;	l  %gs, whose segment goes away
;
; It is position-independent.
global ring3_code_start, ring3_code_end

section .rodata
bits 32
ring3_code_start:
        mov ebp, esp
        mov eax, [ebp + 8]
        movzx eax, byte [eax]
        call .table
        db 'efxvtgasudbpkjwomzl'
.table: pop edi
        xor ecx, ecx
.find:  cmp al, [edi + ecx]
        je .found
        inc ecx
        jmp .find
.found: call .here
.here:  pop edx
        movsx eax, word [edx + offsets - .here + ecx * 2]
        add eax, edx
        jmp eax
offsets:
        dw do_exit - ring3_code_start.here, do_fork - ring3_code_start.here
        dw do_exec - ring3_code_start.here, do_vfork - ring3_code_start.here
        dw do_tls - ring3_code_start.here, do_gs - ring3_code_start.here
        dw do_argc - ring3_code_start.here, do_null - ring3_code_start.here
        dw do_ud - ring3_code_start.here, do_divide - ring3_code_start.here
        dw do_int3 - ring3_code_start.here, do_hlt - ring3_code_start.here
        dw do_kernel - ring3_code_start.here, do_jump - ring3_code_start.here
        dw do_text - ring3_code_start.here, do_stack - ring3_code_start.here
        dw do_memory - ring3_code_start.here, do_flags - ring3_code_start.here
        dw do_lost - ring3_code_start.here

do_argc:
        mov ebx, [ebp]
        jmp exit
do_exit:
        mov ebx, 42
exit:   mov eax, 1
        int 0x80

do_fork:
        mov eax, 2
        int 0x80
        mov ebx, 7
        test eax, eax
        jz exit
        js failed
reap:   mov ebx, eax
        push 0
        mov ecx, esp
        xor edx, edx
        xor esi, esi
        mov eax, 114
        int 0x80
        cmp eax, ebx
        jne failed
        mov ebx, [esp]
        test bl, 0x7F
        jnz failed
        movzx ebx, bh
        jmp exit
failed: mov ebx, 99
        jmp exit

do_vfork:
        mov eax, 190
        int 0x80
        test eax, eax
        js failed
        jnz reap
do_exec:
        push 'e'
        mov ecx, esp
        push 0                          ; argv: argv[0], "e", NULL
        push ecx
        push dword [ebp + 4]
        mov ecx, esp
        mov ebx, [ebp + 4]
        xor edx, edx
        mov eax, 11
        int 0x80
        jmp failed

do_tls: push 0x51                       ; 32-bit, pages, useable
        push 0xFFFFF
        push esp                        ; its base: where the limit is
        push -1
        mov eax, 243
        mov ebx, esp
        int 0x80
        test eax, eax
        jnz failed
        pop eax
        lea eax, [eax * 8 + 3]
        mov gs, eax
        mov edx, [gs:0]                 ; at its base: the limit, as pushed
        cmp edx, 0xFFFFF
        je do_exit
        jmp failed
do_gs:  mov eax, 0x33                   ; a segment that is not there
        mov gs, eax
        jmp failed
do_null:
        mov eax, [0]
        jmp failed
do_ud:  ud2
do_divide:
        xor ecx, ecx
        div ecx
        jmp failed
do_int3:
        int3
        jmp failed
do_hlt: hlt
do_kernel:
        mov eax, [0xC0100000]
        jmp failed
do_jump:
        mov eax, 0xC0100000
        jmp eax
do_text:
        call .next
.next:  pop eax
        mov byte [eax], 0x90
        jmp failed
do_stack:
        push eax
        jmp do_stack
do_memory:
        mov eax, 192
        xor ebx, ebx
        mov ecx, 0x100000
        mov edx, 3
        mov esi, 0x22
        or edi, -1
        xor ebp, ebp
        int 0x80
        mov ecx, 256
.page:  mov [eax], eax
        add eax, 4096
        dec ecx
        jnz .page
        jmp do_exit
do_flags:
        pushfd
        or dword [esp], 0x44400         ; NT, DF, AC
        popfd
        mov eax, 20
        int 0x80
        pushfd
        pop ebx
        and ebx, 0x44400
        cmp ebx, 0x44400                ; they are its own
        je do_exit
        jmp failed
do_lost:
        push 0x51
        push 0xFFFFF
        push 0
        push -1
        mov eax, 243
        mov ebx, esp
        int 0x80
        mov eax, [esp]
        lea eax, [eax * 8 + 3]
        mov gs, eax
        mov dword [esp + 8], 0          ; limit
        mov dword [esp + 12], 0x28      ; read-only, not present: none
        mov eax, 243
        int 0x80
        test eax, eax
        jnz failed
        mov eax, gs
        test eax, eax
        jz do_exit
        jmp failed
ring3_code_end:
