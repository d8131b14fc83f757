"""Accounts, keys, credits."""
import os

from area_liar import Liar
from dosrun import check, equal


def passphrase(h, text):
    r, w = os.pipe()
    os.write(w, text.encode() + b"\n")
    os.close(w)
    return r


def test_genesis_identities(h):
    for name in ("me", "alice", "bob", "carol"):
        d = h.data("id", "show", name)
        equal(d["name"], name)
    equal(h.data("balance", "--as", "carol")["name"], "carol")


def test_new_identity_with_passphrase(h):
    fd = passphrase(h, "correct horse")
    h.run("id", "new", "dave", "--passphrase-fd", str(fd), pass_fds=(fd,))
    os.close(fd)
    h.run("send", "dave", "welcome")
    r = h.run("inbox", "--as", "dave", "--json", code=4)
    check("passphrase-fd" in r.text and "agent" in r.text, "names both ways: " + r.text)
    fd = passphrase(h, "wrong")
    h.run("inbox", "--as", "dave", "--passphrase-fd", str(fd), pass_fds=(fd,), code=4)
    os.close(fd)
    fd = passphrase(h, "correct horse")
    r = h.run("inbox", "--as", "dave", "--passphrase-fd", str(fd), "--json", pass_fds=(fd,))
    os.close(fd)
    equal(r.data()["items"][-1]["text"], "welcome")


def test_interrupted_id_new_is_completed(h):
    """The node is gone when the account is to be made: the key file stays, and the same command goes on with it."""
    liar = Liar(h.url())
    liar.withhold = lambda method, path: path.startswith("/v1/transactions")

    def new(*words, code=0):
        fd = passphrase(h, "correct horse")
        r = h.run("id", "new", "erin", "--passphrase-fd", str(fd), "--json", *words, pass_fds=(fd,), code=code)
        os.close(fd)
        return r

    check(new("--via", liar.url, "--timeout", "3s", code=None).code != 0, "no account without transactions")
    liar.shutdown()
    h.run("id", "show", "erin", code=3)
    wrong = passphrase(h, "wrong")
    h.run("id", "new", "erin", "--passphrase-fd", str(wrong), pass_fds=(wrong,), code=4)
    os.close(wrong)
    d = new().data()
    equal((d["name"], len(d["phrase"].split())), ("erin", 24))
    equal(h.data("id", "show", "erin")["name"], "erin")
    new(code=5)


def test_name_taken(h):
    h.run("id", "new", "bob", "--dev", code=5)


def test_wrong_name(h):
    h.run("id", "new", "Not A Name", "--dev", code=2)


def test_rotate_keeps_name_and_files(h):
    h.write("f", b"before")
    h.run("put", "f", "/home/carol/f", "--as", "carol")
    h.run("key", "rotate", "--as", "carol")
    equal(h.run("cat", "/home/carol/f", "--as", "carol").out, b"before")
    h.write("f", b"after")
    h.run("put", "f", "/home/carol/f", "--as", "carol")
    equal(h.run("cat", "/home/carol/f", "--as", "carol").out, b"after")


def test_pay_and_balance(h):
    before = float(h.data("balance", "--as", "bob")["credits"])
    h.run("pay", "bob", "12.5", "--as", "alice")
    after = float(h.data("balance", "--as", "bob")["credits"])
    check(abs(after - before - 12.5) < 1e-6, "bob has %r more" % (after - before))
    h.run("pay", "bob", "999999999", "--as", "alice", code=6)


def test_faucet_limit(h):
    h.run("faucet", "1000", "--as", "bob")
    h.run("faucet", "1001", "--as", "bob", code=6)


def test_unknown_identity(h):
    h.run("put", "-", "/home/me/x", "--as", "nobody-here", stdin=b"x", code=4)


def test_new_development_identity(h):
    h.run("id", "new", "frank", "--dev")
    h.run("faucet", "50", "--as", "frank")
    h.write("d", b"made without a passphrase")
    h.run("put", "d", "/home/frank/d", "--as", "frank")
    equal(h.run("cat", "/home/frank/d", "--as", "frank").out, b"made without a passphrase")
