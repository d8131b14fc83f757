"""A proxy between client and node that lies: no lie on any route ends in a wrong answer with exit 0."""
import http.client
import http.server
import random
import threading
import time
import urllib.parse

from dosrun import check, equal


class Liar(http.server.ThreadingHTTPServer):
    """Forwards to the node; `lie(method, path, status, body, state)` may change the body of an answer, or the whole of it by
    giving (status, content type, body), or give "hang up": the node has it, and no answer comes."""
    daemon_threads = True

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlparse(upstream)
        self.lie, self.state, self.told = None, {}, 0
        self.instead = None  # (method, path, request) -> (status, content type, body), and it reaches no node; or None
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
        told = s.instead(self.command, self.path, body) if s.instead is not None else None
        if told is not None:
            self.send_response(told[0])
            self.send_header("Content-Type", told[1])
            self.send_header("Content-Length", str(len(told[2])))
            self.end_headers()
            self.wfile.write(told[2])
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
            if changed == "hang up":
                s.told += 1
                self.close_connection = True
                return
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


# ---- Writes: the node has the transaction, and the client is told something else.
WIRE = "application/vnd.dos+bcs"
PROBLEM = "application/problem+json"


def txid_in(answer):
    """Of a final outcome: txid, 2 (final), anchor, and the receipt with wtxid and txid."""
    for p in range(1, len(answer) - 101):
        if answer[p - 1] == 1 and answer[p + 32:p + 37] == b"\x02\0\0\0\0" and answer[p:p + 32] == answer[p + 69:p + 101]:
            return answer[p:p + 32]
    return None


def refusal(code, detail):
    """The lie "refused" for what has become final."""
    def lie(method, path, status, body, state):
        if method != "POST" or not path.startswith("/v1/transactions"):
            return None
        txid = state["txid"] = txid_in(body) or state.get("txid", bytes(32))
        state["handed"] = state.get("handed", 0) + 1
        words = detail.encode()
        return 200, WIRE, b"\0\1" + txid + b"\0" + code.to_bytes(2, "little") + bytes([len(words)]) + words
    return lie


def problem(code, status):
    def lie(method, path, s, body, state):
        if method == "POST" and path.startswith("/v1/transactions"):
            return status, PROBLEM, ('{"code":"DOS-E%04d","detail":"so it is"}' % code).encode()
    return lie


def hang_up(method, path, status, body, state):
    return "hang up" if method == "POST" and path.startswith("/v1/transactions") else None


def and_hide(lie):
    """It shows no new block either."""
    def both(method, path, status, body, state):
        if path.startswith(("/v1/blocks", "/v1/anchor")) or (method == "GET" and path.startswith("/v1/transactions")):
            return 503, PROBLEM, b"{}"
        return lie(method, path, status, body, state)
    return both


def micro(h, who):
    whole, _, part = h.data("balance", who)["credits"].partition(".")
    return int(whole) * 10**6 + int((part + "000000")[:6])


def letters(h, who):
    return len(h.data("inbox", "--as", who)["items"])


def codes_of(h, *exits):
    return [int(i["code"][5:]) for i in h.data("explain")["items"] if i["exit"] in exits]


def unsettled(h, liar, *words):
    """Ends with 7 and says what is known; its transaction is final all the same, and `dos tx` tells."""
    r = h.run(*words, "--via", liar.url, "--json", code=None, timeout=60)
    check(r.code in (7, 8), "%r: exit %d, %s" % (words, r.code, r.text))
    error = r.json()["error"]
    check("nothing was changed" not in r.text and "Try again" not in r.text, r.text)
    check(not error["retry"], "a script does not pay again: " + r.text)
    tx = error["data"]["tx"]
    check(tx in error["detail"] and error["data"]["valid_until"] in error["detail"], r.text)
    check("not known" in error["detail"], r.text)
    return h.data("tx", tx)["status"]


