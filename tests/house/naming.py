"""How things are called: types PascalCase, functions and variables snake_case, constants kPascal, private members with a trailing _."""
import re

import cpp
import exceptions
import tree

PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MEMBER = re.compile(SNAKE.pattern + "_?")
SUITE_AND_RULE = re.compile(r"[A-Z][A-Za-z0-9]*\.[a-z][A-Za-z0-9_]*")  # a rule may name what the spec writes in capitals
MACRO = re.compile(r"DOS_[A-Z0-9_]+")
ASKED_FOR = {"value_type", "result_type", "is_transparent", "reader", "SetUp", "TearDown", "SetUpTestSuite", "TearDownTestSuite",
             "LLVMFuzzerTestOneInput", "LLVMFuzzerInitialize"}  # by the standard library, Beast, GoogleTest, libFuzzer


def of_functions(parts):
    types = {t[0] for t in parts.types}
    for f in parts.functions:
        name = f.name.split("::")[-1]
        if "." in name:
            if not SUITE_AND_RULE.fullmatch(name):
                yield f.line, name, "a test is Suite.what_holds"
        elif name.startswith(("operator", "~", "__")) or name in ASKED_FOR or name in types or f.name.split("::")[-2:-1] == [name]:
            pass  # a constructor and the like
        elif not SNAKE.fullmatch(name):
            yield f.line, name, "functions are snake_case"
        for p in f.parameters:
            words = [w for w, _ in p[:next((i for i, x in enumerate(p) if x[0] == "="), len(p))]]
            if len(words) > 1 and re.match("[a-z_]", words[-1]) and not SNAKE.fullmatch(words[-1]):
                yield p[0][1], words[-1], "parameters are snake_case"


def of_data(parts):
    for c in parts.classes:
        for name, line, access in c.members:
            if not MEMBER.fullmatch(name):
                yield line, name, "data members are snake_case"
            elif access == "private" and not name.endswith("_"):
                yield line, name, "private data members end with _"
    for v in parts.variables:
        constant = "constexpr" in v.words or v.scope == "namespace" and "const" in v.words
        if constant and not v.names_function and not cpp.CONSTANT.fullmatch(v.name):
            yield v.line, v.name, "constants are kPascal"
        if not constant and not v.name.startswith("__") and not MEMBER.fullmatch(v.name) and not cpp.CONSTANT.fullmatch(v.name):
            yield v.line, v.name, "variables are snake_case"
    for name, line, _ in parts.enumerators:
        if not MEMBER.fullmatch(name) and not cpp.CONSTANT.fullmatch(name):  # public_: the word is taken
            yield line, name, "enumerators are snake_case, or kPascal where they count"


def complaints(text):
    """(line, name, what is wrong)"""
    parts = cpp.parts(text)
    yield from of_functions(parts)
    yield from of_data(parts)
    for name, line, _ in parts.types:
        if not PASCAL.fullmatch(name) and name not in ASKED_FOR:
            yield line, name, "types are PascalCase"
    for m in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M):
        if not MACRO.fullmatch(m.group(1)):
            yield text.count("\n", 0, m.start()) + 1, m.group(1), "macros are DOS_WORDS"


def check():
    found = {}
    for name in tree.files():
        if cpp.is_source(name):
            for line, what, said in complaints(tree.text(name)):
                found["name", name, what] = (1, f"{name}:{line}: {what}: {said}")
    return exceptions.judge(found, {"name"})


def check_itself():
    wrong = ("class a_type {};", "void DoIt();", "class A { int x; };", "class A { int X_; };", "constexpr int most = 1;", "struct A { static constexpr int Most = 1; };",
             "enum class E { One };", "#define MAX 1\n", "TEST(suite, x) {}", "TEST(Suite, Rule) {}", "void f(int aB) {}", "int theCount = 0;", "using a_t = int;")
    right = ("class A { A(int a); ~A(); bool operator<(A) const; int x_; static constexpr int kMost = 1; };", "struct A { int x = 1; };", "enum class E { one_two, kThree };",
             "#define DOS_MAX 1\n", "TEST(Suite, a_rule_of_N) {}", "int f(std::vector<A> a_b = {}, const B&);", "A::A() : b_{1} {}", "template <class T> struct A<T> { using value_type = T; };")
    return [f"{t}: is let through" for t in wrong if not list(complaints(t))] + [f"{t}: {list(complaints(t))}" for t in right if list(complaints(t))]


CHECKS = {"names_are_written_as_what_they_name": check, "wrongly_written_names_are_seen": check_itself}
