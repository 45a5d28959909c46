; crash_stack.asm - the one crash that C cannot express.
;
;   before                  after `mov esp`
;   | return address |      esp = 0x1000: the top of page 0, which nothing
;   | saved ebp      |      ever maps
;   +----------------+      push --> page fault --> its frame cannot be pushed
;     boot stack            either --> double fault, on a stack of its own
;
; The frame is set up first, so that the report can walk back from ebp.

section .text

; void crash_on_no_stack(void): lose the stack, then use it. Does not return.
global crash_on_no_stack
crash_on_no_stack:
	push ebp
	mov ebp, esp
	mov esp, 0x1000
	push ebp
	ud2			; not reached
