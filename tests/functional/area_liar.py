"""A proxy between client and node that lies: no lie on any route ends in a wrong answer with exit 0."""
import http.client
import http.server
import random
import threading
import urllib.parse

from dosrun import check, equal


class Liar(http.server.ThreadingHTTPServer):
    """Forwards to the node; `lie(method, path, status, body, state)` may change the body of an answer, or the whole of it by
    giving (status, content type, body)."""
    daemon_threads = True

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlparse(upstream)
        self.lie, self.state, self.told = None, {}, 0
        self.withhold = None  # (method, path) -> True: never reaches the node; answered with 503
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        s = self.server
        if s.withhold is not None and s.withhold(self.command, self.path):
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        c = http.client.HTTPConnection(s.upstream.hostname, s.upstream.port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
        c.request(self.command, self.path, body, headers)
        r = c.getresponse()
        data, status = r.read(), r.status
        c.close()
        kind = None
        if s.lie is not None:
            changed = s.lie(self.command, self.path, status, data, s.state)
            if isinstance(changed, tuple):
                s.told += 1
                status, kind, data = changed
            elif changed is not None and changed != data:
                s.told += 1
                data = changed
        self.send_response(status)
        if kind is not None:
            self.send_header("Content-Type", kind)
        for k, v in r.getheaders():
            if kind is not None and k.lower() == "content-type":
                continue
            if k.lower() not in ("content-length", "connection", "transfer-encoding", "etag", "date", "server"):
                self.send_header(k, v)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_HEAD = forward


def prepare(h):
    h.write("lied", b"the true content " * 4000)
    h.run("put", "lied", "/home/me/lied")
    h.write("small", b"true and small")
    h.run("put", "small", "/home/me/small")
    h.run("mkdir", "-p", "/home/me/liar-dir")
    for i in range(4):
        h.write("f", b"%d" % i)
        h.run("put", "f", "/home/me/liar-dir/f%d" % i)
    h.run("send", "me", "a true message")


READS = [
    (["cat", "/home/me/lied"], "/v1/state"), (["cat", "/home/me/lied"], "/v1/blobs"), (["cat", "/home/me/small"], "/v1/state"),
    (["ls", "/home/me/liar-dir"], "/v1/state"), (["stat", "/home/me/small"], "/v1/state"),
    (["log", "/home/me/small"], "/v1/state"), (["cat", "/home/me/never"], "/v1/state"),
    (["inbox"], "/v1/state"), (["balance"], "/v1/state"), (["id", "show", "alice"], "/v1/state"),
    (["cat", "/home/me/small"], "/v1/tip"), (["block", "1"], "/v1/blocks"),
]


def honest_answer(h, words):
    if words == ["inbox"]:
        h.run(*words)  # the first look marks messages as read
    r = h.run(*words, code=None)
    return r.code, r.out


def refused(h, liar, words, want, what):
    r = h.run(*words, "--via", liar.url, code=None, timeout=60)
    ok = r.code in (7, 8) or (r.code, r.out) == want
    check(ok, "%s of %r: exit %d, %r (honest: %r)" % (what, words, r.code, r.out[:200], want))
    return r.code


def test_honest_proxy_is_believed(h):
    prepare(h)
    liar = Liar(h.url())
    for words, _ in READS:
        want = honest_answer(h, words)
        r = h.run(*words, "--via", liar.url, code=None)
        equal((r.code, r.out), want, "through an honest proxy: %r" % words)
    liar.shutdown()


def test_absence_and_refusal_need_a_proof(h):
    liar = Liar(h.url())
    for code, status in (("DOS-E0401", 404), ("DOS-E0400", 403), ("DOS-E0405", 403), ("DOS-E0402", 409), ("DOS-E0600", 422), ("DOS-E0000", 404)):
        for words, route in READS:
            def lie(method, path, s, body, state):
                if path.startswith(route):
                    return status, "application/problem+json", ('{"code":"%s","detail":"so it is"}' % code).encode()
            liar.lie = lie
            r = h.run(*words, "--via", liar.url, code=None)
            check(r.code in (7, 8), "%s on %s ends %r with %d" % (code, route, words, r.code))
    liar.shutdown()


def test_flipped_bytes(h):
    liar = Liar(h.url())
    rng = random.Random(7)
    for words, route in READS:
        want = honest_answer(h, words)
        codes = []
        for _ in range(12):
            def lie(method, path, status, body, state):
                if path.startswith(route) and body:
                    b = bytearray(body)
                    b[rng.randrange(len(b))] ^= 1 << rng.randrange(8)
                    return bytes(b)
            liar.lie, liar.told = lie, 0
            code = refused(h, liar, words, want, "flipped byte on " + route)
            check(liar.told > 0, "%r used %s" % (words, route))
            codes.append(code)
        check(codes.count(8) >= 10, "a flipped byte on %s ends %r with 8: %r" % (route, words, codes))
    liar.shutdown()


def test_truncated_and_empty(h):
    liar = Liar(h.url())
    for words, route in READS:
        want = honest_answer(h, words)
        for keep in (0.0, 0.5, 0.99):
            liar.lie = lambda m, p, s, b, st: b[:int(len(b) * keep)] if p.startswith(route) else None
            equal(refused(h, liar, words, want, "truncation"), 8, "truncated %s for %r" % (route, words))
    liar.shutdown()


def test_answers_swapped_between_questions(h):
    liar = Liar(h.url())
    kept = {}

    def keep(method, path, status, body, state):
        kept.setdefault(path.split("?")[0], []).append(body)

    liar.lie = keep
    for words, _ in READS:
        h.run(*words, "--via", liar.url, code=None)
    for words, route in READS:
        want = honest_answer(h, words)
        others = [b for p, bs in kept.items() if p.startswith(route) for b in bs]
        for other in others[:8]:
            liar.lie = lambda m, p, s, b, st, o=other: o if p.startswith(route) else None
            refused(h, liar, words, want, "another question's answer")
    liar.shutdown()


def test_aged_answers(h):
    liar = Liar(h.url())
    old = {}

    def record(method, path, status, body, state):
        old.setdefault((method, path.split("?")[0]), body)

    liar.lie = record
    h.run("cat", "/home/me/small", "--via", liar.url)
    h.write("small", b"newer truth")
    h.run("put", "small", "/home/me/small")
    liar.lie = lambda m, p, s, b, st: old.get((m, p.split("?")[0]))
    r = h.run("cat", "/home/me/small", "--via", liar.url, code=None)
    check(r.code in (7, 8), "the old content is not shown as current: %d %r" % (r.code, r.out))
    liar.shutdown()


def test_a_lagging_node_is_not_believed_with_stale_ok(h):
    liar = Liar(h.url())
    old = {}
    liar.lie = lambda m, p, s, b, st: old.setdefault((m, p.split("?")[0]), b) and None
    h.run("cat", "/home/me/small", "--via", liar.url, "--stale-ok")
    h.write("small", b"newest truth")
    h.run("put", "small", "/home/me/small")
    liar.lie = lambda m, p, s, b, st: old.get((m, p.split("?")[0]))
    h.run("cat", "/home/me/small", "--via", liar.url, "--stale-ok", code=7)
    liar.shutdown()


def test_dropped_writes_are_not_called_final(h):
    liar = Liar(h.url())
    h.write("w", b"w")

    def lie(method, path, status, body, state):
        if path.startswith("/v1/transactions") and body:
            b = bytearray(body)
            b[len(b) // 2] ^= 4
            return bytes(b)

    liar.lie = lie
    r = h.run("put", "w", "/home/me/liar-w", "--via", liar.url, code=None)
    equal(r.code, 8, "a forged receipt")
    liar.shutdown()
