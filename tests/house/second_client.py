"""The second client (tests/second_client) stands on Python's own library and on the pages alone: nothing of ours is imported, run or opened."""
import ast
import sys

import tree

FOLDER = "tests/second_client/"
# What would let it ask the first client, or a node, for the answer.
NOT_EVEN = {"subprocess", "ctypes", "importlib", "runpy", "socket", "urllib", "http", "multiprocessing"}
OURS = {"src", "abi", "apps", "build", "modules", "bridge", "sdk", "sim", "cmake", "bench", "third_party", "functional"}


def complaints(text, siblings):
    found = []
    for node in ast.walk(ast.parse(text)):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            top = name.split(".")[0]
            if top in NOT_EVEN or (top not in sys.stdlib_module_names and top not in siblings):
                found.append(f"{node.lineno}: imports {name}")
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            found.append(f"{node.lineno}: imports by a name")
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "join":
            found += [f"{node.lineno}: opens {a.value}" for a in node.args if isinstance(a, ast.Constant) and a.value in OURS]
    return found


def check():
    files = [n for n in tree.files() if n.startswith(FOLDER) and n.endswith(".py")]
    siblings = {n[len(FOLDER):-3] for n in files}
    found = [f"{n}:{c}" for n in files for c in complaints(tree.text(n), siblings)]
    return found if "verify" in siblings else [f"{FOLDER}verify.py is gone"]


def check_itself():
    wrong = ("import dosrun", "from tests.functional import dosrun", "import os, subprocess", "from . import codec", "m = __import__('dosrun')",
             'p = os.path.join(ROOT, "build", "bin", "dos")')
    right = ("import json\nfrom codec import decode", 'p = os.path.join(HERE, "..", "docs", "spec", "layouts.md")')
    return [f"{t}: is let through" for t in wrong if not complaints(t, {"codec"})] + [f"{t}: {c}" for t in right for c in complaints(t, {"codec"})]


CHECKS = {"the_second_client_imports_nothing_of_ours": check, "what_it_may_not_import_is_seen": check_itself}
