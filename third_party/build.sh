#!/bin/sh
# Builds what DOS takes from crates, once: AWS-LC and BLAKE3 (C sources pinned by sources/Cargo.lock) and the Rust bridge
# (bridge/). Results lie outside the checkout, in a folder named after all they are made from (recipe, sources, compiler,
# flags), made under a temporary name and renamed: what exists is whole, and what changed has another name.
#
#   build.sh                         build what is missing
#   build.sh --print-prefix NAME...  print the folders of aws-lc, blake3 or bridge (build nothing)
#   build.sh --prefixes              build what is missing, then print the three folders as CMake reads them
#   build.sh --print-cache           print the cache folder
set -eu
export LC_ALL=C

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
repo=$(dirname -- "$here")
cache=${DOS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/dos}
prefixes=$cache/third_party
cc=${DOS_THIRD_PARTY_CC:-gcc}
cxx=${DOS_THIRD_PARTY_CXX:-g++}
jobs=${DOS_JOBS:-$(nproc 2>/dev/null || echo 2)}

say() { printf '%s\n' "$*" >&2; }
die() { say "third_party: $*"; exit 1; }

# The first cargo that is at least 1.95: the one on PATH, else the distribution's.
find_cargo() {
  for c in cargo /usr/bin/cargo; do
    v=$("$c" --version 2>/dev/null | sed -n 's/^cargo \([0-9]*\)\.\([0-9]*\).*/\1 \2/p') || continue
    [ -n "$v" ] || continue
    major=${v% *} minor=${v#* }
    if [ "$major" -gt 1 ] || [ "$minor" -ge 95 ]; then
      printf '%s\n' "$c"
      return 0
    fi
  done
  return 1
}

recipe_of() { # functions of this script, as they stand here
  for f in "$@"; do sed -n "/^$f() {/,/^}/p" "$here/build.sh"; done
}
sources_of() { # every file of a crate's folder that cargo reads, with its name
  (cd "$1" && find Cargo.toml Cargo.lock src -type f | sort | while IFS= read -r f; do sha256sum "$f"; done)
}
c_id() { # of these compilers: version, what they build for, flags from outside
  for c in "$@"; do "$c" --version 2>/dev/null | head -n 1; "$c" -dumpmachine 2>/dev/null || :; done
  printf '%s\n' "${CPPFLAGS:-}" "${CFLAGS:-}" "${CXXFLAGS:-}"
}
rust_id() {
  if c=$(find_cargo); then "$c" --version; else echo none; fi
  "${RUSTC:-rustc}" -vV 2>/dev/null || :
  printf '%s\n' "${RUSTFLAGS:-}"
}
key() { # of what stands on standard input
  { cat; uname -m; } | sha256sum | cut -c1-16
}

prefix_of() {
  case $1 in
    aws-lc) key=$({ recipe_of vendor build_aws_lc; sources_of "$here/sources"; c_id "$cc" "$cxx"; } | key) ;;
    blake3) key=$({ recipe_of vendor build_blake3; sources_of "$here/sources"; c_id "$cc"; } | key) ;;
    bridge) key=$({ recipe_of build_bridge; sources_of "$repo/bridge"; rust_id; c_id "${CC:-cc}"; } | key) ;;
    *) die "unknown part '$1'; known: aws-lc blake3 bridge" ;;
  esac
  printf '%s/%s-%s\n' "$prefixes" "$1" "$key"
}

logged() { # runs a command with its output in a log, which is shown when it fails
  if "$@" >"$work/log" 2>&1; then return 0; fi
  say "third_party: this failed: $*"
  tail -n 40 "$work/log" >&2
  exit 1
}

vendor() { # the pinned sources, checked against the lock file's checksums by cargo
  [ -d "$work/vendor" ] && return 0
  cargo=$(find_cargo) || die "needs cargo 1.95 or later (Debian: cargo-web); run ./dev setup"
  logged "$cargo" vendor --versioned-dirs --locked --manifest-path "$here/sources/Cargo.toml" "$work/vendor"
}

