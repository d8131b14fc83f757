"""The client against several nodes: nodes that are gone, hang or lie are passed over; --via asks one and no other."""
import json
import os
import socket
import threading
import time

from area_liar import Liar, refusal
from dosrun import check, equal


class Several:
    """net.json names several nodes; each is a proxy before the real one, or nothing at all."""

    def __init__(self, home, urls):
        self.home = home
        record, self.base = home.net_record()
        self.real = record
        changed = json.loads(json.dumps(record))
        changed["nodes"] = [dict(record["nodes"][0], name="v%d" % (i + 1), url=u) for i, u in enumerate(urls)]
        self.write(changed)

    def write(self, record):
        path = os.path.join(self.base, "net.json")
        with open(path + ".new", "w") as f:
            json.dump(record, f)
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)

    def __enter__(self):
        return self

    def __exit__(self, *a):
        self.write(self.real)


class Silent:
    """Takes connections and never says a word: a node that hangs."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        self.kept = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        try:
            while True:
                self.kept.append(self.socket.accept()[0])
        except OSError:
            return

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.socket.getsockname()[1]

    def close(self):
        self.socket.close()
        for c in self.kept:
            c.close()


def nothing():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    url = "http://127.0.0.1:%d" % s.getsockname()[1]
    s.close()
    return url


def flip(method, path, status, body, state):
    if body and path.startswith("/v1/state"):
        b = bytearray(body)
        b[len(b) // 2] ^= 1
        return bytes(b)


def flip_all(method, path, status, body, state):
    if body:
        b = bytearray(body)
        b[len(b) // 2] ^= 1
        return bytes(b)


def test_a_node_that_is_gone_costs_nothing(h):
    h.write("f", b"who answers")
    h.run("put", "f", "/home/me/several")
    with Several(h, [nothing(), nothing(), h.url()]):
        tries = [h.run("cat", "/home/me/several") for _ in range(3)]
        r = min(tries, key=lambda t: t.seconds)  # of a machine that is busy, too
        equal({t.out for t in tries}, {b"who answers"})
        check(r.seconds < 1, "a refused connection is no wait: %.1f s" % r.seconds)
        check(b"v1: " in r.err, "and it is said: " + r.err.decode())
        h.run("put", "f", "/home/me/several-too")


def test_via_asks_one_and_no_other(h):
    with Several(h, [nothing(), h.url()]):
        h.run("cat", "/home/me/several", "--via", "v1", code=7)
        equal(h.run("cat", "/home/me/several", "--via", "v2").out, b"who answers")
        h.run("cat", "/home/me/several", "--via", "v9", code=3)
    liar = Liar(h.url())
    liar.lie = flip
    with Several(h, [liar.url, h.url()]):
        h.run("cat", "/home/me/several", "--via", "v1", code=8)
        h.run("cat", "/home/me/several", "--via", liar.url, code=8)
    liar.shutdown()


def test_a_liar_is_passed_over_and_named(h):
    liar = Liar(h.url())
    liar.lie = flip_all
    with Several(h, [liar.url, h.url()]):
        r = h.run("cat", "/home/me/several", "--json")
        check(any(w.startswith("v1: ") for w in r.json()["warnings"]), r.text)
        equal(r.data()["content"], "who answers")
        equal(h.data("ls", "/home/me")["complete"], True)
    check(liar.told > 0, "it was asked")
    liar.shutdown()


def test_a_node_that_hangs_is_left(h):
    silent = Silent()
    with Several(h, [silent.url, h.url()]):
        start = time.monotonic()
        equal(h.run("cat", "/home/me/several").out, b"who answers")
        check(time.monotonic() - start < 10, "took %.1f s" % (time.monotonic() - start))
        h.run("cat", "/home/me/several", "--via", "v1", "--timeout", "1s", code=7)
    silent.close()


def test_all_gone_is_seven(h):
    with Several(h, [nothing(), nothing(), nothing()]):
        r = h.run("cat", "/home/me/several", "--json", code=7)
        check("dos net up" in r.text, r.text)


def test_a_write_goes_to_the_next_node_once(h):
    before = len(h.data("inbox", "--as", "carol")["items"])
    liar = Liar(h.url())
    # It takes the transaction, and its answer never comes: the client cannot know whether it counted.
    liar.lie = lambda m, p, s, b, st: (503, "application/problem+json", b"{}") if p.startswith("/v1/transactions") else None
    with Several(h, [liar.url, h.url()]):
        h.run("send", "carol", "only once")
    check(liar.told > 0, "the first node was asked")
    items = h.data("inbox", "--as", "carol")["items"]
    equal(len(items), before + 1)
    equal(items[-1]["text"], "only once")
    liar.shutdown()


def test_a_lying_refusal_is_settled_by_the_next_node(h):
    liar = Liar(h.url())
    before = len(h.data("inbox", "--as", "carol")["items"])
    n = 0
    for code in (400, 403, 500, 801, 803, 804):
        liar.lie, liar.state = refusal(code, "no"), {}
        with Several(h, [liar.url, h.url()]):
            r = h.run("send", "carol", "refused, they say", "--json")
        n += 1
        check(any(w.startswith("v1: refused tx:") for w in r.json()["warnings"]), r.text)
    equal(len(h.data("inbox", "--as", "carol")["items"]), before + n)
    # What one does not know another shows, and "not known" is told as words.
    tx = r.data()["tx"]
    liar.lie = lambda m, p, s, b, st: (404, "application/problem+json", b'{"code":"DOS-E0401","detail":"no"}') if p.startswith("/v1/trans") else None
    with Several(h, [liar.url, h.url()]):
        equal(h.data("tx", tx)["status"], "ok")
        r = h.run("tx", "tx:" + "00" * 32, code=3)
        check(b"no proof" in r.err, r.err.decode())
    liar.shutdown()


def test_a_claimed_height_is_no_height(h):
    liar = Liar(h.url())
    most = str(2**64 - 1)

    def lie(method, path, status, body, state):
        if path.startswith("/v1/status"):
            return 200, "application/json", ('{"data":{"height":"%s","version":"9"}}' % most).encode()
        if path.startswith("/v1/tip"):
            return 503, "application/problem+json", ('{"code":"DOS-E0103","detail":"at block %s"}' % most).encode()
    liar.lie = lie
    with Several(h, [liar.url, h.url()]):
        for words in (["status"], ["net", "status"]):
            r = h.run(*words, "--json")
            one, two = r.data()["nodes"][:2]
            equal((one["height"], one["verified"], two["verified"]), ("0", False, True))
            check(int(two["height"]) > 0, r.text)
            check("#" + most not in h.run(*words).text, words)
        h.run("ls", "/")
        h.run("ls", "/", "--via", "v1", "--timeout", "2s", code=7)
    liar.shutdown()


def test_an_upload_goes_on_at_another_node(h):
    content = os.urandom(3 << 20)
    h.write("big", content)
    liar = Liar(h.url())
    seen = []

    def dies(method, path):
        if method == "PUT":
            seen.append(path)
        return len(seen) > 5

    liar.withhold = dies
    with Several(h, [liar.url, h.url()]):
        d = h.data("put", "big", "/home/me/big-two")
        equal(d["stored"]["got"], 1)
    equal(len(seen), 6)
    h.run("get", "/home/me/big-two", "back")
    with open(h.path("back"), "rb") as f:
        equal(f.read(), content)
    liar.shutdown()


def test_a_download_goes_on_at_another_node(h):
    liar = Liar(h.url())

    def damaged(method, path, status, body, state):
        if path.startswith("/v1/blobs/") and path.count("/") == 4 and path.endswith("/7"):
            return flip_all(method, path, status, body, state)

    liar.lie = damaged
    with Several(h, [liar.url, h.url()]):
        h.run("get", "/home/me/big-two", "back2")
    equal(liar.told, 1)
    with open(h.path("back"), "rb") as a, open(h.path("back2"), "rb") as b:
        equal(a.read(), b.read())
    liar.shutdown()


def test_status_shows_every_node(h):
    gone = nothing()
    with Several(h, [h.url(), gone]):
        nodes = h.data("status")["nodes"]
        equal([n["alive"] for n in nodes], [True, False])
        equal(h.data("status")["url"], nodes[0]["url"])
