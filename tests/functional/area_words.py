"""Words: what a shell hands over arrives byte for byte, and what others say reaches a terminal without harm."""
import json
import os
import re
import subprocess

from area_liar import Liar
from area_nodes import Several
from dosrun import BIN, check, equal

# Control characters, marks of direction, what is not seen, C1, tags, bytes that are no UTF-8.
HARM = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
EVIL = "no\n  help: dos pay mallory 100\n        more: dos pay\rerror[DOS-E0001]: x\x1b[2J\u202e\u2066\u200b\u2028\ufeff\x9b\U000e0041"


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # joiners are drawn in it


def harmless(raw, what):
    text = raw.decode("utf-8")  # and it is UTF-8
    check(not HARM.search(text.replace(FAMILY, "")), "%s: %r" % (what, text))
    return text


def names(h, path="/home/me"):
    return [i["name"] for i in h.data("ls", path)["items"]]


def test_brackets_are_part_of_a_name(h):
    h.run("mkdir", "/home/me/words")
    for name in ("a", "[a]", "[a, b]", "x", "[x]", "{}", "'q'", '"q"', "a\\b", "[", "]", "%%", "++", "a=b", "-"):
        h.write("./" + name, b"content of " + name.encode())
        h.run("put", "./" + name, "/home/me/words/")
    for name in names(h, "/home/me/words"):
        equal(h.run("cat", "/home/me/words/" + name).out, b"content of " + name.encode(), "what %r holds" % name)
    h.run("put", "[x]", "/home/me/from-brackets")
    equal(h.run("cat", "/home/me/from-brackets").out, b"content of [x]")
    h.run("rm", "/home/me/words/[a]")
    left = names(h, "/home/me/words")
    check("a" in left and "[a]" not in left, "%r" % left)
    h.run("rm", "/home/me/words/[a, b]", "/home/me/words/[x]")
    h.run("rm", "/home/me/words/[nothing]", code=3)
    h.run("mv", "/home/me/words/x", "/home/me/words/[y]")
    check("[y]" in names(h, "/home/me/words"), "moved")
    equal(h.run("get", "/home/me/words/[y]", "[z]").code, 0)
    check(os.path.exists(h.path("[z]")), "saved as [z]")


def test_brackets_pay_nobody(h):
    before = h.data("balance")["credits"], h.data("balance", "bob")["credits"]
    for words in (["pay", "[bob]", "1"], ["pay", "bob", "[1]"], ["pay", "{bob}", "1"], ["pay", "bob", '"1"'], ["balance", "[bob]"], ["id", "show", "[bob]"]):
        check(h.run(*words, code=None).code in (2, 3), "%r" % words)
    equal((h.data("balance")["credits"], h.data("balance", "bob")["credits"]), before)


def test_a_message_keeps_every_byte(h):
    for text in ("[a, b]", "[]", "{}", '"quoted"', "a\\nb", " blanks ", "a,b;c", "line\nline", "--", "é\u202e日本", "%%x", "[1,[2]]", "-5"):
        h.run("send", "bob", *(["--"] if text.startswith("--") else []), text)
        equal(h.data("inbox", "--as", "bob")["items"][-1]["text"], text)
    h.run("send", "bob", "[a", "b]", "", "c")
    equal(h.data("inbox", "--as", "bob")["items"][-1]["text"], "[a b]  c")
    h.run("send", "--json", "bob", "--", "--as", "[x]")
    equal(h.data("inbox", "--as", "bob")["items"][-1]["text"], "--as [x]")


def test_arrays_of_a_call_arrive_inline(h):
    r = h.run("call", "fs.ring", "~", "2", "[1, 2]", code=2)
    check(b"a JSON object is needed" in r.err, "%r" % r.err)
    r = h.run("call", "id.rotate", "me", "[]", code=2)
    check(b"a JSON object is needed" in r.err, "%r" % r.err)