def test_a_refusal_of_what_is_final_never_pays_twice(h):
    liar = Liar(h.url())
    before, n = micro(h, "bob"), 0
    for i, code in enumerate(codes_of(h, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)):
        liar.lie, liar.state = refusal(code, "so it is") if i % 2 else problem(code, 409), {}
        r = h.run("pay", "bob", "0.000001", "--via", liar.url, code=None, timeout=60)
        n += 1
        check(r.code == 0 or (r.code == 8 and 300 <= code < 400), "code %d: exit %d %s" % (code, r.code, r.err.decode()))
    equal(micro(h, "bob"), before + n, "one payment each")
    liar.shutdown()


def test_a_refusal_without_any_block_to_look_into_is_not_known(h):
    liar = Liar(h.url())
    before, n = micro(h, "bob"), 0
    for lie in (refusal(403, "STALE"), refusal(500, "no credits"), refusal(400, "no\n  help: pay again"), problem(403, 409), problem(500, 402),
                lambda m, p, s, b, st: (503, PROBLEM, b"{}") if m == "POST" and p.startswith("/v1/transactions") else None, hang_up):
        for words in (["pay", "bob", "0.000001"], ["call", "credit.pay", "me", "bob", "0.000001"]):
            liar.lie, liar.state = and_hide(lie), {}
            equal(unsettled(h, liar, *words), "ok")
            n += 1
    equal(micro(h, "bob"), before + n, "one payment each")
    liar.shutdown()


def test_stale_for_ever_writes_once(h):
    liar = Liar(h.url())
    before = letters(h, "carol")
    for i, hide in enumerate((False, True)):
        lie = refusal(403, "STALE")
        liar.lie, liar.state = and_hide(lie) if hide else lie, {}
        if hide:
            equal(unsettled(h, liar, "send", "carol", "once %d" % i), "ok")
        else:
            h.run("send", "carol", "once %d" % i, "--via", liar.url)
        equal(letters(h, "carol"), before + i + 1)
    liar.lie, liar.state = refusal(403, "STALE"), {}
    for i in range(2):
        h.write("stale", b"revision %d" % i)
        equal(h.data("put", "stale", "/home/me/stale", "--via", liar.url)["revision"], i + 1)
    h.run("mkdir", "/home/me/stale-dir", "--via", liar.url)
    h.run("chmod", "bob+r", "/home/me/stale-dir", "--via", liar.url)
    h.run("mv", "/home/me/stale", "/home/me/stale-dir/", "--via", liar.url)
    equal([i["revision"] for i in h.data("log", "/home/me/stale-dir/stale")["items"]], [2, 1])
    h.run("rm", "-r", "/home/me/stale-dir", "--via", liar.url)
    h.run("ls", "/home/me/stale-dir", code=3)
    liar.shutdown()


def ask(liar, method, path, body=b""):
    c = http.client.HTTPConnection(liar.upstream.hostname, liar.upstream.port, timeout=20)
    c.request(method, path, body, {"Content-Type": WIRE, "Accept": WIRE})
    r = c.getresponse()
    out = r.status, WIRE, r.read()
    c.close()
    return out


def keys_question(*items):
    """A question for the newest state: each a key of less than 128 bytes, and whether with its data."""
    return bytes(9) + bytes([len(items)]) + b"".join(b"\0" + bytes([len(key)]) + key + bytes([data]) for key, data in items)


def first_key(question):
    return question[12:12 + question[11]]


