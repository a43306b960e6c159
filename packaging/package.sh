#!/usr/bin/env bash
# Packs what a release ships: `packaging/package.sh [TARGET]` writes dist/plimsoll-VERSION-TARGET.tar.gz, and its SHA-256 beside it.
# The program, its manual pages and completions, the licences and, where cargo-cyclonedx is installed, the list of what is in it.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc --version --verbose | sed -n 's/^host: //p')
target=${1:-$host}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=plimsoll-$version-$target
folder=dist/$name
case $target in *windows*) program=plimsoll.exe ;; *) program=plimsoll ;; esac

cargo build --profile dist --locked --target "$target"
# Pages are printed by a program that this machine can run, which a cross-built one is not.
if [ "$target" = "$host" ]; then speaker=target/$target/dist/$program; else
  cargo build --profile dist --locked --target "$host"
  speaker=target/$host/dist/plimsoll
fi

rm -rf "$folder"
mkdir -p "$folder/man/man1" "$folder/completions"
cp "target/$target/dist/$program" LICENSE* README.md CHANGELOG.md "$folder/"
"$speaker" man > "$folder/man/man1/plimsoll.1"
for command in $("$speaker" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -v '^help$'); do
  "$speaker" man "$command" > "$folder/man/man1/plimsoll-$command.1"
done
for shell in bash zsh fish powershell elvish; do
  "$speaker" completions "$shell" > "$folder/completions/plimsoll.$shell"
done
if command -v cargo-cyclonedx > /dev/null; then
  cargo cyclonedx --format json --target "$target" --override-filename sbom --quiet
  mv sbom.json "$folder/plimsoll.cdx.json"
else
  echo "skipped: cargo-cyclonedx is not installed, so the package has no SBOM" >&2
fi

# One archive for one input: names in order, no owners, no clock.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C dist -cf - "$name" | gzip -n > "dist/$name.tar.gz"
(cd dist && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "dist/$name.tar.gz"
