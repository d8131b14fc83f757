"""A second client, written from docs/spec alone (tests/second_client), comes to the same verdicts as the first."""
import os
import random
import re
import subprocess
import sys
import urllib.request

from dosrun import ROOT, Failed, Home, check, equal

sys.path.insert(0, os.path.join(ROOT, "tests", "second_client"))
import codec
import made_chain
import primitives
import verify

VALIDATORS = 4
MSG = (4).to_bytes(2, "big")


def genesis(h):
    h.run("net", "genesis", "-o", "genesis.dos")
    return open_bytes(h, "genesis.dos")


def open_bytes(h, name):
    with open(h.path(name), "rb") as f:
        return f.read()


def proof(h, path, name, *flags):
    h.run("proof", path, *flags, "-o", name)
    return open_bytes(h, name)


def second(data, chain):
    """What the second client says: what is proved, or None."""
    try:
        return verify.verify(data, chain)
    except verify.Refused:
        return None


def same(h, data, chain, what):
    """Both clients prove the same or both refuse; what they prove."""
    ours = second(data, chain)
    r = h.run("verify", "-", "--genesis", "genesis.dos", "--json", stdin=data, code=None)
    if r.code == 0:
        equal(ours, r.data(), what)
    else:
        equal((ours, r.code), (None, 8), what)
    return ours


def with_hash(body):
    return body + primitives.blake3(body)


def test_both_prove_the_same(h):
    h.write("e1", b"evidence " * 100)
    h.run("put", "e1", "/home/me/e1")
    first = h.data("status")["height"]
    h.write("e1", b"other evidence " * 1000)
    h.run("put", "e1", "/home/me/e1")
    h.run("mkdir", "/home/me/folder")
    h.run("put", "--public", "e1", "/home/me/seen")
    chain = verify.Chain(genesis(h))
    for path, flags, kind in (("/home/me/e1", ["--open"], "file"), ("/home/me/e1", [], "file"), ("/home/me/seen", ["--open"], "file"),
                              ("/home/me/e1@#%s" % first, [], "file"), ("/home/me/folder", [], "folder"), ("/", [], "folder"),
                              ("/home/me/none", [], "absence"), ("/home/me/e1/below", [], "absence"), ("/home/no/such/path", [], "absence")):
        found = same(h, proof(h, path, "x.proof", *flags), chain, path)
        check(found is not None and found["kind"] == kind, "%s: %r" % (path, found))
        check(found["signers"]["have"] >= 3, "a strong set of four signed: %r" % found)
    data = proof(h, "/home/me/e1", "x.proof", "--open")
    verify.verify(data, chain, open_bytes(h, "e1"))
    try:
        verify.verify(data, chain, b"something else")
    except verify.Refused as e:
        equal(e.code, "content_mismatch")
    else:
        raise Failed("another content was taken for it")


def test_the_program_says_what_is_proved(h):
    h.write("e2", b"e2")
    h.run("put", "e2", "/home/me/e2")
    data = proof(h, "/home/me/e2", "e2.proof", "--open")
    genesis(h)
    program = [sys.executable, os.path.join(ROOT, "tests", "second_client", "verify.py")]
    said = run(h, *program, "e2.proof", "--genesis", "genesis.dos", "--content", "e2")
    check(said[0] == 0 and "/home/me/e2 stood there" in said[1], repr(said))
    h.write("bad.proof", data[:-1])
    said = run(h, *program, "bad.proof", "--genesis", "genesis.dos")
    check(said[0] == 8 and "not_a_proof" in said[2], repr(said))


def run(h, *command):
    p = subprocess.run(command, cwd=h.cwd, capture_output=True, text=True, timeout=60)
    return p.returncode, p.stdout, p.stderr


