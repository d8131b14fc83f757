"""What a header of src/ declares and nothing names. By words: a name that something else bears too is taken for used."""
import collections
import re

import cpp
import exceptions
import tree

SAID = {"unused": "nothing names it", "tests_only": "only tests name it", "own_file": "only its own .cpp names it, where it can stand without a declaration in the header"}


def of_one_unit(name):
    return re.sub(r"\.[ch]pp$", "", name)


def declared(parts):
    """(name as a caller writes it, whole name, line, kind)"""
    for f in parts.functions:
        words = f.name.split("::")
        if not words[-1].startswith(("operator", "~")) and words[-2:-1] != [words[-1]]:
            yield words[-1], f.name, f.line, "free" if f.scope == "namespace" else "method"
    for v in parts.variables:
        yield v.name, v.name, v.line, "constant"


def judge(header, texts, where):
    """{(rule, header, name): (1, what to say)}; texts: {file: Counter of its words}; where: {word: files}"""
    found = {}
    unit = of_one_unit(header)
    own = [n for n in (header, unit + ".cpp") if n in texts]
    things = list(declared(cpp.parts_of(header)))
    bodies = collections.Counter(d[0] for n in own for d in declared(cpp.parts_of(n)))
    for word, whole, line, kind in things:
        others = [n for n in where[word] if n not in own]
        named = sum(texts[n][word] for n in own) > bodies[word]
        if any(not cpp.is_test(n) for n in others):
            continue
        if not named:
            rule = "tests_only" if others else "unused"
        elif not others and kind == "free" and texts[header][word] <= sum(1 for t in things if t[0] == word):
            rule = "own_file"
        else:
            continue
        found[rule, header, whole] = (1, f"{header}:{line}: {whole}: {SAID[rule]}")
    return found


def words_of(name):
    return collections.Counter(re.findall(r"[A-Za-z_]\w*", cpp.code_only(tree.text(name))))


def check():
    texts = {n: words_of(n) for n in tree.files() if cpp.is_source(n) or n.endswith((".rs", ".cmake"))}
    where = collections.defaultdict(list)
    for name, words in texts.items():
        for word in words:
            where[word].append(name)
    found = {}
    for header in texts:
        if header.startswith("src/") and header.endswith(".hpp") and not cpp.is_test(header):
            found.update(judge(header, texts, where))
    return exceptions.judge(found, SAID)


def check_itself():
    """A small tree of two units and a test."""
    texts = {"src/a/a.hpp": "int used(); int dead(); int tested(); int inner(); inline int kept() { return 1; }\nconstexpr int kNone = 1, kSeen = 2;\nstruct S { int gone() const; int at() const; };",
             "src/a/a.cpp": "int used() { return 1; }\nint dead() { return 1; }\nint tested() { return 1; }\nint inner() { return 2; }\nint x = inner();\nint S::gone() const { return 1; }",
             "src/a/a_test.cpp": "TEST(A, b_c) { tested(); }", "src/b/b.cpp": "int y = used() + kSeen + s.at() + kept(); // dead()"}
    saved, tree.text = tree.text, lambda name: texts[name]
    cpp.parts_of.cache_clear()
    try:
        words = {n: words_of(n) for n in texts}
        found = judge("src/a/a.hpp", words, {w: [n for n in words if w in words[n]] for n in words for w in words[n]})
    finally:
        tree.text = saved
        cpp.parts_of.cache_clear()
    wanted = {("unused", "dead"), ("tests_only", "tested"), ("own_file", "inner"), ("unused", "kNone"), ("unused", "S::gone")}
    got = {(rule, name) for rule, _, name in found}
    return [] if got == wanted else [f"found {sorted(got)}, wanted {sorted(wanted)}"]


CHECKS = {"what_a_header_declares_is_named_elsewhere": check, "unused_declarations_are_seen": check_itself}
