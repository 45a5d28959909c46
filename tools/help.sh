#!/bin/sh
# help.sh - what make can do: README.md's table, and the knobs of the Makefile.
#
#   | `make run` | boots ... |          -->    make run      boots ...
#   $(call knob,MEM,128M,RAM of ...)   -->    MEM=128M      RAM of ...
cd "$(dirname "$0")/.." || exit 1

columns() { # "NAME|TEXT" lines as two columns of 80 characters
	awk -F'|' '{
		n = split($2, words, " ")
		line = sprintf("  %-16s", $1)
		if (length($1) > 16) { print line; line = sprintf("%18s", "") }
		for (i = 1; i <= n; i++) {
			if (length(line) + 1 + length(words[i]) > 79) {
				print line
				line = sprintf("%18s", "")
			}
			line = line " " words[i]
		}
		print line
	}'
}

sed -n '/^| `make/s/^| `\(.*\)` | \(.*\) |$/\1|\2/p' README.md | tr -d '`' |
	columns
echo
echo "NAME=value behind it sets (from the command line alone; empty is the default):"
echo
sed -n 's/^$(call knob,\([A-Z_]*\),\(.*\),\([^,]*\))$/\1=\2|\3/p' Makefile |
	sed 's/=$.*|/=|/' |
	columns
