#!/usr/bin/env python3
"""Writes THIRD_PARTY.md from the lock files and third_party/apt.txt. --check fails when it is stale. --refresh asks cargo for the
licences of the crates (needs them downloaded) and renews third_party/licences.txt, which this script otherwise reads."""
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parent
MANIFESTS = {"bridge": REPO / "bridge/Cargo.toml", "sources": HERE / "sources/Cargo.toml"}
# Debian packages whose code ends up in our executables; the others of apt.txt are tools, compilers and test libraries.
LINKED = {
    "libboost1.81-dev": ("Boost Asio, Beast", "BSL-1.0"), "libargon2-dev": ("Argon2", "CC0-1.0 OR Apache-2.0"),
    "libspdlog-dev": ("spdlog, fmt", "MIT"), "libtomlplusplus-dev": ("toml++", "MIT"),
    "nlohmann-json3-dev": ("JSON for Modern C++", "MIT"),
    "librocksdb-dev": ("RocksDB (dos-bench only: the peer)", "Apache-2.0 (chosen) OR GPL-2.0"),
    "libutf8proc-dev": ("utf8proc", "MIT, Unicode-DFS"), "libjemalloc-dev": ("jemalloc (the daemon's allocator)", "BSD-2-Clause"),
    "libc++-19-dev-wasm32": ("libc++ (in the WASM modules)", "Apache-2.0 WITH LLVM-exception"),
    "wasi-libc": ("wasi-libc, musl (in the WASM modules)", "Apache-2.0 WITH LLVM-exception OR MIT"), "g++": ("libstdc++", "GPL-3.0 WITH GCC-exception-3.1"),
}
USED_FOR = {"aws-lc-sys": "AWS-LC: cryptography and TLS, its C sources only", "blake3": "BLAKE3, its C sources only",
            "wasmtime-c-api-impl": "the WebAssembly runtime"}

# Tables of data that lie in this tree.
DATA = [
    ("src/crypto/bip39_words.cpp", "the English word list of BIP-39, from the npm package @scure/bip39", "MIT, (c) 2022 Patricio Palladino, Paul Miller"),
    ("tests/vectors", "published test vectors; the sources stand in its README.md", "Apache-2.0 (Wycheproof), CC0 (BLAKE3), MIT (Trezor), public domain (NIST)"),
]


def locked(manifest):
    text = manifest.with_name("Cargo.lock").read_text()
    found = re.findall(r'\[\[package\]\]\nname = "([^"]+)"\nversion = "([^"]+)"\nsource =', text)
    return sorted(set(found))


def refresh():
    rows = set()
    for manifest in MANIFESTS.values():
        out = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", str(manifest)], check=True, capture_output=True).stdout
        for p in json.loads(out)["packages"]:
            if p["source"]:
                rows.add(f'{p["name"]} {p["version"]} {p["license"] or "see its licence file"}')
    (HERE / "licences.txt").write_text("\n".join(sorted(rows)) + "\n")


def render():
    licences = {}
    for line in (HERE / "licences.txt").read_text().splitlines():
        name, version, licence = line.split(" ", 2)
        licences[name, version] = licence
    apt = [l.strip() for l in (HERE / "apt.txt").read_text().splitlines() if l.strip() and not l.startswith("#")]
    out = ["# Third-party notices", "",
           "DOS is under the Apache License 2.0 ([LICENSE](LICENSE)). It uses the works below, each under its own licence; the texts come",
           "with the packages. Written by `third_party/notices.py` from the lock files and `third_party/apt.txt`.", "",
           "## Linked from Debian packages", "", "| package | what | licence |", "|---|---|---|"]
    for name in apt:
        if name in LINKED:
            out.append(f"| {name} | {LINKED[name][0]} | {LINKED[name][1]} |")
    out += ["", "## Compiled into the C++ libraries, from crates", "", "| crate | version | what | licence |", "|---|---|---|---|"]
    for name, version in locked(MANIFESTS["sources"]):
        if name in USED_FOR:
            out.append(f"| {name} | {version} | {USED_FOR[name]} | {licences[name, version]} |")
    out += ["", "## The Rust bridge", "", "| crate | version | licence |", "|---|---|---|"]
    for name, version in locked(MANIFESTS["bridge"]):
        out.append(f"| {name} | {version} | {licences.get((name, version), 'not compiled on this platform')} |")
    out += ["", "## Data in this tree", "", "| where | what | licence |", "|---|---|---|"]
    out += [f"| {where} | {what} | {licence} |" for where, what, licence in DATA]
    missing = [n for n in LINKED if n not in apt]
    if missing:
        sys.exit(f"third_party/apt.txt no longer lists {missing}")
    return "\n".join(out) + "\n"


def main():
    if "--refresh" in sys.argv:
        refresh()
    text = render()
    target = REPO / "THIRD_PARTY.md"
    if "--check" in sys.argv:
        if not target.exists() or target.read_text() != text:
            sys.exit("THIRD_PARTY.md is stale: python3 third_party/notices.py --refresh")
    else:
        target.write_text(text)


if __name__ == "__main__":
    main()
