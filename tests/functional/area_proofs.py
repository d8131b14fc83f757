"""One file proves a record offline; one changed byte does not."""
import os
import random
import shutil
import subprocess

from dosrun import DOS, check, equal


def make(h, name):
    h.write(name, b"evidence " * 700)
    h.run("put", name, "/home/me/" + name)
    h.run("proof", "/home/me/" + name, "--open", "-o", name + ".proof")
    h.run("net", "genesis", "-o", "genesis.dos")


def test_verify_offline_with_content(h):
    make(h, "e1")
    d = h.data("verify", "e1.proof", "--genesis", "genesis.dos", "--content", "e1")
    equal(d["valid"], True)
    equal(d["signers"], {"have": 1, "of": 1})
    h.write("other", b"evidence " * 699)
    h.run("verify", "e1.proof", "--genesis", "genesis.dos", "--content", "other", code=8)


def test_verify_opens_no_socket(h):
    make(h, "e2")
    if shutil.which("strace"):
        p = subprocess.run(["strace", "-f", "-e", "trace=socket,connect", "-o", h.path("trace"), DOS, "verify", "e2.proof",
                            "--genesis", "genesis.dos", "--content", "e2"], cwd=h.cwd, env=h.env, capture_output=True)
        equal(p.returncode, 0)
        with open(h.path("trace")) as f:
            check("socket(" not in f.read(), "no socket was opened")
    if subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0:
        p = subprocess.run(["unshare", "-n", DOS, "verify", "e2.proof", "--genesis", "genesis.dos"], cwd=h.cwd, env=h.env,
                           capture_output=True)
        equal(p.returncode, 0)


def test_any_changed_byte_is_eight(h):
    make(h, "e3")
    with open(h.path("e3.proof"), "rb") as f:
        good = f.read()
    rng = random.Random(3)
    places = set(range(64)) | {len(good) - 1 - i for i in range(40)} | {rng.randrange(len(good)) for _ in range(250)}
    for at in sorted(places):
        bad = bytearray(good)
        bad[at] ^= 1 << rng.randrange(8)
        h.write("bad.proof", bytes(bad))
        h.run("verify", "bad.proof", "--genesis", "genesis.dos", code=8)
    for cut in (0, 1, 8, 9, 10, len(good) // 2, len(good) - 1):
        h.write("bad.proof", good[:cut])
        h.run("verify", "bad.proof", "--genesis", "genesis.dos", code=8)
    h.write("bad.proof", good + b"x")
    h.run("verify", "bad.proof", "--genesis", "genesis.dos", code=8)
    h.write("bad.proof", os.urandom(5000))
    h.run("verify", "bad.proof", "--genesis", "genesis.dos", code=8)


def test_pins_and_genesis(h):
    make(h, "e4")
    h.run("verify", "e4.proof")
    r = h.run("verify", "e4.proof", "--json", code=2, env={"DOS_HOME": os.path.join(h.dir, "another home")})
    check("--genesis" in r.text, "says what to give: " + r.text)
    h.run("verify", "no such.proof", code=3)


def test_absence_has_a_proof(h):
    h.run("proof", "/home/me/never-there", "-o", "absent.proof")
    d = h.data("verify", "absent.proof")
    check(any("absent" in str(c) for c in d["claims"]), "claims absence: %r" % d["claims"])


def test_block_and_tx(h):
    h.write("t", b"t")
    tx = h.data("put", "t", "/home/me/t")["tx"]
    d = h.data("tx", tx)
    equal(d["status"], "ok")
    h.run("block", "1")
    h.run("block", "999999999", code=None)
    h.run("tx", "tx:" + "00" * 32, code=3)