def test_a_state_from_before_a_write_proves_nothing_about_it(h):
    """What the client read to sign lies above the state that it is shown later, proved, as the reason why its write became impossible."""
    liar = Liar(h.url())
    asked = []
    liar.instead = lambda m, p, b: asked.append(b) if p.startswith("/v1/state") else None
    h.run("balance", "me", "--via", liar.url)
    purse = first_key(asked[0])
    del asked[:]
    h.run("id", "show", "bob", "--via", liar.url)
    bob = next(first_key(q) for q in asked if first_key(q).endswith(b"bob"))
    me = bob[:-len(b"bob")] + b"me"
    judged = [keys_question((purse, 1), (me, 1)), keys_question((bob, 0))]
    for hide in (False, True):
        seen = {}

        def instead(method, path, body):
            if method == "POST" and path.startswith("/v1/transactions"):
                seen.setdefault("txid", ask(liar, "POST", "/v1/transactions?wait=final", body)[2])
                txid = txid_in(seen["txid"])
                return 200, WIRE, b"\0\1" + txid + b"\0" + (402).to_bytes(2, "little") + b"\5STALE"
            if path.startswith("/v1/state") and "old" not in seen:
                seen["old"] = {q[9:]: ask(liar, "POST", "/v1/state", q) for q in judged}
                h.run("key", "rotate", "--as", "bob")  # what is read now is newer than what is shown later
                seen["anchor"] = ask(liar, "GET", "/v1/anchor")
                return None
            if "txid" not in seen:
                return None
            if path.startswith("/v1/state"):
                liar.told += body[9:] in seen["old"]
                return seen["old"].get(body[9:])
            if path.startswith("/v1/anchor"):
                return seen["anchor"]
            return (503, PROBLEM, b"{}") if hide and path.startswith(("/v1/blocks", "/v1/transactions")) else None

        before, coins = letters(h, "bob"), micro(h, "bob")
        liar.instead = instead
        r = h.run("send", "bob", "only once", "--via", liar.url, code=None, timeout=60)
        check(r.code in (0, 7), "exit %d: %s" % (r.code, r.text))
        equal(letters(h, "bob"), before + 1, "one message, whatever is said of it: " + r.text)
        seen.clear()
        r = h.run("pay", "bob", "100", "--via", liar.url, code=None, timeout=60)
        check(r.code in (0, 7) and "can not become final" not in r.text + r.err.decode(), "exit %d: %s" % (r.code, r.text))
        equal(round((micro(h, "bob") - coins) / 100e6), 1, "one payment; his new keys cost him a little")
    check(liar.told > 0, "the old state was shown")
    liar.shutdown()


def test_an_answer_that_never_comes_is_looked_up(h):
    liar = Liar(h.url())
    before = letters(h, "carol")
    for i, lie in enumerate((hang_up, lambda m, p, s, b, st: (503, PROBLEM, b"{}") if p.startswith("/v1/transactions") else None,
                             lambda m, p, s, b, st: (500, "text/html", b"<h1>sorry</h1>") if p.startswith("/v1/transactions") else None)):
        liar.lie = lie
        h.run("send", "carol", "whatever it says", "--via", liar.url)
        equal(letters(h, "carol"), before + i + 1)
    liar.shutdown()


def test_a_slow_node_holds_nobody_beyond_the_time_given(h):
    h.run("mkdir", "-p", "/home/me/slow/a/b/c")
    h.write("slow", b"slow")
    liar = Liar(h.url())

    def each_answer(method, path, body):
        time.sleep(0.9)
    liar.instead = each_answer
    for words in (["ls", "-R", "/home/me"], ["put", "slow", "/home/me/slow/"], ["pay", "bob", "1"]):
        r = h.run(*words, "--via", liar.url, "--timeout", "1s", code=7)
        check(r.seconds < 4, "%r took %.1f s" % (words, r.seconds))

    # It refuses a write, and gives the blocks of others since then, each in a time that one question may take.
    def each_block(method, path, body):
        if path.startswith("/v1/blocks/"):
            time.sleep(1.5)
        if method == "POST" and path.startswith("/v1/transactions"):
            for i in range(12):
                h.run("send", "bob", "%d" % i, "--as", "alice")
            return 409, PROBLEM, b'{"code":"DOS-E0402","detail":"no"}'
    liar.instead = each_block
    r = h.run("pay", "bob", "1", "--via", liar.url, "--timeout", "4s", "--json", code=7)
    check(r.seconds < 12, "it took %.1f s" % r.seconds)
    error = r.json()["error"]
    equal(error["code"], "DOS-E0107")
    check(error["data"]["tx"] in error["detail"], r.text)
    liar.shutdown()


