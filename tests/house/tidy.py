"""Rules of the house that a machine can see: sizes, names, words, paths, tables whose rows must be unique or complete."""
import re

import tree

FORBIDDEN_STEMS = {"utils", "util", "common", "helpers", "helper", "types", "misc"}
WORDS = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|\b(?i:place" r"holder)")
# Written in pieces so that this file passes its own check.
MACHINE = re.compile("(?<![\\w/])/ro" "ot/|(?<![\\w/])/wo" "rk/|\\.\\./sha" "red|art" "ifactory|/home/[a-z]+/\\.(cache|cargo)|127\\.0\\.0\\.1:[0-9]{4,5}/(?:npm|pypi|crates)")
BINARY = (".png", ".ico", ".wasm", ".bin", ".woff2", ".gz", ".zst")
# group: number of capabilities in it
CAPABILITIES = {"K": 20, "E": 7, "F": 8, "M": 7, "P": 14, "R": 6, "A": 9, "RM": 12, "C": 16, "N": 9, "S": 5, "D": 2, "CS": 3, "I": 6,
                "V": 8, "G": 8, "L": 7, "X": 3, "Q": 2, "W": 8, "T": 6, "H": 2, "PF": 7, "SO": 10, "EC": 6, "DM": 9}


def is_text(name):
    return not name.endswith(BINARY) and not name.startswith("tests/fuzz/")


def check_names():
    found = []
    for name in tree.files():
        stem = name.split("/")[-1].split(".")[0]
        if stem in FORBIDDEN_STEMS:
            found.append(f"{name}: say what it holds, not '{stem}'")
        if name.endswith((".cpp", ".hpp")) and not re.fullmatch(r"[a-z0-9_]+", stem):
            found.append(f"{name}: file names are snake_case")
    return found


def check_pragma_once():
    return [f"{n}: no #pragma once" for n in tree.files()
            if n.endswith(".hpp") and not re.search(r"^#pragma once$", tree.text(n), re.M)]


def lines_matching(pattern, skip=()):
    found = []
    for name in tree.files():
        if not is_text(name) or name in skip or name.endswith(".lock"):
            continue
        try:
            text = tree.text(name)
        except UnicodeDecodeError:
            found.append(f"{name}: is not UTF-8")
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    return found


# What is done in one place: where, by which words it is known, and what is allowed to do it; then a line that is refused elsewhere. Tests and fuzz targets may.
ONE_PLACE = (
    ("untrusted JSON is parsed in client/trust/json_text.cpp alone, bounded", re.compile(r"(?i)\bjson::(parse|accept|sax_parse|from_\w+)\s*\(|operator>>.*json"),
     ("src/", "apps/"), ("src/client/trust/json_text.cpp",), "const auto j = Json::parse(text);"),
    ("texts reach a terminal through cli/output.cpp alone", re.compile(r"\bstd::(cout|cerr|clog|printf|fprintf|puts|fputs|putchar|perror)\b|\bperror\s*\("),
     ("src/cli/", "src/client/"), ("src/cli/output.cpp",), "std::cout << name;"),
    ("what is printed of JSON goes through cli/output.cpp alone: dump() throws on bytes that are no UTF-8", re.compile(r"\.dump\("), ("src/cli/",), ("src/cli/output.cpp",),
     "text += j.dump(2);"),
    ("a write is a draft or a plan that client/calls/submit.cpp signs and hands in, and of commands cli/carry_out.hpp submits", re.compile(r"\bclient::submit|\b(submit\w*|hand_in|sign_all)\s*[(<]"),
     ("src/client/", "src/cli/", "apps/dos/"), ("src/client/calls/submit.cpp", "src/client/calls/submit.hpp", "src/client/calls/hand_in.cpp", "src/client/calls/hand_in.hpp", "src/cli/carry_out.hpp"),
     "DOS_ASSIGN(const auto done, client::submit(session, me, std::move(draft)));"),
)


