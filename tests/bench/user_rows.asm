; user_rows.asm - the program that measures what programs pay: user.c puts it into
; a file and runs it, once for each row.
;
;	argv[1]  the row's letter
;	argv[2]  of what there are so many: pages to fork, or areas
;	result   4 bytes into the file /rows: time stamp ticks an operation
;
; A round does the operation as often as it says; the shortest of ROUNDS rounds
; counts, since a tick of the clock falls into some. It is position-independent:
; ebp is the frame, and there is nothing else.
;
;	[ebp - 4]   most ticks so far, later the result
;	[ebp - 8]   time stamp at a round's beginning
;	[ebp - 12]  the memory of the row, PAGES pages
;	[ebp - 16]  rounds left
;	[ebp - 20]  a pipe: the end to read, the end to write
;	[ebp - 24]
;	[ebp - 36]  another: the end to write, the end to read
;	[ebp - 40]
;	[ebp - 44]  a byte that goes through them
;	[ebp - 48]  argv[2]
;	[ebp - 52]  where the areas are: make_areas

%include "layout.inc"
%include "vdso.inc"

global user_rows_start, user_rows_end

ROUNDS  equ 5
TURNS   equ 1000
PAGES   equ 64
FORKS   equ 8
PAGE    equ 4096

section .rodata
bits 32
user_rows_start:
        mov ebp, esp
        mov eax, [esp + 8]              ; argv[1]
        movzx edi, byte [eax]
        sub esp, 64
        mov dword [ebp - 4], -1
        mov dword [ebp - 16], ROUNDS
        mov esi, [ebp + 12]             ; argv[2]
        xor ecx, ecx
.digit: movzx eax, byte [esi]
        sub eax, '0'
        jb .number
        imul ecx, 10
        add ecx, eax
        inc esi
        jmp .digit
.number:
        mov [ebp - 48], ecx
.round: mov eax, edi
        call row
        cmp eax, [ebp - 4]
        jae .worse
        mov [ebp - 4], eax
.worse: dec dword [ebp - 16]
        jnz .round

        push 0                          ; "/rows"
        push 's'
        push '/row'
        mov eax, 5                      ; open
        mov ebx, esp
        mov ecx, 0o1101                 ; O_WRONLY | O_CREAT | O_TRUNC
        mov edx, 0o644
        int 0x80
        mov ebx, eax
        mov eax, 4                      ; write
        lea ecx, [ebp - 4]
        mov edx, 4
        int 0x80
        xor ebx, ebx
        cmp eax, edx
        setne bl
exit:   mov eax, 1
        int 0x80

; al: the letter; eax: ticks an operation. edi is kept.
row:    cmp al, 'g'
        je getpid
        cmp al, 'G'
        je sysenter_getpid
        cmp al, 'v'
        je gettime
        cmp al, 's'
        je signal
        cmp al, 'x'
        je move
        cmp al, 'z'
        je demand_zero
        cmp al, 'r'
        je read_zero
        cmp al, 'c'
        je cow_copy
        cmp al, 'o'
        je cow_reuse
        cmp al, 'm'
        je map_unmap
        cmp al, 't'
        je map_touch_unmap
        cmp al, 'p'
        je pingpong
        cmp al, 'f'
        je forks
        call make_areas
        cmp al, 'Z'
        je zero_among
        cmp al, 'O'
        je reuse_among
        cmp al, 'M'
        je map_among
        cmp al, 'S'
        je settle_among
        jmp forks_among

begin:  rdtsc
        mov [ebp - 8], eax
        ret

; ecx: how many operations; eax: ticks of one
finish: rdtsc
        sub eax, [ebp - 8]
        xor edx, edx
        div ecx
        ret

; The same by the vDSO: __kernel_vsyscall, which takes sysenter if it can.
sysenter_getpid:
        call begin
        mov esi, TURNS
        mov edi, VDSO_BASE + VDSO___kernel_vsyscall
.next:  mov eax, 20
        call edi
        dec esi
        jnz .next
        mov edi, 'G'
        mov ecx, TURNS
        call finish
        sub eax, 2                      ; dec, jnz
        ret

; What time it is, by the vDSO.
gettime:
        call begin
        mov esi, TURNS
        mov edi, VDSO_BASE + VDSO___vdso_clock_gettime
        sub esp, 8
.next:  push esp
        push 1                          ; CLOCK_MONOTONIC
        call edi
        add esp, 8
        dec esi
        jnz .next
        add esp, 8
        mov edi, 'v'
        mov ecx, TURNS
        call finish
        sub eax, 2                      ; dec, jnz
        ret

; A signal to oneself: kill, the handler, sigreturn.
signal: push edi
        push 0                          ; struct sigaction: restorer,
        push 4                          ; flags: SA_SIGINFO,
        push 0                          ; mask,
        call .here
