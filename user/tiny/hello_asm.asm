; hello_asm.asm - the smallest program: two system calls.
;
;	eax  number		ebx, ecx, edx ...  arguments
;	int 0x80		eax  result, or -error
	global	_start

	section	.rodata
text:	db	"hello from ring 3, without a library", 10
length	equ	$ - text

	section	.text
_start:
	mov	eax, 4			; write(1, text, length)
	mov	ebx, 1
	mov	ecx, text
	mov	edx, length
	int	0x80
	xor	ebx, ebx
	cmp	eax, length		; exit(0 if all of it was written)
	setne	bl
	mov	eax, 1
	int	0x80