def not_in_its_place(name, text):
    """Lines that do what another place does alone."""
    found = []
    if not name.endswith((".cpp", ".hpp")) or re.search(r"_(test|fuzz)\.cpp$", name):
        return found
    for rule, pattern, folders, allowed, _ in ONE_PLACE:
        if name.startswith(folders) and name not in allowed:
            found += [f"{name}:{number}: {rule}: {line.strip()[:80]}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found


def check_one_place():
    return [line for name in tree.files() for line in not_in_its_place(name, tree.text(name) if name.endswith((".cpp", ".hpp")) else "")]


def check_one_place_itself():
    """Each row refuses its line in each of its folders but where it is allowed, which is there."""
    found = []
    for rule, _, folders, allowed, line in ONE_PLACE:
        for folder in folders:
            if not any(rule in said for said in not_in_its_place(folder + "other.cpp", line)):
                found.append(f"'{line}' is not refused in {folder}: {rule}")
        for name in allowed:
            if any(rule in said for said in not_in_its_place(name, line)):
                found.append(f"{name} is refused what it is there for: {rule}")
        found += [f"{name} may do it and is not there: {rule}" for name in allowed if name not in tree.files()]
    return found


def check_words():
    return lines_matching(WORDS, skip=("LICENSE", "THIRD_PARTY.md"))


def check_machine_paths():
    return lines_matching(MACHINE)


def check_whitespace():
    vectors = tuple(n for n in tree.files() if n.startswith("tests/vectors/") or "/go." in n or n.endswith(".go"))  # as published; as gofmt writes
    return lines_matching(re.compile(r"[ \t]+$|\r|^ *\t"), skip=("LICENSE", "THIRD_PARTY.md", *vectors))


def check_domains_are_unique():
    texts = re.findall(r'X\(k\w+, "([^"]+)"\)', tree.text("src/crypto/domains.hpp"))
    if not texts:
        return ["domains.hpp: no rows could be read"]
    found = [f"domains.hpp: {t} stands twice" for t in sorted({t for t in texts if texts.count(t) > 1})]
    elsewhere = re.compile(r'"DOS/[a-z][a-z0-9/]*/[0-9]+"')
    for name in tree.files():
        if name.endswith((".cpp", ".hpp")) and name.startswith("src/") and "_test." not in name and name != "src/crypto/domains.hpp":
            found += [f"{name}: {m} is not registered in domains.hpp" for m in elsewhere.findall(tree.text(name))
                      if m.strip('"') not in texts]
    return found


def check_errors_are_unique():
    rows = re.findall(r"^\s*X\((\d+), (\w+),", tree.text("src/base/errors.hpp"), re.M)
    found = []
    for column, what in ((0, "number"), (1, "name")):
        values = [r[column] for r in rows]
        found += [f"errors.hpp: {what} {v} stands twice" for v in sorted(set(values)) if values.count(v) > 1]
    return found if rows else ["errors.hpp: no rows could be read"]


def check_status_is_complete():
    wanted = {f"{group}{n}" for group, count in CAPABILITIES.items() for n in range(1, count + 1)}
    found = []
    seen = {}
    for line in tree.text("docs/STATUS.md").splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if not re.fullmatch(r"[A-Z]+\d+", cells[0]):
            continue
        if cells[0] in seen:
            found.append(f"STATUS.md: {cells[0]} stands twice")
        seen[cells[0]] = cells
        if len(cells) != 4 or cells[2] not in ("works", "partly", "not yet"):
            found.append(f"STATUS.md: {cells[0]}: id | capability | works, partly or not yet | test")
        elif cells[2] != "not yet" and not cells[3]:
            found.append(f"STATUS.md: {cells[0]} names no test")
        else:
            for path in re.findall(r"`((?:src|tests|modules|apps|bench|sdk)/[^` ]+)`", cells[3]):
                if not (tree.ROOT / path).exists():
                    found.append(f"STATUS.md: {cells[0]} names {path}, which is not there")
    found += [f"STATUS.md: no row {i}" for i in sorted(wanted - set(seen))]
    found += [f"STATUS.md: unknown row {i}" for i in sorted(set(seen) - wanted)]
    return found


def check_adr_numbering():
    names = [n for n in tree.files() if re.fullmatch(r"docs/adr/[^/]+\.md", n)]
    numbers = []
    found = []
    for name in names:
        m = re.fullmatch(r"docs/adr/(\d{4})-[a-z0-9-]+\.md", name)
        if not m:
            found.append(f"{name}: NNNN-what-was-decided.md")
            continue
        numbers.append(int(m.group(1)))
        for heading in ("## Decision", "## Consequences"):
            if heading not in tree.text(name):
                found.append(f"{name}: no '{heading}'")
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        found.append(f"docs/adr: numbers are {sorted(numbers)}, they run from 1 without gaps")
    return found


def check_links_in_documents():
    found = []
    for name in tree.files():
        if not name.endswith(".md"):
            continue
        folder = (tree.ROOT / name).parent
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", tree.text(name)):
            if not re.match(r"[a-z]+:", target) and not (folder / target).exists():
                found.append(f"{name}: links to {target}, which is not there")
    return found


CHECKS = {
    "names_say_what_a_file_holds": check_names,
    "every_header_has_pragma_once": check_pragma_once,
    "nothing_is_left_for_later_in_words": check_words,
    "no_machine_paths": check_machine_paths,
    "what_guards_stands_in_one_place": check_one_place,
    "what_guards_is_refused_elsewhere": check_one_place_itself,
    "no_trailing_blanks_or_tabs": check_whitespace,
    "every_domain_string_is_registered_once": check_domains_are_unique,
    "error_numbers_and_names_are_unique": check_errors_are_unique,
    "status_has_a_row_per_capability": check_status_is_complete,
    "adr_numbers_run_without_gaps": check_adr_numbering,
    "links_in_documents_lead_somewhere": check_links_in_documents,
}
