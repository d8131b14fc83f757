#!/usr/bin/env python3
"""House checks: layers, tidiness, shell scripts, pinned versions. Each is one test."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import dangling
import exceptions
import layers_check
import naming
import ratchets
import second_client
import third_party_check
import tidy
import tree
import unused


def check_shell():
    scripts = ["dev", ".ci/run"] + [n for n in tree.files() if n.endswith(".sh")]
    if shutil.which("shellcheck") is None:
        return ["shellcheck is not installed; ./dev setup"]
    done = subprocess.run(["shellcheck", *scripts], cwd=tree.ROOT, capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode else []


def check_format():
    done = subprocess.run(["./dev", "format", "--check"], cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    files = sorted({line.split(":")[0] for line in done.stderr.splitlines() if "[-Wclang-format-violations]" in line})
    return [f"{name}: not formatted; ./dev format" for name in files] or [done.stderr.strip()[-400:] or f"./dev format --check: exit {done.returncode}"]


def check_help():
    found = []
    for command in ("setup", "build", "up", "down", "test", "bench", "fuzz", "format", "bless", "clean"):
        done = subprocess.run(["./dev", command, "--help"], cwd=tree.ROOT, capture_output=True, text=True)
        if done.returncode != 0 or f"./dev {command}" not in done.stdout:
            found.append(f"./dev {command} --help: exit {done.returncode}")
    done = subprocess.run(["./dev", "no-such-command"], cwd=tree.ROOT, capture_output=True, text=True)
    if done.returncode != 2:
        found.append(f"./dev no-such-command: exit {done.returncode}, wanted 2")
    return found


def check_pins():
    """Every direct dependency on a crate is pinned exactly, and its lock file lies beside it."""
    found = []
    for manifest in ("bridge/Cargo.toml", "third_party/sources/Cargo.toml"):
        section = tree.text(manifest).split("[dependencies]")[1].split("\n[")[0]
        for line in section.strip().splitlines():
            if line and not line.startswith("#") and not re.search(r'"=\d', line):
                found.append(f"{manifest}: not pinned: {line}")
        if not (tree.ROOT / manifest).with_name("Cargo.lock").exists():
            found.append(f"{manifest}: no Cargo.lock")
    return found


def check_third_party_list():
    """THIRD_PARTY.md is what third_party/notices.py makes of the lock files."""
    done = subprocess.run([sys.executable, "third_party/notices.py", "--check"], cwd=tree.ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines() if done.returncode else []


def check_exceptions():
    return exceptions.check_rules({*ratchets.MOST, *unused.SAID, "name"})


# What a source file includes when it uses the target.
HEADERS = {"dos::aws_crypto": r"openssl/(?!ssl)", "dos::aws_ssl": r"openssl/ssl|boost/(asio/ssl|beast/ssl)", "dos::blake3": r"blake3", "dos::argon2": r"argon2\.h",
           "dos::wasmtime": r"wasmtime|wasm\.h", "dos::boost": r"boost/", "dos::utf8proc": r"utf8proc\.h", "dos::json": r"nlohmann/",
           "dos::spdlog": r"spdlog/", "dos::toml": r"toml\+\+/", "dos::rocksdb": r"rocksdb/"}
WITHOUT_HEADERS = {"dos::allocator"}  # takes the place of malloc


def check_libraries_are_used():
    """A layer or app links what its sources include, and nothing else: every library is code to trust, to install and to list."""
    found = []
    for folder, libs in tree.libraries().items():
        text = "\n".join(tree.text(n) for n in tree.files() if n.startswith(folder + "/") and n.endswith((".cpp", ".hpp")))
        for lib in set(libs) - WITHOUT_HEADERS:
            if lib not in HEADERS:
                found.append(f"{folder}: no rule tells how {lib} is used (tests/house/run.py)")
            elif not re.search(r'#include [<"](%s)' % HEADERS[lib], text):
                found.append(f"cmake/layers.cmake: {folder} links {lib} and includes nothing of it")
        for lib, header in HEADERS.items():
            if lib not in libs and re.search(r'#include [<"](%s)' % header, text):
                found.append(f"cmake/layers.cmake: {folder} includes {header} without {lib} in its row")
    return found


CHECKS = {"libraries_that_are_linked_are_used": check_libraries_are_used, "layers_include_only_what_their_row_allows": layers_check.check, "what_a_layer_may_not_include_is_refused": layers_check.check_itself,
          **ratchets.CHECKS, **naming.CHECKS, **unused.CHECKS, **dangling.CHECKS, "exceptions_belong_to_rules": check_exceptions, **tidy.CHECKS, "shell_scripts_pass_shellcheck": check_shell,
          "sources_are_formatted": check_format, "every_dev_command_has_help": check_help, "crates_are_pinned": check_pins, **third_party_check.CHECKS, **second_client.CHECKS, "third_party_notices_are_current": check_third_party_list}


def main():
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("--result", type=pathlib.Path, help="write the counts here")
    args.add_argument("names", nargs="*", help="only these checks")
    args = args.parse_args()
    good = bad = 0
    for name, check in CHECKS.items():
        if args.names and name not in args.names:
            continue
        problems = check()
        print(("FAIL  " if problems else "ok    ") + name)
        for p in problems[:40]:
            print("      " + p)
        if len(problems) > 40:
            print(f"      and {len(problems) - 40} more")
        good, bad = (good, bad + 1) if problems else (good + 1, bad)
    summary = f"{good} passed, {bad} failed"
    print(summary)
    if args.result:
        args.result.write_text(summary + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