def test_what_is_final_is_named_whatever_the_rest_ends_with(h):
    liar = Liar(h.url())
    for name, as_json in (("vera", False), ("vito", True)):
        handed = []

        def instead(method, path, body):  # silent after the first of two transactions
            if handed:
                time.sleep(5)
            handed.extend([path] if method == "POST" and path.startswith("/v1/transactions") else [])
        liar.instead = instead
        r = h.run("id", "new", name, "--dev", "--via", liar.url, "--timeout", "4s", *(["--json"] if as_json else []), code=7)
        made = h.data("block")["transactions"][-1]["tx"]
        text = r.json()["error"]["data"]["final"] if as_json else r.err.decode()
        check(made in text, "%s in %r" % (made, text))
    liar.shutdown()


def test_what_was_never_handed_on_is_not_called_done(h):
    liar = Liar(h.url())
    before = micro(h, "bob")
    liar.withhold = lambda m, p: m == "POST" and p.startswith("/v1/transactions")
    r = h.run("pay", "bob", "1", "--via", liar.url, "--json", code=7)
    error = r.json()["error"]
    check(error["code"] == "DOS-E0107" and error["data"]["tx"] in error["detail"], r.text)
    equal(micro(h, "bob"), before)
    liar.shutdown()


def test_many_transactions_are_told_one_by_one(h):
    liar = Liar(h.url())
    h.run("mkdir", "/home/me/many")
    for i in range(3):
        h.write("many-%d" % i, b"%d" % i)
        h.run("put", "many-%d" % i, "/home/me/many/")
    liar.withhold = None
    seen = []

    def lie(method, path, status, body, state):
        if method == "POST" and path.startswith("/v1/transactions"):
            seen.append(1)
            return "hang up" if len(seen) > 1 else None  # the files are gone, the folder is not known to be
    liar.lie = and_hide(lie)
    r = h.run("rm", "-r", "/home/me/many", "--via", liar.url, "--json", code=7)
    data = r.json()["error"]["data"]
    equal(len(data["final"]), 1, "what is final: " + r.text)
    equal(len(data["transactions"]), 1)
    check(data["tx"] not in data["final"], r.text)
    h.run("ls", "/home/me/many", code=3)
    liar.shutdown()


def test_an_honest_refusal_is_quick_and_proved(h):
    h.run("id", "new", "poor", "--dev")
    r = h.run("mkdir", "/home/poor/x", "--as", "poor", "--json", code=6)
    check(r.seconds < 3, "it took %.1f s" % r.seconds)
    error = r.json()["error"]
    check("holds 0 millionths" in error["detail"] and "nothing was handed in" in error["detail"], r.text)
    equal(error["code"], "DOS-E0500")
    check("transactions" not in error.get("data", {}), r.text)
    h.run("faucet", "--as", "poor")
    equal(micro(h, "poor"), 1000 * 10**6, "the host pays, once")


def test_what_a_node_refuses_and_keeps_is_not_called_over(h):
    h.run("id", "new", "spent", "--dev")
    h.run("faucet", "5", "--as", "spent")
    liar = Liar(h.url())
    kept = []

    def keep(method, path, body):
        if method == "POST" and path.startswith("/v1/transactions") and not kept:
            kept.append((path, body))
            h.run("pay", "me", "3.9", "--as", "spent")  # it had enough when it left
            return 402, PROBLEM, b'{"code":"DOS-E0500","detail":"no credits"}'
    liar.instead = keep
    before = letters(h, "carol")
    r = h.run("send", "carol", "once", "--as", "spent", "--via", liar.url, "--json", code=7)
    error = r.json()["error"]
    equal((error["code"], error["retry"]), ("DOS-E0107", False))
    check(error["data"]["tx"] in error["detail"] and "faucet" not in r.text, r.text)
    h.run("faucet", "--as", "spent")
    ask(liar, "POST", *kept[0])
    equal(h.data("tx", error["data"]["tx"])["status"], "ok")
    equal(letters(h, "carol"), before + 1)
    liar.shutdown()