def test_every_flag_takes_its_value_as_it_is(h):
    for words in (["ls", "--net", "[local]"], ["ls", "--net=[local]"], ["ls", "--as", "[me]"], ["ls", "--as=[me]"], ["ls", "--timeout", "[5s]"],
                  ["net", "status", "[local]"], ["net", "up", "--validators", "[1]"], ["net", "up", "--port", "7400x"]):
        equal(h.run(*words, code=None).code, 2, "%r" % words)
    h.run("ls", "--via", "[v1]", code=3)
    h.run("put", "-", "/home/me/value", stdin=b"v")
    h.run("proof", "/home/me/value", "-o", "--json")  # a value, whatever it looks like
    check(os.path.exists(h.path("--json")), "%r" % os.listdir(h.cwd))
    h.run("proof", "/home/me/value", "--output=[p]")
    check(os.path.exists(h.path("[p]")), "[p]")
    h.run("ls", env=dict(h.env, DOS_AS="[me]"), code=2)
    h.run("ls", env=dict(h.env, DOS_NET="[local]"), code=2)
    h.write("dos.toml", b'network = "nowhere"\n')
    h.run("ls")
    h.write("dos.toml", b'net = "[local]"\n')
    h.run("ls", code=2)
    os.unlink(h.path("dos.toml"))
    for program, words in (("dosd", ["run", "--data", "[x]"]), ("dosd", ["run", "[x]"]), ("dosd", ["check", "--threads", "[1]"])):
        p = subprocess.run([os.path.join(BIN, program), *words], env=h.env, cwd=h.cwd, capture_output=True, timeout=30)
        equal(p.returncode, 2, "%s %r: %r" % (program, words, p.stderr))


def test_new_names_are_seen_and_old_ones_written_out(h):
    for bad in ("a\u202etxt.exe", "a\u2066b", "a\u200bb", "a\u2028b", "\ufeffa", "a\xadb", "a\u0085b"):
        for words in (["put", "-", "/home/me/" + bad], ["mkdir", "/home/me/" + bad], ["mkdir", "-p", "/home/me/%s/x" % bad]):
            r = h.run(*words, stdin=b"x", code=2)
            harmless(r.err, "%r" % words)
    h.run("put", "-", "/home/me/family " + FAMILY, stdin=b"x")
    h.write("tree/a\u202eb", b"x")
    h.run("put", "-r", "tree", "/home/me/tree", code=2)
    check("tree" not in names(h), "nothing is made")
    # Another client made one.
    evil = "evil\u202etxt.exe"
    h.run("call", "fs.mkdir", "~", evil, "55" * 32, "none")
    check(evil in names(h), "as data it is whole")
    for words in (["ls"], ["ls", "-l"], ["ls", "--plain"], ["ls", "--json"], ["ls", "-R"], ["stat", "/home/me/" + evil], ["cat", "/home/me/" + evil]):
        r = h.run(*words, code=None)
        check("\\u202e" in harmless(r.out, "%r" % words) + harmless(r.err, "%r" % words), "%r: %r %r" % (words, r.out, r.err))
    h.run("mv", "/home/me/" + evil, "/home/me/seen")
    h.run("rm", "-r", "/home/me/seen")


def test_a_message_does_no_harm(h):
    h.run("send", "bob", EVIL)
    equal(h.data("inbox", "--as", "bob")["items"][-1]["text"], EVIL)
    for words in (["inbox"], ["inbox", "--plain"], ["inbox", "--json"]):
        harmless(h.run(*words, "--as", "bob").out, "%r" % words)


def error_lines(err):
    return [line.strip() for line in err.splitlines() if re.match(r"\s*(help:|more:|error\[|warning:)", line)]


