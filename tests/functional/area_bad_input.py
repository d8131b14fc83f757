"""Wrong input from people and from the network: a sentence that says what to do, the right exit code, nothing lost."""
import http.client
import json
import os
import random
import socket
import struct
import time
import urllib.parse

from dosrun import check, equal


def connection(h):
    u = urllib.parse.urlparse(h.url())
    return http.client.HTTPConnection(u.hostname, u.port, timeout=20)


def ask(h, method, path, body=None, headers=None):
    c = connection(h)
    c.request(method, path, body, headers or {})
    r = c.getresponse()
    data = r.read()
    c.close()
    return r.status, dict((k.lower(), v) for k, v in r.getheaders()), data


def test_unknown_command_and_flag(h):
    r = h.run("pit", "x", code=2)
    check(b"put" in r.err + r.out, "suggests put")
    h.run("put", "--no-such-flag", "x", code=2)
    h.run("ls", "--timeout", "soon", "/", code=2)
    h.run("put", code=2)


def test_wrong_identity_and_path(h):
    h.run("ls", "/", "--as", "../../etc", code=None)
    h.run("put", "-", "/home/me/" + "x" * 256, stdin=b"x", code=2)
    h.run("put", "-", "/home/me/bad\x01name", stdin=b"x", code=2)
    h.run("mkdir", "/home/me/" + "/".join("d" * 70), code=None)
    h.run("cat", "/home/me@x@y", code=None)
    h.run("pay", "bob", "-5", code=2)
    h.run("pay", "bob", "lots", code=2)


def test_problem_documents(h):
    for method, path, want in (("GET", "/v1/nowhere", 404), ("DELETE", "/v1/status", 405), ("POST", "/v1/state", 400),
                               ("GET", "/v1/blocks/xyz", 400), ("GET", "/v1/objects/zz", 400),
                               ("GET", "/v1/transactions/12", 400)):
        post = method == "POST"
        status, headers, body = ask(h, method, path, b"\xff\xff" if post else None,
                                    {"Content-Type": "application/vnd.dos+bcs"} if post else None)
        equal(status, want, "%s %s" % (method, path))
        check(headers.get("content-type", "").startswith("application/problem+json"), "%s: %r" % (path, headers))
        d = json.loads(body)
        for field in ("type", "title", "status", "code", "hint"):
            check(field in d, "%s has no %s" % (path, field))


def uleb(n):
    out = bytearray()
    while True:
        out.append((n & 127) | (128 if n > 127 else 0))
        n >>= 7
        if n == 0:
            return bytes(out)


WIRE = {"Content-Type": "application/vnd.dos+bcs"}


def test_announced_uploads_take_no_room(h):
    size = 1 << 30
    for i in range(8):
        manifest = struct.pack("<Q", size) + uleb(size >> 18) + bytes([i]) * 32 * (size >> 18)
        status, _, body = ask(h, "POST", "/v1/blobs", manifest, WIRE)
        equal(status, 200, body[:200])
    held = int(json.loads(ask(h, "GET", "/v1/status")[2])["unclaimed_bytes"])
    check(held < 4 << 20, "what was only announced takes %d bytes" % held)
    content = os.urandom(1 << 20)
    h.run("put", "-", "/home/me/after-announcements", stdin=content)
    equal(h.run("cat", "/home/me/after-announcements").out, content)


def test_a_transaction_twice_in_one_request(h):
    status, _, body = ask(h, "POST", "/v1/transactions", uleb(2) + 2 * (uleb(5) + b"twice"), WIRE)
    equal(status, 400, body[:200])
    check("twice" in json.loads(body)["detail"], body[:200])
    status, _, body = ask(h, "POST", "/v1/transactions", uleb(7_000_000) + bytes(7_000_000), WIRE)
    equal(status, 413, body[:200])