def test_any_changed_byte_is_judged_alike(h):
    h.write("e3", b"first")
    h.run("put", "e3", "/home/me/e3")
    then = h.data("status")["height"]
    h.write("e3", b"second")
    h.run("put", "e3", "/home/me/e3")
    chain = verify.Chain(genesis(h))
    rng = random.Random(3)
    taken = refused = 0
    for path, flags, samples in (("/home/me/e3", ["--open"], 220), ("/home/me/e3@#%s" % then, [], 180), ("/home/me/none", [], 100)):
        good = proof(h, path, "e3.proof", *flags)
        signatures = [m.start() for m in re.finditer(re.escape(b"\x01" + codec.uleb(2420)), good)]
        outside = [i for i in range(len(good) - 32) if not any(s + 3 <= i < s + 2420 for s in signatures)]
        for at in rng.sample(outside, samples * 4 // 5) + rng.sample(range(len(good) - 32), samples // 5):
            bad = bytearray(good)
            bad[at] ^= 1 << rng.randrange(8)
            check(second(bytes(bad), chain) is None, "its own hash speaks against byte %d" % at)
            found = same(h, with_hash(bytes(bad[:-32])), chain, "%s, byte %d" % (path, at))
            taken, refused = taken + (found is not None), refused + (found is None)
        for at in range(len(good) - 32, len(good)):
            check(second(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1:], chain) is None, "a changed hash at the end")
    check(refused > 450 and taken < 50, "%d changed proofs taken, %d refused" % (taken, refused))


def test_what_has_no_encoding_is_refused_alike(h):
    chain = verify.Chain(genesis(h))
    good = proof(h, "/home/me/none", "e4.proof")
    body, count = good[9:-32], good[9]
    for what, bad in (("left-over byte", body + b"\0"), ("missing byte", body[:-1]), ("longer count", bytes((count | 0x80, 0)) + body[1:]),
                      ("count of six bytes", bytes((count | 0x80,)) + b"\x80\x80\x80\x80\0" + body[1:]), ("huge count", b"\xff\xff\xff\xff\x0f" + body[1:]),
                      ("surrogate", b"\1\3\xed\xa0\x80" + body), ("slash in a name", bytes((1, 3)) + b"a/b" + body[1 + 5 + 3 + 5:]),
                      ("dot", bytes((1, 1)) + b"." + body[1 + 5 + 3 + 5:]), ("option 2", body[:-1] + b"\2"), ("nothing", b"")):
        check(same(h, with_hash(good[:9] + bad), chain, what) is None, what)
    check(same(h, with_hash(b"DOSPROOF2" + body), chain, "another magic") is None, "another magic")
    for at in (0, 8, 9, 40, 41, len(good) // 2, len(good) - 1):
        check(same(h, good[:at], chain, "cut at %d" % at) is None, "cut")


def test_another_genesis_is_refused(h):
    good = proof(h, "/home/me/none", "e5.proof")
    data = genesis(h)
    rng = random.Random(5)
    for at in list(range(40)) + rng.sample(range(len(data)), 40):
        bad = data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1:]
        try:
            verify.verify(good, bad)
        except verify.Refused:
            continue
        raise Failed("a genesis with another byte %d was taken" % at)


def ask(h, path, body=None):
    kind = "application/vnd.dos+bcs"
    request = urllib.request.Request(h.url() + path, data=body, headers={"Accept": kind, "Content-Type": kind})
    with urllib.request.urlopen(request, timeout=30) as r:
        return r.read()


def flips(data, chain, judge, said, samples, seed):
    """No changed byte makes the answer say something else."""
    rng = random.Random(seed)
    for at in rng.sample(range(len(data)), samples):
        bad = data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1:]
        try:
            found = judge(bad, chain)
        except verify.Refused:
            continue
        equal(found, said, "byte %d" % at)


def test_a_message_is_proved_to_lie_in_the_inbox(h):
    sent = h.data("send", "bob", "hello")
    chain = verify.Chain(genesis(h))
    inbox = MSG + b"mbob\0"
    item = codec.uleb(1) + codec.with_length(inbox) + codec.with_length(b"") + codec.u(4, 1000) + b"\1"
    data = ask(h, "/v1/state", b"\0" + codec.u(8, 0) + codec.uleb(1) + item)

    def judge(answer, chain):
        view = verify.verify_state(answer, chain)
        return [(r.leaf.key, r.leaf.meta, r.data) for r in view.range(inbox)]

    found = judge(data, chain)
    meta = verify.decoded("MessageMeta", found[-1][1])
    equal((getattr(meta, "from"), meta.id.hex(), meta.size_class), ("me", sent["id"], 256))
    kind = verify.decoded("SealedBox", found[-1][2])
    equal((kind.type, len(kind.kem)), (1, 1120))
    flips(data, chain, judge, found, 120, 6)


