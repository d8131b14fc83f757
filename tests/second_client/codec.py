"""The canonical encoding (docs/spec/encoding.md) over the structures of docs/spec/layouts.md, whose tables are read here."""
import os
import re

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "spec", "layouts.md")


class Malformed(Exception):
    pass


class Record:
    """A decoded structure: its fields as attributes, and the bytes that it was read from."""

    def __init__(self, name, raw, fields):
        self._name, self.raw = name, raw
        self.__dict__.update(fields)


class Chosen:
    """An alternative of a variant."""

    def __init__(self, label, value):
        self.label, self.value = label, value


def parse_fields(text):
    """`a:list<struct B> c:u8` as [(name, type)]; a type is a tuple whose first word says of which sort."""
    words = re.findall(r"\w+|[<>|:]", text)
    at = 0

    def take(expected=None):
        nonlocal at
        word = words[at] if at < len(words) else ""
        if expected is not None and word != expected:
            raise ValueError("%s wanted before %r in %r" % (expected, word, text))
        at += 1
        return word

    def kind():
        word = take()
        if word in ("struct", "enum"):
            return word, take()
        if word in ("list", "opt"):
            take("<")
            inner = kind()
            take(">")
            return word, inner
        if word == "one":
            take("<")
            choices = []
            while True:
                label = take()
                take(":")
                choices.append((label, kind()))
                if take() == ">":
                    return "one", choices
        return (word,)

    fields = []
    while at < len(words):
        name = take()
        take(":")
        fields.append((name, kind()))
    return fields


class Layouts:
    def __init__(self, page=PAGE):
        self.structs, self.enums = {}, {}
        header = None
        with open(page, encoding="utf-8") as f:
            for line in f:
                cells = [c.strip() for c in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
                if len(cells) != 2:
                    header = None
                elif header is None:
                    header = cells[0]
                elif header == "struct" and cells[0].startswith("`"):
                    self.structs[cells[0].strip("`")] = parse_fields(cells[1].replace("\\|", "|").strip("`"))
                elif header == "enumeration" and cells[0].startswith("`"):
                    self.enums[cells[0].strip("`")] = {int(v): k for k, v in (w.split("=") for w in cells[1].split())}


LAYOUTS = Layouts()

_U64 = ("u64", "height", "view", "epoch", "position", "version", "gas", "credits", "time")
_WIDTHS = dict({"u8": 1, "u16": 2, "u32": 4}, **{name: 8 for name in _U64})
_RAW = dict({"hash": 32, "id": 16, "none": 0}, **{"raw%d" % n: n for n in range(1, 65)})
_MAX_DEPTH = 64


class Decoder:
    def __init__(self, data):
        self.data, self.at, self.depth = data, 0, 0

    def raw(self, n):
        if n > len(self.data) - self.at:
            raise Malformed("it ends too early")
        self.at += n
        return self.data[self.at - n:self.at]

    def uleb(self):
        value = 0
        for shift in range(0, 35, 7):
            b = self.raw(1)[0]
            value |= (b & 0x7F) << shift
            if b < 0x80:
                if (b == 0 and shift) or value > 0xFFFFFFFF:
                    raise Malformed("a count is longer than needed, or too large")
                return value
        raise Malformed("a count has more than five bytes")

    def length(self):
        n = self.uleb()
        if n > 0x7FFFFFFF or n > len(self.data) - self.at:
            raise Malformed("a length goes past the end")
        return n

    def flag(self):
        b = self.raw(1)[0]
        if b > 1:
            raise Malformed("a bool or option is neither 0 nor 1")
        return b == 1

    def value(self, kind):
        sort = kind[0]
        if sort in _WIDTHS:
            return int.from_bytes(self.raw(_WIDTHS[sort]), "little")
        if sort in _RAW:
            return self.raw(_RAW[sort])
        if sort == "bool":
            return self.flag()
        if sort == "bytes":
            return self.raw(self.length())
        if sort == "str":
            try:
                return self.raw(self.length()).decode("utf-8")
            except UnicodeDecodeError:
                raise Malformed("a text is not UTF-8")
        if sort == "enum":
            number = self.raw(1)[0]
            if number not in LAYOUTS.enums[kind[1]]:
                raise Malformed("%s has no value %d" % (kind[1], number))
            return number
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Malformed("it is nested too deeply")
        try:
            if sort == "list":
                return [self.value(kind[1]) for _ in range(self.length())]
            if sort == "opt":
                return self.value(kind[1]) if self.flag() else None
            if sort == "one":
                number = self.uleb()
                if number >= len(kind[1]):
                    raise Malformed("a variant has no alternative %d" % number)
                label, inner = kind[1][number]
                return Chosen(label, self.value(inner))
            if sort == "struct":
                start = self.at
                fields = {name: self.value(inner) for name, inner in LAYOUTS.structs[kind[1]]}
                return Record(kind[1], self.data[start:self.at], fields)
            raise ValueError("layouts.md names a type that this client does not know: " + sort)
        finally:
            self.depth -= 1


def decode(struct, data):
    """The whole of `data` is one value of that structure."""
    d = Decoder(bytes(data))
    value = d.value(("struct", struct))
    if d.at != len(data):
        raise Malformed("there are bytes after it")
    return value


# ---- writing, of what a verifier has to hash, sign or ask

def uleb(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out) + bytes((n,))


def u(width, n):
    return n.to_bytes(width, "little")


def with_length(data):
    return uleb(len(data)) + data


def encode(kind, value):
    """Of plain values: a dict for a structure (or the bytes of one), (label, value) for a variant, None or a value for an option."""
    sort = kind[0]
    if sort in _WIDTHS:
        return u(_WIDTHS[sort], value)
    if sort in _RAW:
        return value if _RAW[sort] else b""
    if sort == "bool":
        return bytes((value,))
    if sort in ("bytes", "str"):
        return with_length(value if isinstance(value, bytes) else value.encode())
    if sort == "enum":
        return u(1, value)
    if sort == "list":
        return uleb(len(value)) + b"".join(encode(kind[1], v) for v in value)
    if sort == "opt":
        return b"\0" if value is None else b"\1" + encode(kind[1], value)
    if sort == "one":
        labels = [label for label, _ in kind[1]]
        at = labels.index(value[0])
        return uleb(at) + encode(kind[1][at][1], value[1])
    if isinstance(value, bytes):
        return value
    return b"".join(encode(inner, value[name]) for name, inner in LAYOUTS.structs[kind[1]])


def encode_struct(name, value):
    return encode(("struct", name), value)
