"""The folder of a third-party part is named after all it is made from: a changed source, recipe or compiler never links an old library."""
import os
import shutil
import subprocess
import tempfile

import tree

PARTS = ("aws-lc", "blake3", "bridge")
FROM = ("third_party/build.sh", "third_party/sources/", "bridge/")
C = {"aws-lc", "blake3"}
# What is changed, how, and the parts that must get another name by it; no other may.
TOUCHED = (
    ("third_party/sources/src/lib.rs", lambda text: text + "\n", C),
    ("third_party/sources/Cargo.toml", lambda text: text + "\n", C),
    ("third_party/sources/Cargo.lock", lambda text: text + "\n", C),
    ("bridge/src/lib.rs", lambda text: text + "\n", {"bridge"}),
    ("bridge/Cargo.toml", lambda text: text + "\n", {"bridge"}),
    ("bridge/Cargo.lock", lambda text: text + "\n", {"bridge"}),
    ("bridge/src/more.rs", lambda text: "// new\n", {"bridge"}),
    ("third_party/build.sh", lambda text: text.replace("\nbuild_aws_lc() {\n", "\nbuild_aws_lc() {\n  :\n"), {"aws-lc"}),
    ("third_party/build.sh", lambda text: text.replace("\nbuild_blake3() {\n", "\nbuild_blake3() {\n  :\n"), {"blake3"}),
    ("third_party/build.sh", lambda text: text.replace("\nbuild_bridge() {\n", "\nbuild_bridge() {\n  :\n"), {"bridge"}),
    ("third_party/build.sh", lambda text: text.replace("logged() {", "logged() { # words"), set()),
    ("bin/gcc", lambda text: text + "echo gcc 99\n", C),
    ("bin/g++", lambda text: text + "echo g++ 99\n", {"aws-lc"}),
    ("bin/rustc", lambda text: text + "echo rustc 99\n", {"bridge"}),
)
COMPILERS = {"gcc": "", "g++": "", "cc": "", "rustc": "", "cargo": "echo cargo 1.99.0\n"}  # stand first on the path


def prefixes(folder):
    env = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "DOS_CACHE": "/cache"}
    done = subprocess.run([f"{folder}/third_party/build.sh", "--print-prefix", *PARTS], env=env, capture_output=True, text=True)
    found = dict(zip(PARTS, done.stdout.split()))
    wrong = done.returncode or any(not found.get(p, "").startswith(f"/cache/third_party/{p}-") for p in PARTS)
    return found, done.stderr.strip() or "printed " + done.stdout if wrong else None


def check():
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in tree.files():
            if name.startswith(FROM):
                os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
                shutil.copy(tree.ROOT / name, f"{folder}/{name}")
        os.mkdir(f"{folder}/bin")
        for name, says in COMPILERS.items():
            with open(f"{folder}/bin/{name}", "w", encoding="utf-8") as f:
                f.write("#!/bin/sh\n" + says)
            os.chmod(f"{folder}/bin/{name}", 0o755)
        before, wrong = prefixes(folder)
        if wrong:
            return [f"third_party/build.sh --print-prefix: {wrong}"]
        for name, change, parts in TOUCHED:
            path = f"{folder}/{name}"
            there = os.path.exists(path)
            text = open(path, encoding="utf-8").read() if there else ""
            with open(path, "w", encoding="utf-8") as f:
                f.write(change(text))
            after, wrong = prefixes(folder)
            renamed = {p for p in PARTS if after.get(p) != before[p]}
            if wrong or renamed != parts:
                found.append(f"third_party/build.sh: {name} changed: {wrong or ''} other names for {sorted(renamed)}, wanted {sorted(parts)}")
            if not there:
                os.remove(path)
            else:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
    return found


CHECKS = {"a_changed_source_has_another_library": check}
