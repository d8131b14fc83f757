#!/bin/sh
# Builds the peers that the benchmarks run beside DOS, from the Go module proxy and crates, into $DOS_CACHE/peers.
#   build.sh          etcd, CometBFT and their load generators; prints the folder
#   build.sh sendme   sendme (minutes of compiling, once); prints its folder
# Go 1.25 or later is needed; where the machine has an older one, Go's own tool chain module is fetched.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=${DOS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dos}/peers
mkdir -p "$out"

if [ "${1:-}" = sendme ]; then
  version=0.37.1
  dest=$out/sendme-$version
  if [ ! -x "$dest/bin/sendme" ]; then
    command -v cargo >/dev/null 2>&1 || { echo "no cargo on this machine: ./dev setup" >&2; exit 3; }
    cargo install --quiet --locked sendme --version "$version" --no-default-features --root "$dest.new" --target-dir "$dest.build" >&2
    rm -rf "${dest:?}" "$dest.build" && mv "$dest.new" "$dest"
  fi
  echo "$dest/bin"
  exit 0
fi

parts="etcdserver etcd cometbft load"
# shellcheck disable=SC2086  # parts are words
key=$(cd "$here" && for p in $parts; do cat "$p"/*.go "$p/go.mod"; done | sha256sum | cut -c1-16)
if [ ! -d "$out/$key" ]; then
  command -v go >/dev/null 2>&1 || { echo "no go on this machine: apt-get install golang-go" >&2; exit 3; }
  export GOFLAGS=-modcacherw
  if ! go version | grep -qE 'go1\.(2[5-9]|[3-9][0-9])'; then
    export GOTOOLCHAIN=local
    version=v0.0.1-go1.26.0.linux-$(go env GOARCH)
    (cd "$out" && go mod download "golang.org/toolchain@$version") >&2
    tool=$(go env GOMODCACHE)/golang.org/toolchain@$version
    chmod -R u+w "$tool" && chmod +x "$tool"/bin/* "$tool"/pkg/tool/*/*
    PATH=$tool/bin:$PATH
  fi
  mkdir -p "$out/$key.new"
  build() { (cd "$here/$1" && go build -mod=readonly -trimpath -ldflags "-s -w" -o "$out/$key.new/$2" .) >&2; }
  build etcdserver etcd
  build etcd etcd-read
  build cometbft cometbft
  build load load
  mv "$out/$key.new" "$out/$key"
fi
echo "$out/$key"
