#!/bin/sh
# Builds the peers that the benchmarks run beside DOS, from the Go module proxy, into $DOS_CACHE/peers. Prints the folder.
# Go 1.25 or later is needed; where the machine has an older one, Go's own tool chain module is fetched.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=${DOS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dos}/peers
mkdir -p "$out"
key=$(cat "$here"/etcd/*.go "$here"/etcdserver/*.go "$here"/*/go.mod | sha256sum | cut -c1-16)
if [ ! -x "$out/$key/etcd" ] || [ ! -x "$out/$key/etcd-read" ]; then
  command -v go >/dev/null 2>&1 || { echo "no go on this machine: apt-get install golang-go" >&2; exit 3; }
  export GOFLAGS=-modcacherw
  if ! go version | grep -qE 'go1\.(2[5-9]|[3-9][0-9])'; then
    export GOTOOLCHAIN=local
    version=v0.0.1-go1.25.5.linux-$(go env GOARCH)
    (cd "$out" && go mod download "golang.org/toolchain@$version") >&2
    tool=$(go env GOMODCACHE)/golang.org/toolchain@$version
    chmod -R u+w "$tool" && chmod +x "$tool"/bin/* "$tool"/pkg/tool/*/*
    PATH=$tool/bin:$PATH
  fi
  mkdir -p "$out/$key.new"
  (cd "$here/etcdserver" && go build -mod=readonly -trimpath -ldflags "-s -w" -o "$out/$key.new/etcd" .) >&2
  (cd "$here/etcd" && go build -mod=readonly -trimpath -ldflags "-s -w" -o "$out/$key.new/etcd-read" .) >&2
  rm -rf "${out:?}/$key" && mv "$out/$key.new" "$out/$key"
fi
echo "$out/$key"
