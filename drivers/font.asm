; font.asm - the screen's font, for machines where no BIOS has loaded one:
; 256 glyphs, 16 bytes each, a byte a row (see tools/font.py).
;
;   vga_font -> [glyph 0: 16 bytes][glyph 1] ... ['A' = 65: 16 bytes] ...

global vga_font

section .init.data progbits alloc noexec write align=4

; extern const u8 vga_font[256][16]
vga_font:
        incbin "font.bin"
