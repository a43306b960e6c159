#!/usr/bin/env bash
# Packs what a release ships: `packaging/package.sh [TARGET]` writes dist/plimsoll-VERSION-TARGET.tar.gz, and its SHA-256 beside it.
# The program, its manual pages and completions, the licences and, where cargo-cyclonedx is installed, the list of what is in it.
# A static program for Linux (a musl target) also becomes an image: dist/plimsoll-VERSION-TARGET.image.tar.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc --version --verbose | sed -n 's/^host: //p')
target=${1:-$host}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=plimsoll-$version-$target
case $target in *windows*) program=plimsoll.exe ;; *) program=plimsoll ;; esac
# A machine need not have the C runtime that the compiler came with.
case $target in *linux-musl | *windows-msvc) flags="-C target-feature=+crt-static" ;; *) flags= ;; esac
folder=dist/$name
for python in python3 python; do if "$python" --version > /dev/null 2>&1; then break; fi; done

# One program for one input: neither the clock nor the folders of the machine that builds are in it.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2> /dev/null || echo 0)}
export SOURCE_DATE_EPOCH
places="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo --remap-path-prefix=$PWD=/plimsoll"
RUSTFLAGS="${RUSTFLAGS-} $flags $places" cargo build --release --locked --target "$target"
built=target/$target/release/$program

# Pages are printed by a program that this machine can run: the built one, or one built for this machine.
speaker=$built
if ! "$speaker" --version > /dev/null 2>&1; then
  cargo build --release --locked --target "$host"
  speaker=target/$host/release/plimsoll
fi

rm -rf "$folder"
mkdir -p "$folder"
cp "$built" LICENSE* README.md CHANGELOG.md "$folder/"
packaging/pages.sh "$speaker" "$folder"
if command -v cargo-cyclonedx > /dev/null; then
  cargo cyclonedx --format json --target "$target" --override-filename sbom --quiet
  sed "s|file://$PWD#|file:///plimsoll#|g" sbom.json > "$folder/plimsoll.cdx.json"
  rm sbom.json
else
  echo "skipped: cargo-cyclonedx is not installed, so the package has no SBOM" >&2
fi

"$python" packaging/archive.py "$folder"
echo "dist/$name.tar.gz"
case $target in *linux-musl)
  case $target in aarch64*) architecture=arm64 ;; *) architecture=amd64 ;; esac
  "$python" packaging/image.py "$folder" "$version" "$architecture" "dist/$name.image.tar"
  echo "dist/$name.image.tar" ;;
esac