.here:  pop eax
        add eax, .handler - .here
        push eax                        ; handler
        mov eax, 67                     ; sigaction
        mov ebx, 10                     ; SIGUSR1
        mov ecx, esp
        xor edx, edx
        int 0x80
        add esp, 16
        mov eax, 20                     ; getpid
        int 0x80
        mov edi, eax
        call begin
        mov esi, TURNS
.next:  mov eax, 37                     ; kill
        mov ebx, edi
        mov ecx, 10
        int 0x80
        dec esi
        jnz .next
        pop edi
        mov ecx, TURNS
        call finish
        sub eax, 2                      ; dec, jnz
        ret
.handler:
        ret

getpid: call begin
        mov esi, TURNS
.next:  mov eax, 20
        int 0x80
        dec esi
        jnz .next
        mov ecx, TURNS
        call finish
        sub eax, 2                      ; dec, jnz
        ret

; eax pages, anonymous: eax, and [ebp - 12], where; map_as: with rights edx
map:    mov edx, 3                      ; read and write
map_as: push edi
        push ebp
        mov ecx, eax
        shl ecx, 12
        mov eax, 192                    ; mmap2
        xor ebx, ebx
        mov esi, 0x22                   ; private, anonymous
        or edi, -1
        xor ebp, ebp
        int 0x80
        pop ebp
        pop edi
        mov [ebp - 12], eax
        ret

; eax pages of it
unmap:  mov ecx, eax
        shl ecx, 12
        mov ebx, [ebp - 12]
        mov eax, 91
        int 0x80
        ret

; writes a byte at eax, and so on: ecx times, ebx bytes apart
touch:  mov byte [eax], 1
        add eax, ebx
        dec ecx
        jnz touch
        ret

; PAGES pages from [ebp - 12] on
touch_all:
        mov eax, [ebp - 12]
        mov ecx, PAGES
        mov ebx, PAGE
        jmp touch

timed_touch_all:
        mov esi, [ebp - 12]
        mov ecx, PAGES
        mov ebx, PAGE

; the same as touch, at esi
timed_touch:
        push ecx
        call begin
        mov ecx, [esp]
        mov eax, esi
        call touch
        pop ecx
        call finish
        sub eax, 3                      ; add, dec, jnz
        ret

; 1 MiB, all of it touched, to another place and back: of one move
MOVED   equ 256 * PAGE
move:   push edi
        mov eax, 256
        call map
        mov ebx, PAGE
        mov ecx, 256
        call touch
        mov eax, 512
        push dword [ebp - 12]
        call map                        ; where to: there is room
        pop ebx
        call begin
        mov edi, [ebp - 12]
        call .one
        xchg ebx, edi
        call .one
        mov ecx, 2
        call finish
        push eax
        mov eax, 256
        mov [ebp - 12], edi
        call unmap
        pop eax
        pop edi
        ret
.one:   mov eax, 163                    ; mremap
        mov ecx, MOVED
        mov edx, MOVED
        mov esi, 3                      ; may move, there
        int 0x80
        ret

unmap_keep:
        push eax
        mov eax, PAGES
        call unmap
        pop eax
        ret

demand_zero:
        mov eax, PAGES
        call map
        call timed_touch_all
        jmp unmap_keep

read_zero:
        mov eax, PAGES
        call map
        call begin
        mov ecx, PAGES
        mov eax, [ebp - 12]
.next:  test byte [eax], 1
        add eax, PAGE
        dec ecx
        jnz .next
        mov ecx, PAGES
        call finish
        sub eax, 3
        jmp unmap_keep

; A child that waits until [ebp - 24] is closed for the last time
cow_copy:
        mov eax, PAGES
        call map
        call touch_all
        mov eax, 42                     ; pipe
        lea ebx, [ebp - 24]
        int 0x80
        mov eax, 2                      ; fork
        int 0x80
        test eax, eax
        jnz .parent
        mov ebx, [ebp - 20]
        mov eax, 6                      ; close
        int 0x80
        mov eax, 3                      ; read
        mov ebx, [ebp - 24]
        lea ecx, [ebp - 28]
        mov edx, 1
        int 0x80
        jmp exit
.parent:
        call timed_touch_all
        push eax
        mov eax, 6
        mov ebx, [ebp - 20]
        int 0x80
        mov eax, 6
        mov ebx, [ebp - 24]
        int 0x80
        call wait_child
        pop eax
        jmp unmap_keep

cow_reuse:
        mov eax, PAGES
        call map
        call touch_all
        call fork_wait
        call timed_touch_all
        jmp unmap_keep

fork_wait:
        mov eax, 2
        int 0x80
        test eax, eax
        jz exit
wait_child:
        mov eax, 114                    ; wait4
        or ebx, -1
        xor ecx, ecx
        xor edx, edx
        xor esi, esi
        int 0x80
        ret

