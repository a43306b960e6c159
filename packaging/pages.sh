#!/usr/bin/env bash
# Has a program write its manual pages and completions: `packaging/pages.sh PROGRAM FOLDER`.
set -euo pipefail
program=$1 folder=$2

mkdir -p "$folder/man/man1" "$folder/completions"
"$program" man > "$folder/man/man1/plimsoll.1"
commands=$("$program" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -v '^help$')
for command in $commands; do
  "$program" man "$command" > "$folder/man/man1/plimsoll-$command.1"
done
for shell in bash zsh fish powershell elvish; do
  "$program" completions "$shell" > "$folder/completions/plimsoll.$shell"
done
