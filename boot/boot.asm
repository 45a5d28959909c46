; boot.asm - from the boot loader to C: the first instructions of the kernel.
;
;   loader                    boot_entry (here)                     kmain (C)
;   paging off, flat  ----->  own stack, bss cleared,  ---------->  at 3 GB, on
;   segments, IF off          page tables, paging on                the boot
;   eax = magic, ebx = info   jump high, drop the low map           stack
;
; The boot page tables map the first BOOT_MAP_SIZE bytes of RAM, at 0 (so that
; the instruction after "paging on" is still there) and at PAGE_OFFSET (where
; the kernel is linked). Both halves share the tables; one more is the window
; through which the loader's information is read, wherever it lies.
;
;   boot_pgdir [0..3]      --+--> boot_tables: page n -> frame n, except
;              [768..771]  --+    the guard page below the boot stack
;              [1023]      -----> boot_window: empty
;
; Nothing is assumed that Multiboot 1 does not promise: not the stack, not
; EFLAGS, not the loader's GDT, not a cleared bss.
%include "layout.inc"

MB_MAGIC        equ 0x1BADB002          ; what we carry
MB_LOADER_MAGIC equ 0x2BADB002          ; what the loader brings in eax
MB_PAGE_ALIGN   equ 1 << 0              ; modules on page boundaries
MB_MEMORY_INFO  equ 1 << 1              ; tell us about memory
MB_FLAGS        equ MB_PAGE_ALIGN | MB_MEMORY_INFO

PTE_PRESENT_RW  equ 3
ENTRIES         equ 1024
BOOT_TABLES     equ BOOT_MAP_SIZE / PAGE_SIZE / ENTRIES
CR0_PG          equ 1 << 31
CR0_WP          equ 1 << 16
CR0_PE          equ 1 << 0
EFLAGS_ID       equ 1 << 21             ; can be flipped: there is a CPUID
CPUID_1_TSC     equ 1 << 4

COM1            equ 0x3F8
COM1_LSR        equ COM1 + 5            ; line status; bit 5: may send
VGA_TEXT        equ 0xB8000

%define PHYS(symbol) ((symbol) - PAGE_OFFSET)

; Zero a range of whole pages; inline, since the stack is in one of them.
%macro CLEAR 2
        mov edi, PHYS(%1)
        mov ecx, %2
        sub ecx, %1
        shr ecx, 2
        xor eax, eax
        rep stosd
%endmacro

extern kmain
extern __bss_start, __bss_stop, __init_bss_start, __init_bss_stop
extern boot_stack_guard, boot_stack_top
global boot_entry, boot_window, boot_tsc

section .boot.header progbits alloc noexec nowrite align=4
        dd MB_MAGIC, MB_FLAGS, -(MB_MAGIC + MB_FLAGS)

section .boot progbits alloc exec nowrite align=16
boot_entry:
        cli
        cld
        cmp eax, MB_LOADER_MAGIC
        jne not_multiboot
        mov esp, PHYS(boot_stack_top)
        push 0                          ; EFLAGS: all clear, whatever it was
        popfd
        call read_tsc

        CLEAR __bss_start, __bss_stop   ; with the stack: nothing is on it
        CLEAR __init_bss_start, __init_bss_stop

        ; Tables: frame n at entry n, then a hole for the guard page.
        mov edi, PHYS(boot_tables)
        mov eax, PTE_PRESENT_RW
        mov ecx, BOOT_TABLES * ENTRIES
.fill:  stosd
        add eax, PAGE_SIZE
        loop .fill
        mov eax, PHYS(boot_stack_guard)
        shr eax, PAGE_SHIFT
        mov dword [PHYS(boot_tables) + eax * 4], 0

        ; Directory: the same tables low and high, and the window.
        mov eax, PHYS(boot_tables) + PTE_PRESENT_RW
        xor ecx, ecx
.link:  mov [PHYS(boot_pgdir) + ecx * 4], eax
        mov [PHYS(boot_pgdir) + (PAGE_OFFSET >> 22) * 4 + ecx * 4], eax
        add eax, PAGE_SIZE
        inc ecx
        cmp ecx, BOOT_TABLES
        jb .link
        mov dword [PHYS(boot_pgdir) + (FIXADDR_START >> 22) * 4], \
                PHYS(boot_window) + PTE_PRESENT_RW

        mov eax, PHYS(boot_pgdir)
        mov cr3, eax
        mov eax, cr0
        or eax, CR0_PG | CR0_WP | CR0_PE
        mov cr0, eax
        mov eax, boot_high
        jmp eax

; not_multiboot: say so on the serial port and the screen, and stop.
not_multiboot:
        mov esi, .text
        mov edi, VGA_TEXT
.next:  lodsb
        test al, al
        jz .stop
        mov ah, 0x4F                    ; white on red
        cmp al, 32
        jb .serial                      ; no control characters on the screen
        stosw
.serial:
        mov bl, al
        mov dx, COM1_LSR
        mov ecx, 100000                 ; a port that is not there never is
.wait:  in al, dx                       ; ready: do not wait for ever
        test al, 0x20
        jnz .send
        loop .wait
.send:  mov dx, COM1
        mov al, bl
        out dx, al
        jmp .next
.stop:  cli
        hlt
        jmp .stop
.text:  db "Memoir must be started by a Multiboot 1 loader: GRUB's "
        db "'multiboot' command, or qemu -kernel.", 13, 10, 0

; read_tsc: boot_tsc = the time stamp counter, if the CPU has one (a 486 has
; neither it nor CPUID). Keeps ebx.
read_tsc:
        pushfd
        pop eax
        mov ecx, eax
        xor eax, EFLAGS_ID
        push eax
        popfd
        pushfd
        pop eax
        xor eax, ecx
        test eax, EFLAGS_ID
        jz .done
        push ebx
        mov eax, 1
        cpuid
        pop ebx
        test edx, CPUID_1_TSC
        jz .done
        rdtsc
        mov [PHYS(boot_tsc)], eax
        mov [PHYS(boot_tsc) + 4], edx
.done:  ret

; From here on at 3 GB. Drop the low map: a NULL pointer faults from now on.
section .init.text progbits alloc exec nowrite align=16
boot_high:
        mov edi, boot_pgdir
        mov ecx, BOOT_TABLES
        xor eax, eax
        rep stosd
        mov eax, cr3
        mov cr3, eax                    ; forget the old translations

        ; The stack as kmain sees it; 0 and 0 end a backtrace.
        ;
        ;   boot_stack_top -> +--------------------+
        ;                     | 0: return address  |
        ;                     | grows down, 8 KiB  |
        ;   boot_stack     -> +--------------------+
        ;                     | guard: not mapped  |
        mov esp, boot_stack_top
        xor edi, edi                    ; saved by C, it would be a pointer
        xor ebp, ebp                    ; to freed memory for ever: leak.c
        push ebp
        mov eax, ebx                    ; void kmain(phys_addr_t info)
        jmp kmain

section .data
        align 8
boot_tsc:
        dq 0

section .init.bss nobits alloc write align=4096
boot_pgdir:     resb PAGE_SIZE
boot_tables:    resb BOOT_TABLES * PAGE_SIZE
boot_window:    resb PAGE_SIZE
