"""Files and folders that comments and documents name exist."""
import re

import cpp
import tree

ENDINGS = ("hpp", "cpp", "h", "md", "py", "sh", "cmake", "txt", "json", "toml", "rs")
PATH = re.compile(r"(?<![\w/.\-<>{}$*~:@])((?:[\w.\-]+/)+[\w.\-]*|[\w\-]+\.(?:md|hpp|cpp|py))(\*?)")
COMMENTS = {"cpp": r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', "hash": r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(?<![$\w{])#[^\n]*'}
# Words in capitals stand for any name: modules/NAME/calls.hpp.
ANY = re.compile(r"(^|[/_.])[A-Z]{2,}(?=$|[/_.])")
WELL_KNOWN = re.compile(r"(README|ARCHITECTURE|CAVEATS|CHANGES|GLOSSARY|THIRD_PARTY|STATUS)\b")
# What is made when people run or build something, and what lies in the sources of others.
ELSEWHERE = ("build/", "./dos.toml", "state/", "modules/demo", "modules/all_calls.hpp", "crypto/fipsmodule/", "fipsmodule/", "shared/plan.txt")


class Tree:
    def __init__(self, names):
        self.names = set(names)
        self.tails = set()
        for name in names:
            parts = name.split("/")
            for end in range(1, len(parts) + 1):
                self.tails.update("/".join(parts[start:end]) for start in range(end))
        self.tops = {n.split("/")[0] for n in names if "/" in n}

    def has(self, path, named_in):
        """By its whole path, by the end of one, or seen from the folder of the file that names it."""
        parts = named_in.split("/")[:-1]
        for part in path.rstrip("/").split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part != ".":
                parts.append(part)
        return path.rstrip("/") in self.tails or "/".join(parts) in self.tails


def prose(name, text):
    """The text with all that is no comment blanked."""
    if name.endswith(".md"):
        return text
    kind = "cpp" if cpp.is_source(name) or name.endswith(".rs") else "hash" if name.endswith((".py", ".sh", ".cmake", ".toml")) or name == "dev" else None
    out, at = [], 0
    for m in re.finditer(COMMENTS[kind], text, re.S) if kind else ():
        out.append(re.sub(r"[^\n]", " ", text[at:m.start()]))
        out.append(re.sub(r"[^\n]", " ", m.group(0)) if m.group(0)[0] in "\"'" else m.group(0))
        at = m.end()
    return "".join(out)


def dangling(name, text, known):
    found = []
    text = prose(name, text)
    for m in PATH.finditer(text):
        path = m.group(1).rstrip(".")
        of_a_file = path.rsplit(".", 1)[-1] in ENDINGS and "." in path
        of_a_folder = path.split("/")[0] in known.tops and "/" in path
        if not (of_a_file or of_a_folder) or path.startswith(ELSEWHERE) or (ANY.search(path) and not WELL_KNOWN.search(path)):
            continue
        if m.group(2) or text[m.end():m.end() + 1] in ("{", "<"):  # src/links/peer_*.hpp, src/{a,b}
            there = any(n.startswith(path) for n in known.names)
        else:
            there = known.has(path, name)
        if not there:
            found.append(f"{name}:{text.count(chr(10), 0, m.start()) + 1}: names {path}, which is not there")
    return found


def check():
    known = Tree(tree.files())
    found = []
    for name in tree.files():
        if name.endswith((".md", ".py", ".sh", ".cmake", ".toml", ".rs")) or cpp.is_source(name) or name == "dev":
            if not name.startswith(("tests/vectors/", "tests/fuzz/")) and name not in ("CHANGES.md", "THIRD_PARTY.md", "tests/house/dangling.py"):
                found += dangling(name, tree.text(name), known)
    return found


def check_itself():
    known = Tree(["src/a/b.hpp", "src/a/peer_x.hpp", "docs/spec/one.md", "README.md", "modules/fs/calls.hpp"])
    wrong = (("src/a/b.hpp", "// see c.hpp\n"), ("x.py", "# docs/spec/two.md\n"), ("docs/spec/one.md", "`src/b`, of which"), ("README.md", "src/links/peer_*.hpp"), ("a.cpp", "/* gone.md, rule 3 */"),
             ("docs/spec/one.md", "[x](../../docs/two.md)"))
    right = (("src/a/b.hpp", 'f("gone.md");  // b.hpp, a/b.hpp and src/a/b.hpp, spec/one.md, src/a/'), ("README.md", "modules/NAME/calls.hpp, NAME.md, `src/a/peer_*.hpp`, and/or, 1/2, `src/{a,b}`"),
             ("docs/spec/one.md", "[x](../../README.md)"), ("x.py", 'a = "gone.md"\n'))
    return [f"{t.strip()}: is let through" for n, t in wrong if not dangling(n, t, known)] + [p for n, t in right for p in dangling(n, t, known)]


CHECKS = {"what_comments_and_documents_name_is_there": check, "dangling_names_are_seen": check_itself}
