"""What the house checks know of C++: a text without comments and strings, and the functions, classes and constants in it. No compiler: braces and
parentheses are matched and what stands before them is judged, which is enough for a tree that is formatted by one tool."""
import functools
import re
from dataclasses import dataclass, field

import tree

BLANKED = re.compile(r'//[^\n]*|/\*.*?\*/|\bR"([^(\s"\\]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M | re.S)
TOKEN = re.compile(r"[A-Za-z_]\w*|[0-9][\w.']*|::|->|<=>|\|\||&&|[^\s\w]")
MACRO = re.compile(r"[A-Z][A-Z0-9_]+")
CONSTANT = re.compile(r"k[A-Z][A-Za-z0-9]*")
CLASS_WORDS = {"class", "struct", "union"}
NO_FUNCTION = {"if", "for", "while", "switch", "return", "catch", "alignas", "decltype", "noexcept", "requires", "explicit", "static_assert", "sizeof", "__attribute__"}


@dataclass
class Function:
    name: str  # with the classes around it
    line: int
    lines: int  # from the first word of its head to its last brace; 0: only declared
    parameters: list
    scope: str  # namespace or class
    access: str
    words: tuple  # of static, virtual, override, friend: those in its head


@dataclass
class Class:
    name: str
    line: int
    keyword: str
    members: list = field(default_factory=list)  # (name, line, access)


@dataclass
class Constant:
    name: str
    line: int
    scope: str  # namespace or class
    words: tuple  # constexpr, const, static, inline
    names_function: bool = False  # = &function


@dataclass
class Parts:
    functions: list = field(default_factory=list)
    classes: list = field(default_factory=list)
    variables: list = field(default_factory=list)  # of namespaces, and static ones of classes
    types: list = field(default_factory=list)  # (name, line): classes, enums, aliases
    enumerators: list = field(default_factory=list)


def _spaces(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_only(text):
    """Comments gone, strings empty, line for line."""
    def one(match):
        whole = match.group(0)
        if whole.startswith("/"):
            return _spaces(match)
        if whole.startswith("R"):
            return '""' + _spaces(match)[2:]
        return whole[0] + re.sub(r"[^\n]", " ", whole[1:-1]) + whole[0]
    return BLANKED.sub(one, text)


def without_directives(code):
    return DIRECTIVE.sub(_spaces, code)


def tokens(code):
    """[(word, line)]"""
    found = []
    line, at = 1, 0
    for match in TOKEN.finditer(code):
        line += code.count("\n", at, match.start())
        at = match.start()
        found.append((match.group(0), line))
    return found


def _without_angles(words):
    """The words with template arguments taken out: a < is a bracket when its > comes before anything that no argument list has."""
    out, i = [], 0
    while i < len(words):
        if words[i][0] == "<" and out and out[-1][0] != "operator":
            depth, j, round_ = 0, i, 0
            while j < len(words):
                w = words[j][0]
                round_ += (w in "([{") - (w in ")]}")
                if round_ < 0 or w == ";":
                    break
                if round_ == 0:
                    depth += (w == "<") - (w == ">")
                    if depth == 0:
                        break
                j += 1
            if j < len(words) and words[j][0] == ">":
                out.append(("<>", words[i][1]))
                i = j + 1
                continue
        out.append(words[i])
        i += 1
    return out


def _closing(words, i):
    """Of the bracket at i, the place of the one that closes it."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    depth = 0
    for j in range(i, len(words)):
        depth += (words[j][0] in pairs) - (words[j][0] in pairs.values())
        if depth == 0:
            return j
    return len(words) - 1


def _split(words, separator=","):
    """At separators outside brackets."""
    found, depth = [[]], 0
    for w in words:
        depth += (w[0] in "([{") - (w[0] in ")]}") if len(w[0]) == 1 else 0
        if w[0] == separator and depth == 0:
            found.append([])
        else:
            found[-1].append(w)
    return [f for f in found if f]


def _strip_attributes(words):
    out, i = [], 0
    while i < len(words):
        if words[i][0] == "[" and i + 1 < len(words) and words[i + 1][0] == "[":
            i = _closing(words, i) + 1
            continue
        if words[i][0] in ("alignas", "noexcept", "decltype", "explicit", "__attribute__") and i + 1 < len(words) and words[i + 1][0] == "(":
            out.append(words[i])
            i = _closing(words, i + 1) + 1
            continue
        out.append(words[i])
        i += 1
    return out


def _is_word(w):
    return re.match(r"[A-Za-z_]", w) is not None


def _head_of_function(words):
    """(name, parameters, index behind the parameter list) if the words are the head of a function, else None. Template arguments are out."""
    for i, (w, _) in enumerate(words):
        if w == "=" and not (i and words[i - 1][0] == "operator"):
            return None
        if w == "{":
            return None
        if w == "operator":
            j = i + 1
            while j < len(words) and not (words[j][0] == "(" and j > i + 1):
                j += 1
            if j < len(words):
                end = _closing(words, j)
                before = words[i - 2][0] + "::" if i > 1 and words[i - 1][0] == "::" else ""
                return before + "operator" + "".join(x[0] for x in words[i + 1:j]), _split(words[j + 1:end]), end + 1
            return None
        if w == "(" and i:
            before = words[i - 1][0]
            if before in NO_FUNCTION or not _is_word(before) or CONSTANT.fullmatch(before):
                return None
            if words[i + 1][0] == "*":  # a pointer to a function
                return None
            end = _closing(words, i)
            name = before
            j = i - 2
            if j >= 0 and words[j][0] == "~":
                name, j = "~" + name, j - 1
            while j > 0 and words[j][0] == "::" and (_is_word(words[j - 1][0]) or words[j - 1][0] == "<>"):
                k = j - 1
                if words[k][0] == "<>":
                    k -= 1
                name, j = words[k][0] + "::" + name, k - 1
            parameters = [p for p in _split(words[i + 1:end]) if [x[0] for x in p] != ["void"]]
            return name, parameters, end + 1
    return None


def _strip_template(words):
    """Without a leading template<...> requires ...; words have no angles any more."""
    while len(words) > 1 and words[0][0] == "template" and words[1][0] == "<>":
        words = words[2:]
        if words and words[0][0] == "requires":
            words = words[1:]
            if words and words[0][0] == "(":
                words = words[_closing(words, 0) + 1:]
            else:
                while words and words[0][0] in ("::", "<>", "&&", "||") or len(words) > 1 and words[1][0] in ("::", "<>", "&&", "||"):
                    words = words[1:]
    return words


def _declared_names(words):
    """Of `int a = 1, b{2}, *c[3]`: names with their lines."""
    found = []
    for part in _split(words):
        cut = next((i for i, w in enumerate(part) if w[0] in ("=", "{", "[") or (w[0] == ":" and i)), len(part))
        head = [w for w in part[:cut] if _is_word(w[0])]
        pointer = next((i for i, w in enumerate(part) if w[0] == "(" and i + 1 < len(part) and part[i + 1][0] == "*"), None)
        if pointer is not None:
            head = [w for w in part[pointer + 2:_closing(part, pointer)] if _is_word(w[0])]
        if head:
            found.append(head[-1])
    return found


class _Reader:
    def __init__(self, text):
        self.words = tokens(without_directives(code_only(text)))
        self.parts = Parts()

    def read(self):
        self.scope(0, len(self.words), "namespace", [], None)
        return self.parts

    def scope(self, i, end, kind, names, owner):
        """The declarations between two places of a namespace or a class."""
        access = "private" if owner and owner.keyword == "class" else "public"
        while i < end:
            w = self.words[i][0]
            if w in (";", "}"):
                i += 1
                continue
            if MACRO.fullmatch(w) and self.words[i + 1][0] == "(" and i + 2 < end:
                behind = _closing(self.words, i + 1) + 1
                if behind >= end or self.words[behind][0] != "{":  # rows of a table, or an attribute before a declaration
                    i = behind
                    continue
            if kind == "class" and w in ("public", "private", "protected") and self.words[i + 1][0] == ":":
                access = w
                i += 2
                continue
            i = self.declaration(i, end, kind, names, owner, access)

    def declaration(self, i, end, kind, names, owner, access):
        start = i
        while i < end:
            w = self.words[i][0]
            if w == ";":
                self.statement(self.words[start:i], kind, names, owner, access)
                return i + 1
            if w in "([":
                i = _closing(self.words, i) + 1
                continue
            if w == "{":
                head = _strip_template(_strip_attributes(_without_angles(self.words[start:i])))
                close = _closing(self.words, i)
                plain = [x[0] for x in head]
                if "namespace" in plain[:2] or plain[:1] == ["extern"] and len(plain) <= 3 and '"' in plain:
                    self.scope(i + 1, close, "namespace", names, None)
                    return close + 1
                if "enum" in plain and "(" not in plain:
                    name = next((x for x in head[plain.index("enum") + 1:] if _is_word(x[0]) and x[0] not in CLASS_WORDS), None)
                    if name:
                        self.parts.types.append((*name, "enum"))
                    scoped = "class" in plain or "struct" in plain
                    self.parts.enumerators += [(*part[0], scoped) for part in _split(self.words[i + 1:close]) if not MACRO.fullmatch(part[0][0])]
                    i = close + 1
                    continue
                key = next((x for x in plain if x in CLASS_WORDS), None)
                if key and "(" not in plain and "=" not in plain:
                    named = [x for x in head[plain.index(key) + 1:] if x[0] not in ("alignas", "final")]
                    cut = next((k for k, x in enumerate(named) if x[0] == ":"), len(named))
                    name = "".join(x[0] for x in named[:cut] if x[0] != "<>") or "(unnamed)"
                    made = Class("::".join([*names, name]), self.words[start][1], key)
                    self.parts.classes.append(made)
                    if name != "(unnamed)" and "::" not in name:
                        self.parts.types.append((name, self.words[start][1], key))
                    self.scope(i + 1, close, "class", [*names, name], made)
                    i = close + 1
                    if i < end and self.words[i][0] == ";":
                        return i + 1
                    stop = next(k for k in range(i, end) if self.words[k][0] == ";")
                    declared = _declared_names(self.words[i:stop])
                    if owner is not None:
                        owner.members += [(*x, access) for x in declared]
                    else:
                        self.parts.variables += [Constant(*x, kind, ()) for x in declared]
                    return stop + 1
                found = _head_of_function(head)
                if found and self.is_body(head, found[2], i):
                    self.function(head, found, kind, names, access, (self.words[start][1], self.words[close][1]))
                    return close + 1
                i = close + 1  # braces of an initializer
                continue
            i += 1
        return end

    def is_body(self, head, behind, i):
        """Is the brace at i the body, or does it belong to a member initializer?"""
        rest = [x[0] for x in head[behind:]]
        if ":" not in rest:
            return True
        return self.words[i - 1][0] in ")}"

    def function(self, head, found, kind, names, access, lines):
        (name, parameters, _), (first, last) = found, lines
        if name in ("TEST", "TEST_F", "TEST_P") and len(parameters) == 2:
            name, parameters = parameters[0][0][0] + "." + parameters[1][0][0], []
        words = tuple(x[0] for x in head if x[0] in ("static", "virtual", "override", "friend"))
        self.parts.functions.append(Function("::".join([*names, name]), first, last - first + 1 if last else 0, parameters, kind, access, words))

    def statement(self, words, kind, names, owner, access):
        first = words[0][1]
        words = _strip_template(_strip_attributes(_without_angles(words)))
        if not words:
            return
        plain = [w[0] for w in words]
        if plain[0] == "using":
            if "=" in plain:
                self.parts.types.append((plain[1], words[1][1], "using"))
            return
        if plain[0] in ("typedef", "friend", "static_assert", "namespace", "template", "concept", "extern") or "concept" in plain[:2]:
            return
        found = _head_of_function(words)
        if found:
            behind = plain[found[2]:]
            if len(words) > len(found[0].split("::")) + 2 or owner is not None:
                if "default" not in behind and "delete" not in behind:
                    self.function(words, found, kind, names, access, (first, None))
            return
        if plain[0] in CLASS_WORDS and len(plain) <= 2 or "enum" in plain[:1]:
            return  # a forward declaration
        if "operator" in plain:
            return
        static = "static" in plain or "constexpr" in plain and kind == "namespace" or kind == "namespace"
        marks = tuple(m for m in ("static", "constexpr", "const", "inline", "thread_local", "constinit") if m in plain)
        for name in _declared_names(words):
            if len(plain) < 2:
                continue
            if static:
                at = plain.index(name[0])
                self.parts.variables.append(Constant(name[0], name[1], kind, marks, plain[at + 1:at + 3] == ["=", "&"]))
            elif owner is not None:
                owner.members.append((*name, access))


@functools.cache
def parts(text):
    return _Reader(text).read()


@functools.cache
def parts_of(name):
    return parts(tree.text(name))


def is_source(name):
    return name.endswith((".cpp", ".hpp", ".h"))


def is_test(name):
    """Tests, fuzz targets, benchmarks, and what only they include."""
    return re.search(r"(_(test|fuzz|bench)\.[ch]pp|/test_\w+\.[ch]pp)$", name) is not None or "/tests/" in name or name.startswith(("tests/", "bench/"))