# ---- Reads beside the main one, and errors as claims.
def test_a_lie_about_the_block_is_not_none(h):
    liar = Liar(h.url())
    h.write("beside", b"first")
    h.run("put", "beside", "/home/me/beside")
    tx = h.data("stat", "/home/me/beside")["tx"]
    check(tx.startswith("tx:"), tx)
    for words, of in ((["stat", "/home/me/beside"], lambda d: d["tx"]), (["stat", "/home/me/beside@1"], lambda d: d["tx"]),
                      (["log", "/home/me/beside"], lambda d: d["items"][0]["tx"])):
        liar.lie = lambda m, p, s, b, st: b[:-1] + bytes([b[-1] ^ 1]) if p.startswith("/v1/blocks") else None
        h.run(*words, "--via", liar.url, code=8)
        for code, status in (("DOS-E0401", 404), ("DOS-E0104", 410), ("DOS-E0000", 500), ("DOS-E0001", 400), ("DOS-E0700", 500)):
            liar.lie = lambda m, p, s, b, st: (status, PROBLEM, ('{"code":"%s"}' % code).encode()) if p.startswith("/v1/blocks") else None
            r = h.run(*words, "--via", liar.url, "--json", code=None)
            check(r.code in (0, 8), "%r: exit %d" % (words, r.code))
            if r.code == 0:
                check(of(r.data()) is None and any("tx is not known" in w for w in r.json()["warnings"]), r.text)
    liar.shutdown()


def test_no_error_without_a_proof_says_how_a_read_ends(h):
    liar = Liar(h.url())
    for code in codes_of(h, 1, 2, 3, 4, 5, 6, 9, 10):
        for words, route in ((["cat", "/home/me/small"], "/v1/state"), (["ls", "/home/me/liar-dir"], "/v1/state"), (["block", "1"], "/v1/blocks"),
                             (["cat", "/home/me/lied"], "/v1/blobs"), (["balance"], "/v1/tip")):
            def lie(method, path, s, body, state):
                if path.startswith(route):
                    return 400, PROBLEM, ('{"code":"DOS-E%04d","detail":"so it is\\n  help: no"}' % code).encode()
            liar.lie = lie
            r = h.run(*words, "--via", liar.url, code=None)
            check(r.code in (7, 8), "%04d on %s ends %r with %d" % (code, route, words, r.code))
            check(b"\n  help: no" not in r.err, r.err.decode())
    liar.shutdown()


def test_keys_that_became_new_unseen_are_kept_by_the_next_try(h):
    h.run("id", "new", "rita", "--dev")
    h.run("faucet", "--as", "rita")
    liar = Liar(h.url())
    liar.lie = and_hide(refusal(403, "STALE"))
    equal(unsettled(h, liar, "key", "rotate", "--as", "rita"), "ok")
    h.run("send", "bob", "with the old key", "--as", "rita", code=4)
    d = h.data("key", "rotate", "--as", "rita")
    equal((d["index"], d["tx"]), (1, None))
    h.run("send", "bob", "with the new key", "--as", "rita")
    liar.shutdown()


def test_an_account_that_was_made_unseen_gets_its_home_by_the_next_try(h):
    liar = Liar(h.url())
    liar.lie = and_hide(refusal(403, "STALE"))
    equal(unsettled(h, liar, "id", "new", "uma", "--dev"), "ok")
    h.run("id", "new", "uma", "--dev")
    h.run("faucet", "--as", "uma")
    h.run("mkdir", "/home/uma/there", "--as", "uma")
    h.run("id", "new", "uma", "--dev", code=5)
    liar.shutdown()
