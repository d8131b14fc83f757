"""Messages are sealed, final, and taken once."""
import subprocess
from concurrent.futures import ThreadPoolExecutor

from dosrun import check, equal


def test_send_and_inbox(h):
    d = h.data("send", "bob", "hello bob", "--as", "alice")
    equal(d["to"], "bob")
    items = h.data("inbox", "--as", "bob")["items"]
    equal((items[-1]["from"], items[-1]["to"], items[-1]["text"]), ("alice", "bob", "hello bob"))


def test_others_see_no_text(h):
    h.run("send", "bob", "for bob only", "--as", "alice")
    r = h.run("inbox", "--as", "carol", "--json")
    check("for bob only" not in r.text, "carol's inbox has none of it")


def test_unknown_recipient(h):
    h.run("send", "nobody-of-that-name", "hi", code=3)


def test_utf8_and_long(h):
    text = "Grüße 日本 " * 200
    h.run("send", "carol", text)
    equal(h.data("inbox", "--as", "carol")["items"][-1]["text"], text)


def test_many_parallel_sends_of_one_identity(h):
    n = 100

    def one(i):
        return h.run("send", "me", "m%d" % i, "--as", "alice", code=None, timeout=120).code

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(one, range(n)))
    equal([c for c in codes if c != 0], [], "exit codes")
    texts = [i["text"] for i in h.data("inbox", "--as", "me")["items"]]
    equal(sorted(t for t in texts if t.startswith("m")), sorted("m%d" % i for i in range(n)), "each once")
