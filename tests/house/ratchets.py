"""Sizes above which a reader loses the thread. What is larger stands in exceptions.txt, and only shrinks."""
import ast

import cpp
import exceptions
import tree

MOST = {"function": 70, "file": 400, "parameters": 6, "members": 25}
SIZED = (".cpp", ".hpp", ".h", ".py", ".sh", ".cmake", ".rs", ".txt", ".md")


def files_over():
    found = {}
    for name in tree.files():
        if not (name.endswith(SIZED) or name in ("dev", ".ci/run")) or "LICENSE" in name or name.startswith(("tests/vectors/", "tests/fuzz/")):
            continue
        lines = tree.text(name).count("\n")
        if lines > MOST["file"]:
            found["file", name, None] = (lines, f"{name}: {lines} lines, at most {MOST['file']}")
    return found


SAID = {"function": "has lines:", "parameters": "has parameters:", "members": "has data members:"}


def note(found, rule, place, what, size):
    """place: (file, line). Of things of one name the largest counts."""
    if size > MOST[rule] and size > found.get((rule, place[0], what), (0,))[0]:
        found[rule, place[0], what] = (size, f"{place[0]}:{place[1]}: {what} {SAID[rule]} {size}, at most {MOST[rule]}")


def measure_cpp(found, name, parts, defined):
    """Parameters count where a function has its body, or where it never has one."""
    for f in parts.functions:
        note(found, "function", (name, f.line), f.name, f.lines)
        if f.lines or (f.name.split("::")[-1], len(f.parameters)) not in defined:
            note(found, "parameters", (name, f.line), f.name, len(f.parameters))
    for c in parts.classes:
        note(found, "members", (name, c.line), c.name, len(c.members))


def measure_python(found, name, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            note(found, "function", (name, node.lineno), node.name, node.end_lineno - node.lineno + 1)
            taken = [a for a in node.args.posonlyargs + node.args.args + node.args.kwonlyargs if a.arg != "self"]
            note(found, "parameters", (name, node.lineno), node.name, len(taken))


def check_sizes():
    found = files_over()
    sources = [n for n in tree.files() if cpp.is_source(n)]
    defined = {(f.name.split("::")[-1], len(f.parameters)) for n in sources for f in cpp.parts_of(n).functions if f.lines}
    for name in sources:
        measure_cpp(found, name, cpp.parts_of(name), defined)
    for name in tree.files():
        if name.endswith(".py"):
            measure_python(found, name, tree.text(name))
    return exceptions.judge(found, MOST)


# text; functions (name, lines, parameters); classes (name, members); variables
SAMPLES = (
    ("int f(int a, std::map<int, int> b) {\n  return a < b.size() ? '{' : 1'000;\n}\n", [("f", 3, 2)], [], []),
    ("// int g() {\nnamespace a::b {\nstatic const char* s = \"} // {\";\nauto h() -> R<int, 2> { return R\"x({ \" )x\"; }\n}\n", [("h", 1, 0)], [], ["s"]),
    ("template <class T, class U = std::vector<T>>\n  requires(sizeof(T) > 2)\nT X<T>::at(T t) const noexcept(true)\n{\n  if (t) { return [&](int a, int b) { return a; }(1, 2); }\n}\n",
     [("X::at", 6, 1)], [], []),
    ("A::A(int a, int b)\n    : a_{a}, c_{b, {1}}, B(x(a)) {\n  go();\n}\nA::~A() = default;\nbool A::operator()(int x) const { return x; }\nbool operator==(A a, A b) { return 1; }\n",
     [("A::A", 4, 2), ("A::operator()", 1, 1), ("operator==", 1, 2)], [], []),
    ("class S final : public T<int> {\n public:\n  explicit S(int a = f(1, 2));\n  void go(int) override;\n  static constexpr int kMost = 3;\n  enum class E { a, b };\n  struct In { int x, y; } in;\n"
     " private:\n  std::function<void(int, int)> f_;\n  void (*run_)(int);\n  int a_ = 1, *b_{nullptr}, c_[3] = {1, 2};\n  unsigned bit_ : 3;\n  std::vector<int> v_{f(1), 2};\n  friend class Q;\n  using V = int;\n};\n",
     [("S::S", 0, 1), ("S::go", 0, 1)], [("S", 8), ("S::In", 2)], ["kMost"]),
    ("#define X(a) \\\n  { a\nX_TABLE(int,\n  3)\n[[nodiscard]] Result<std::pair<A, B>> f(const C& c = C{}, int d = {}, int e[] = g<1, 2>()) {\n}\n", [("f", 2, 3)], [], []),
    ("constexpr std::array<int, 3> kA = {1, 2, 3}, kB{1};\nconst auto kC = [](int a) { return a; };\ninline constexpr R kRows[] = {\n  {1, f(2)},\n};\nextern \"C\" {\nvoid out(void);\n}\n",
     [("out", 0, 0)], [], ["kA", "kB", "kC", "kRows"]),
    ("TEST_F(Suite, rule_of_it) {\n  EXPECT_EQ(1, 1);\n}\nstruct { int a; } both;\nunion U { int a; float b; };\n", [("Suite.rule_of_it", 3, 0)], [("(unnamed)", 1), ("U", 2)], ["both"]),
)


def check_itself():
    problems = []
    for text, functions, classes, variables in SAMPLES:
        parts = cpp.parts(text)
        seen = ([(f.name, f.lines, len(f.parameters)) for f in parts.functions], [(c.name, len(c.members)) for c in parts.classes], [v.name for v in parts.variables])
        for got, wanted in zip(seen, (functions, classes, variables)):
            if sorted(got) != sorted(wanted):
                problems.append(f"{text.splitlines()[0]}...: read as {got}, wanted {wanted}")
    found = {}
    measure_cpp(found, "x.cpp", cpp.parts("void f(" + ", ".join(f"int a{i}" for i in range(7)) + ") {" + "\n" * 70 + "}\nclass C {" + "int a;" * 26 + "};"), set())
    measure_python(found, "x.py", "def f(a, b, c, d, e, f, g):\n" + "  pass\n" * 70)
    wanted = {("function", "x.cpp", "f"): 71, ("parameters", "x.cpp", "f"): 7, ("members", "x.cpp", "C"): 26, ("function", "x.py", "f"): 71, ("parameters", "x.py", "f"): 7}
    sizes = {key: size for key, (size, _) in found.items()}
    return problems + exceptions.check_itself() + ([] if sizes == wanted else [f"measured {sizes}, wanted {wanted}"])


CHECKS = {"functions_files_and_classes_stay_small": check_sizes, "what_is_too_large_is_seen": check_itself}