def test_a_value_that_a_parameter_may_not_have_is_refused(h):
    """A slip in a question is told: it is not answered as another one."""
    for target, want in (("/v1/files/home?list=maybe", 400), ("/v1/files/home?list=1&list=0", 400), ("/v1/files/home?list=1&limit=0", 413),
                         ("/v1/files/home?list=1&limit=1001", 413), ("/v1/files/home?list=1&limit=1e3", 400), ("/v1/params?at=1&at=2", 400),
                         ("/v1/files/home?list=1&after=a%2Fb", 400), ("/v1/files/home?list=1&after=" + "a" * 256, 400), ("/v1/params?proof=2", 400)):
        status, _, body = ask(h, "GET", target)
        equal((status, json.loads(body).get("code")), (want, "DOS-E0001" if want == 400 else "DOS-E0501"), target)
    for query, want in (("wait=true", 400), ("wait=final&wait=final", 400), ("timeout_ms=120001", 413), ("timeout_ms=-1", 400)):
        status, _, body = ask(h, "POST", "/v1/transactions?" + query, b"\1\1x", {"Content-Type": "application/vnd.dos+bcs"})
        equal((status, json.loads(body).get("code")), (want, "DOS-E0001" if want == 400 else "DOS-E0501"), query)
    for target in ("/v1/files/home?list", "/v1/files/home?list=true&limit=1000&other=1&other=2"):
        status, _, body = ask(h, "GET", target)
        equal((status, len(json.loads(body).get("items", [])) >= 4), (200, True), target)


def test_routes_for_people(h):
    for path in ("/", "/healthz", "/livez", "/readyz", "/metrics", "/v1", "/v1/openapi.json", "/v1/status", "/v1/genesis", "/v1/anchor",
                 "/v1/files/home", "/v1/identities/alice", "/v1/accounts/alice", "/v1/messages/bob", "/v1/params", "/v1/modules",
                 "/v1/blocks/1", "/v1/blocks/final", "/v1/errors/DOS-E0401"):
        status, headers, body = ask(h, "GET", path)
        equal(status, 200, path)
    status, headers, body = ask(h, "GET", "/")
    check(len(body) < 20000 and b"<html" in body.lower(), "status page of %d bytes" % len(body))
    check("content-security-policy" in headers, "has a content security policy")
    status, _, body = ask(h, "GET", "/v1/openapi.json")
    equal(json.loads(body)["openapi"][:3], "3.1")


def test_foreign_host_is_refused(h):
    status, _, _ = ask(h, "GET", "/v1/status", headers={"Host": "evil.example"})
    check(status in (400, 403, 421), "DNS rebinding is refused: %d" % status)


def test_random_bytes_to_every_post(h):
    rng = random.Random(5)
    for path in ("/v1/state", "/v1/transactions", "/v1/dry-run", "/v1/blobs", "/v1/stored"):
        for n in (0, 1, 2, 33, 500, 5000):
            status, _, _ = ask(h, "POST", path, rng.randbytes(n), {"Content-Type": "application/vnd.dos+bcs"})
            check(400 <= status < 500, "%s with %d random bytes: %d" % (path, n, status))


def test_oversized_body(h):
    status, _, _ = 413, None, None
    c = connection(h)
    try:
        c.putrequest("POST", "/v1/transactions")
        c.putheader("Content-Length", str(1 << 40))
        c.endheaders()
        c.send(b"x" * 1000)
        status = c.getresponse().status
    except (ConnectionError, http.client.HTTPException, socket.timeout):
        status = 413
    equal(status, 413)
    equal(ask(h, "GET", "/healthz")[0], 200)


def test_a_body_that_never_becomes_whole_is_paid_for(h):
    c = connection(h)

    def work():
        c.request("GET", "/metrics")
        lines = c.getresponse().read().decode().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("dos_ask_work ")))

    before, sent = work(), 4 << 20
    with socket.create_connection((c.host, c.port), timeout=10) as s:
        s.sendall(b"POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (2 * sent) + b"x" * sent)
    for _ in range(20):  # to ask costs a little, too
        paid = work() - before
        if paid >= sent // 1024:
            return
        time.sleep(0.1)
    check(False, "%d units of work for %d bytes" % (paid, sent))


def test_garbage_on_the_socket(h):
    u = urllib.parse.urlparse(h.url())
    for junk in (b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", os.urandom(2000), b"GET /" + b"a" * 100000):
        s = socket.create_connection((u.hostname, u.port), timeout=10)
        try:
            s.sendall(junk)
            s.settimeout(3)
            try:
                s.recv(2000)
            except (socket.timeout, ConnectionError):
                pass
        except ConnectionError:
            pass
        s.close()
    equal(ask(h, "GET", "/healthz")[0], 200)


def test_explain_every_code(h):
    codes = h.data("explain")["items"]
    check(len(codes) > 50, "%d codes" % len(codes))
    for c in codes[:5] + codes[-5:]:
        h.run("explain", c["code"])
    h.run("explain", "DOS-E9999", code=3)