def test_a_receipt_is_under_the_result(h):
    h.write("r", b"r")
    tx = h.data("put", "r", "/home/me/r")["tx"]
    chain = verify.Chain(genesis(h))
    data = ask(h, "/v1/transactions/" + tx.split(":")[1])
    [(height, receipt)] = verify.verify_receipt(data, chain)
    said = h.data("tx", tx)
    equal((tx, receipt.status, height), ("tx:" + receipt.txid.hex(), 1, int(said["height"])))
    flips(data, chain, lambda d, c: [(b, r.raw) for b, r in verify.verify_receipt(d, c)], [(height, receipt.raw)], 150, 7)


def test_a_classic_chain(h):
    other = Home(validators=1, dos=h.dos)
    try:
        other.up("--suite", "classic")
        other.write("c", b"classic")
        other.run("put", "c", "/home/me/c")
        chain = verify.Chain(genesis(other))
        good = proof(other, "/home/me/c", "c.proof", "--open")
        check(same(other, good, chain, "classic") is not None, "an Ed25519 certificate")
        for at in random.Random(8).sample(range(len(good) - 32), 60):
            bad = good[:at] + bytes((good[at] ^ 1,)) + good[at + 1:-32]
            same(other, with_hash(bad), chain, "classic, byte %d" % at)
    except Exception:
        other.failed = True
        raise
    finally:
        other.close()


def test_a_made_chain_is_judged_alike(h):
    """Each rule by itself: what is made here is signed well, so only the rule that is broken speaks against it."""
    for what, good, made in made_chain.cases():
        data, g = made.file()
        h.write("made.dos", g)
        try:
            ours = verify.verify(data, g)
        except verify.Refused as e:
            ours = str(e)
        equal(isinstance(ours, dict), good, "%s: %s" % (what, ours))
        r = h.run("verify", "-", "--genesis", "made.dos", "--json", stdin=data, code=None)
        check((r.code == 0) == good, "%s: dos verify ends with %d: %s" % (what, r.code, r.text[:300]))
        if good:
            equal(ours, r.data(), what)


def vectors(name):
    case = {}
    with open(os.path.join(ROOT, "tests", "vectors", name), encoding="utf-8") as f:
        for line in list(f) + [""]:
            name, equals, value = line.strip().partition("=")
            if equals and not line.startswith("#"):
                case[name.strip()] = value.strip()
            elif not line.strip() and case:
                yield case
                case = {}


def test_the_primitives_hold_the_published_vectors(h):
    seen = 0
    for c in vectors("blake3.txt"):
        data = bytes(i % 251 for i in range(int(c["input_len"])))
        if len(data) > 9000:
            continue
        equal(primitives.blake3(data).hex(), c["hash"][:64])
        equal(primitives.derive_key("BLAKE3 2019-12-27 16:29:52 test vectors context", data).hex(), c["derive_key"][:64])
        seen += 1
    for kind, name in ((1, "ml_dsa_44_verify.txt"), (2, "ml_dsa_65_verify.txt"), (3, "ml_dsa_87_verify.txt"), (4, "ed25519_verify.txt"),
                       (4, "ed25519_edges.txt")):
        for c in vectors(name):
            key, message, signature, context = (bytes.fromhex(c.get(k, "")) for k in ("public", "message", "signature", "context"))
            good = primitives.ed25519_verifies(key, message, signature) if kind == 4 else primitives.ml_dsa_verifies(kind, key, message, signature, context)
            equal(good, c["result"] == "valid", "%s, %s" % (name, c["id"]))
            seen += 1
    check(seen > 190, "%d vectors" % seen)