build_aws_lc() {
  vendor
  src=$(echo "$work"/vendor/aws-lc-sys-*/aws-lc)
  launcher=
  if command -v ccache >/dev/null 2>&1; then launcher=ccache; fi
  logged cmake -S "$src" -B "$work/aws-lc" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
    -DBUILD_TESTING=OFF -DBUILD_TOOL=OFF -DDISABLE_GO=ON -DDISABLE_PERL=ON -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_C_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_C_FLAGS="-ffile-prefix-map=\"$work\"=."
  logged cmake --build "$work/aws-lc" -j "$jobs" --target crypto ssl
  mkdir -p "$1/lib" "$1/include"
  cp "$work/aws-lc/crypto/libcrypto.a" "$1/lib/libdos_aws_crypto.a"
  cp "$work/aws-lc/ssl/libssl.a" "$1/lib/libdos_aws_ssl.a"
  cp -R "$src/include/openssl" "$1/include/openssl"
  if [ -d "$work/aws-lc/symbol_prefix_include/openssl" ]; then
    cp -R "$work/aws-lc/symbol_prefix_include/openssl/." "$1/include/openssl/"
  fi
  cp "$src/LICENSE" "$1/LICENSE"
}

build_blake3() {
  vendor
  top=$(echo "$work"/vendor/blake3-*)
  src=$top/c
  objects=$work/blake3
  mkdir -p "$objects" "$1/lib" "$1/include"
  set -- "$1" blake3.c blake3_dispatch.c blake3_portable.c
  case $(uname -m) in
    x86_64)
      set -- "$@" blake3_sse2_x86-64_unix.S blake3_sse41_x86-64_unix.S blake3_avx2_x86-64_unix.S \
        blake3_avx512_x86-64_unix.S
      flags= ;;
    aarch64)
      set -- "$@" blake3_neon.c
      flags=-DBLAKE3_USE_NEON=1 ;;
    *) flags="-DBLAKE3_NO_SSE2 -DBLAKE3_NO_SSE41 -DBLAKE3_NO_AVX2 -DBLAKE3_NO_AVX512" ;;
  esac
  out=$1
  shift
  for f in "$@"; do
    # shellcheck disable=SC2086  # flags are words
    logged "$cc" -O3 -fPIC -DNDEBUG $flags -I "$src" -c "$src/$f" -o "$objects/$f.o"
  done
  logged ar rcs "$out/lib/libdos_blake3.a" "$objects"/*.o
  cp "$src/blake3.h" "$out/include/blake3.h"
  cat "$top"/LICENSE* >"$out/LICENSE"
}

build_bridge() {
  cargo=$(find_cargo) || die "needs cargo 1.95 or later (Debian: cargo-web); run ./dev setup"
  target=${DOS_BRIDGE_TARGET:-$work/target}
  CARGO_TARGET_DIR=$target logged "$cargo" build --release --locked -j "$jobs" --manifest-path "$repo/bridge/Cargo.toml"
  headers=
  for h in "$target"/release/build/wasmtime-c-api-impl-*/out/include; do
    if [ -f "$h/wasm.h" ] && [ -f "$h/wasmtime.h" ] && [ -f "$h/wasmtime/conf.h" ]; then headers=$h; fi
  done
  [ -n "$headers" ] || die "the bridge built, but its C headers (wasm.h, wasmtime.h, wasmtime/conf.h) are not there"
  mkdir -p "$1/lib"
  cp "$target/release/libdos_bridge.a" "$1/lib/libdos_bridge.a"
  cp -R "$headers" "$1/include"
}

ensure() { # name, words for people
  prefix=$(prefix_of "$1")
  [ -d "$prefix" ] && return 0
  mkdir -p "$prefixes"
  command -v flock >/dev/null 2>&1 || die "needs flock (util-linux)"
  (
    flock 9
    if [ -d "$prefix" ]; then exit 0; fi
    work=$(mktemp -d "$prefixes/.work-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    say "third_party: building $2 (once; kept in $prefix)"
    mkdir "$work/out"
    case $1 in
      aws-lc) build_aws_lc "$work/out" ;;
      blake3) build_blake3 "$work/out" ;;
      bridge) build_bridge "$work/out" ;;
    esac
    mv "$work/out" "$prefix"
  ) 9>"$prefixes/.lock"
}

ensure_all() {
  ensure blake3 "BLAKE3, 2 seconds"
  ensure aws-lc "AWS-LC, about a minute"
  ensure bridge "the WebAssembly bridge, about 5 minutes on two idle cores"
}

case ${1:-} in
  '') ensure_all ;;
  --print-prefix)
    : "${2:?which part?}"
    shift
    for part in "$@"; do prefix_of "$part"; done ;;
  --prefixes)
    ensure_all
    printf '%s;%s;%s' "$(prefix_of aws-lc)" "$(prefix_of blake3)" "$(prefix_of bridge)" ;;
  --print-cache) printf '%s\n' "$cache" ;;
  *) die "usage: build.sh [--prefixes | --print-cache | --print-prefix aws-lc|blake3|bridge ...]" ;;
esac