map_unmap:
        call begin
        push dword TURNS
.next:  mov eax, 1
        call map
        mov eax, 1
        call unmap
        dec dword [esp]
        jnz .next
        pop eax
        mov ecx, TURNS
        jmp finish

map_touch_unmap:
        call begin
        push dword TURNS
.next:  mov eax, 1
        call map
        mov byte [eax], 1
        mov eax, 1
        call unmap
        dec dword [esp]
        jnz .next
        pop eax
        mov ecx, TURNS
        jmp finish

; A child that sends back what it gets, until there is nobody to send it
pingpong:
        mov eax, 42                     ; pipe: there
        lea ebx, [ebp - 24]
        int 0x80
        mov eax, 42                     ; and back
        lea ebx, [ebp - 40]
        int 0x80
        mov edx, 1                      ; bytes; kept by all that follows
        lea ecx, [ebp - 44]
        mov eax, 2                      ; fork
        int 0x80
        test eax, eax
        jnz .parent
        mov ebx, [ebp - 20]
        mov eax, 6                      ; close
        int 0x80
.echo:  mov eax, 3                      ; read
        mov ebx, [ebp - 24]
        int 0x80
        cmp eax, edx
        jne exit
        mov eax, 4                      ; write
        mov ebx, [ebp - 36]
        int 0x80
        jmp .echo
.parent:
        call begin
        mov esi, TURNS
        mov edx, 1
.next:  mov eax, 4
        mov ebx, [ebp - 20]
        int 0x80
        mov eax, 3
        mov ebx, [ebp - 40]
        int 0x80
        dec esi
        jnz .next
        mov ecx, TURNS
        call finish
        push eax
        lea ecx, [ebp - 40]
        call close_pipe
        lea ecx, [ebp - 24]
        call close_pipe
        call wait_child
        pop eax
        ret

; ecx: where its two numbers are
close_pipe:
        mov eax, 6
        mov ebx, [ecx]
        int 0x80
        mov eax, 6
        mov ebx, [ecx + 4]
        int 0x80
        ret

; with [ebp - 48] dirty pages
forks:  mov ecx, [ebp - 48]
        jecxz time_forks
        mov eax, ecx
        call map
        mov ecx, [ebp - 48]
        mov ebx, PAGE
        call touch
        call time_forks
        push eax
        mov eax, [ebp - 48]
        call unmap
        pop eax
        ret

time_forks:
        push dword FORKS
        call begin
.next:  call fork_wait
        dec dword [esp]
        jnz .next
        pop ecx
        mov ecx, FORKS
        jmp finish

; --- Among [ebp - 48] areas ---------------------------------------------------
;
;	[ebp - 52]  [r r][w w][r r][w w] ...      two pages each
;
; Their rights differ, so they stay apart; between them nothing is free. eax is
; kept.
make_areas:
        push eax
        mov eax, [ebp - 48]
        shl eax, 1
        call map
        mov [ebp - 52], eax
        mov ebx, eax
        mov esi, [ebp - 48]
        shr esi, 1
.next:  mov eax, 125                    ; mprotect
        mov ecx, 2 * PAGE
        mov edx, 1                      ; read
        int 0x80
        add ebx, 4 * PAGE
        dec esi
        jnz .next
        pop eax
        ret

drop_areas:
        push eax
        mov eax, [ebp - 52]
        mov [ebp - 12], eax
        mov eax, [ebp - 48]
        shl eax, 1
        call unmap
        pop eax
        ret

; For touch: the first page of each that can be written to
each_area:
        mov eax, [ebp - 52]
        add eax, 2 * PAGE
        mov esi, eax
        mov ebx, 4 * PAGE
        mov ecx, [ebp - 48]
        shr ecx, 1
        ret

; The second pages come first, for the page tables
zero_among:
        call each_area
        add eax, PAGE
        call touch
        call each_area
        call timed_touch
        jmp drop_areas

reuse_among:
        call each_area
        call touch
        call fork_wait
        call each_area
        call timed_touch
        jmp drop_areas

map_among:
        call map_unmap
        jmp drop_areas

; Two at a time, and the older one goes first: it has come into the tree by then
settle_among:
        call begin
        push dword TURNS
.next:  mov eax, 1
        call map
        push eax
        mov eax, 1
        mov edx, 1                      ; read: so that they stay two
        call map_as
        xchg eax, [esp]
        mov [ebp - 12], eax
        mov eax, 1
        call unmap
        pop dword [ebp - 12]
        mov eax, 1
        call unmap
        dec dword [esp]
        jnz .next
        pop eax
        mov ecx, 2 * TURNS
        call finish
        jmp drop_areas

forks_among:
        call time_forks
        jmp drop_areas
user_rows_end:
