; load.asm - load the descriptor tables: instructions that take an operand in
; memory and change what every later instruction means.
;
;   gdt_load:  lgdt --> far jump (cs) --> ds es ss --> fs --> ltr
;                       each selector is a promise about the new table
%include "layout.inc"

global gdt_load, idt_load

section .text

; void gdt_load(const struct gdt_pointer *pointer)
gdt_load:
        lgdt [eax]
        jmp SEL_KERNEL_CODE:.reload
.reload:
        mov eax, SEL_KERNEL_DATA
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov eax, SEL_PERCPU
        mov fs, eax
        xor eax, eax
        mov gs, eax                     ; the user's; the kernel has no use
        lldt ax
        mov eax, SEL_TSS
        ltr ax
        ret

; void idt_load(const struct idt_pointer *pointer)
idt_load:
        lidt [eax]
        ret