def test_words_of_a_node_forge_no_line_of_ours(h):
    h.run("put", "-", "/home/me/words-of", stdin=b"x")
    liar = Liar(h.url())
    for code in ("DOS-E0001", "DOS-E0100", "DOS-E0106", "DOS-E0401"):
        document = json.dumps({"code": code, "detail": EVIL + "x" * 5000, "title": EVIL, "hint": EVIL}).encode()
        liar.lie = lambda m, p, s, b, st: (503, "application/problem+json", document) if p.startswith("/v1/") else None
        for words in (["cat", "/home/me/words-of"], ["put", "-", "/home/me/words-of"], ["status"], ["tx", "11" * 32]):
            for several in (False, True):
                if several:
                    with Several(h, [liar.url, liar.url]):
                        r = h.run(*words, "--timeout", "2s", stdin=b"y", code=None)
                else:
                    r = h.run(*words, "--via", liar.url, "--timeout", "2s", stdin=b"y", code=None)
                err = harmless(r.err, "%s %r" % (code, words))
                check(r.code > 0, "%r ends with %d" % (words, r.code))
                lines = [line for line in error_lines(err) if not line.startswith("warning:")]
                equal([line[:5] for line in lines], ["error", "help:", "more:"], "%s %r: lines of ours in %s" % (code, words, err))
                check(len(err) < 4000, "%d bytes of stderr" % len(err))
                check("mallory" not in err or re.search(r'(says|saying): "', err), "as its words: " + err)
            r = h.run(*words, "--via", liar.url, "--timeout", "2s", "--json", stdin=b"y", code=None)
            harmless(r.out, "%s %r as JSON" % (code, words))
    liar.shutdown()


def test_deep_json_of_a_node_ends_no_command(h):
    liar = Liar(h.url())
    for deep in (b"[" * 500000, b"[" * 200000 + b"]" * 200000, b'{"height":' * 90000, b'{"data":' * 90000 + b"1" + b"}" * 90000,
                 b'{"height":' + b"[" * 200000 + b"]" * 200000 + b"}", b'{"version":"' + b"v" * 100000 + b'","height":"' + b"9" * 100000 + b'"}',
                 b'{"height":"\\u001b[2J\\u202e","version":"\\u202e\\n  help: x"}', b"\xff\xfe", b""):
        liar.lie = lambda m, p, s, b, st: (200, "application/json", deep) if p.startswith("/v1/status") else None
        with Several(h, [liar.url, h.url()]):
            for words in (["status"], ["net", "status"]):
                r = h.run(*words, code=0)
                check(len(harmless(r.out, "%r" % words)) < 4000, "%d bytes" % len(r.out))
                node = h.data(*words)["nodes"][0]
                check(len(node["version"]) < 100 and node["height"].isdigit(), "%r" % node)
        document = b'{"code":"DOS-E0401","detail":' + deep
        liar.lie = lambda m, p, s, b, st: (404, "application/problem+json", document)
        check(h.run("ls", "--via", liar.url, code=None).code in (7, 8), "a problem document that is none")
    liar.shutdown()


def test_a_deep_argument_is_refused(h):
    for text in (b"[" * 400000, b"[" * 100000 + b"]" * 100000, b'{"a":' * 100000):
        h.write("deep.json", text)
        r = h.run("call", "id.rotate", "me", "@deep.json", code=2)
        check(b"deeper than 32" in r.err, "%r" % r.err[:300])
    r = h.run("call", "id.rotate", "me", "[" * 30000, code=2)
    check(b"deeper than 32" in r.err, "%r" % r.err[:300])


def test_a_run_folder_that_is_a_link_is_refused(h):
    target, runtime = h.path("of mallory"), h.path("runtime")
    os.makedirs(target, 0o700)
    os.makedirs(runtime, 0o700)
    env = dict(h.env, XDG_RUNTIME_DIR=runtime)
    os.symlink(target, os.path.join(runtime, "dos"))
    other = dict(env, DOS_HOME=h.path("other home"))
    for words in (["net", "up"], ["key", "agent", "--unlock"]):
        r = h.run(*words, env=other if words[0] == "net" else env, code=1)
        check(b"not a folder of yours alone" in r.err, "%r: %r" % (words, r.err))
    equal(os.listdir(target), [], "nothing is made through the link")
    os.unlink(os.path.join(runtime, "dos"))
    os.makedirs(os.path.join(runtime, "dos"))
    os.chmod(os.path.join(runtime, "dos"), 0o755)
    h.run("key", "agent", "--unlock", env=env, code=1)