def page(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


def test_the_pages_agree(h):
    """Every context that the second client uses stands in the table; what calls.md and layouts.md both describe is the same."""
    table = page("docs", "spec", "encoding.md")
    known = set()
    for text in re.findall(r"`(DOS/[^`]+)`", table):
        known |= {text.replace("…", part) for part in ("leaf", "node", "root")}
    used = set(re.findall(r'"(DOS/[a-z0-9/]+)"', page("tests", "second_client", "verify.py")))
    check(len(used) > 10 and used <= known, "not in encoding.md: %r" % sorted(used - known))
    registered = set(re.findall(r'"(DOS/[a-z0-9/]+)"', page("src", "crypto", "domains.hpp")))
    check(registered <= known, "not in encoding.md: %r" % sorted(registered - known))
    wide = {"enum": ("u8",), "name": ("str",)}

    def plain(kind):
        if kind[0] in ("list", "opt"):
            return kind[0], plain(kind[1])
        if kind[0] == "one":
            return "one", [(label, plain(k)) for label, k in kind[1]]
        return wide.get(kind[0], ("u64",) if kind[0] in codec._U64 else kind)

    both = 0
    for name, fields in re.findall(r"^\| `(\w+)` \| `([^`]+)` \|$", page("docs", "spec", "calls.md"), re.M):
        if name not in codec.LAYOUTS.structs:
            continue
        there = [plain(k) for _, k in codec.parse_fields(fields.replace("\\|", "|"))]
        equal(there, [plain(k) for _, k in codec.LAYOUTS.structs[name]], name)
        both += 1
    check(both >= 10, "%d structures stand on both pages" % both)


def test_the_pages_have_every_error_and_host_function(h):
    """Numbers, names, statuses, prices and types, as the tables of the sources have them."""
    row = r'^  X\((\d+), (\w+), (\d+), (\d+), (true|false), "((?:[^"\\]|\\.)*)"'
    errors = [(n, name, status, code, {"true": "yes", "false": "no"}[again], title)
              for n, name, code, status, again, title in re.findall(row, page("src", "base", "errors.hpp"), re.M)]
    check(len(errors) > 60, "%d errors in the source" % len(errors))
    equal(re.findall(r"^\| (\d+) \| `(\w+)` \| (\d+) \| (\d+) \| (yes|no) \| (.+) \|$", page("docs", "spec", "errors.md"), re.M), errors)
    functions = [(n, name, kind, int(gas)) for n, name, gas, kind in
                 re.findall(r'^  X\((\d+), (\w+), \d+, (\d+), "([^"]+)"\)', page("src", "abi", "host_table.hpp"), re.M)]
    check(len(functions) > 20, "%d host functions in the source" % len(functions))
    there = re.findall(r"^\| (\d+) \| `(\w+)[^`]*` \| (\([iI]*\)[iIv]) \| ([\d,]+) \|", page("docs", "spec", "host.md"), re.M)
    equal([(n, name, kind, int(gas.replace(",", ""))) for n, name, kind, gas in there], functions)


def test_the_pages_have_every_route_and_price(h):
    """Method, path and kind of proof; what each price is made of."""
    there = {}
    for row in re.findall(r"^\| (`(?:GET|POST|PUT) /.*) \|$", page("docs", "spec", "wire.md"), re.M):
        cells = [cell.strip() for cell in row.split("|")]
        for path in re.findall(r"`(?:GET |POST |PUT )?(/[^`]*)`", cells[0]) if len(cells) == 4 else ():
            there[cells[0][1:].split(" ")[0], re.sub(r"\{[^}]*\}", "{}", path)] = cells[3].split(", ")
    routes = re.findall(r'X\((\w+), "([^"]+)", \w+, (\w+), (\w+), ', page("src", "api", "routes.hpp"))
    check(len(routes) > 25, "%d routes in the source" % len(routes))
    for method, path, kind, _ in routes:
        key = method, re.sub(r"\{[^}]*\}", "{}", path)
        check(kind in there.pop(key, []), "wire.md: %s %s proves %s" % (method, path, kind))
    equal(there, {})
    prices = re.findall(r"^  X\((\w+), ([\d']+), ([\d']+), (\d+), \"", page("src", "api", "cost.hpp"), re.M)
    check(len(prices) > 8, "%d prices in the source" % len(prices))
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\d+) \| ([\d,]+) \| (\d+) \|$", page("docs", "spec", "http.md"), re.M)
    equal([(n, r, b.replace(",", ""), s) for n, r, b, s in rows], [(n, r, b.replace("'", ""), s) for n, r, b, s in prices])
