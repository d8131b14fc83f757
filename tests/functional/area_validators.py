"""Four validators: real processes, agreement, faults on purpose."""
import http.client
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.parse

import dosrun
from dosrun import Home, check, equal, side_by_side

VALIDATORS = 4
ALL = ["v1", "v2", "v3", "v4"]


def long(test):  # run with --whole only
    test.long = True
    return test


def whole(h):
    """Every node up, healed and level: where each test begins and what it leaves behind."""
    h.run("net", "up", timeout=90)
    h.run("net", "heal")
    for v in ALL:
        h.run("net", "wait", "--via", v, "--timeout", "20s")


def quorum(h):
    return h.data("net", "status")["quorum"]


def test_up_is_final_on_all_four(h):
    s = h.data("net", "status")
    equal([n["name"] for n in s["nodes"]], ALL)
    for n in s["nodes"]:
        check(n["alive"] and n["verified"] and int(n["height"]) >= 1, n)
    equal(s["quorum"], {"have": 4, "need": 3, "of": 4})
    equal(h.data("status")["quorum"], {"have": 4, "need": 3, "of": 4})
    equal(len(h.node_pids()), 4)
    record, _ = h.net_record()
    ports = [int(n["url"].rsplit(":", 1)[1]) for n in record["nodes"]] + [int(n["p2p"].rsplit(":", 1)[1]) for n in record["nodes"]]
    equal(ports, list(range(ports[0], ports[0] + 8)), "one run of ports, first those of the APIs")
    equal(h.data("net", "ls")["items"][0]["alive"], 4)


def test_up_again_starts_what_is_missing(h):
    h.run("net", "kill", "v2")
    h.run("net", "kill", "v2")
    equal(len(h.node_pids()), 3)
    h.run("net", "up", timeout=90)
    equal(len(h.node_pids()), 4)
    equal(quorum(h)["have"], 4)
    h.run("net", "up", "--validators", "5", code=5)
    h.run("net", "up", "--validators", "4")


def test_a_paused_node_is_called_paused(h):
    whole(h)
    h.run("net", "pause", "v2")
    lines = [line for line in h.run("net", "status").text.splitlines() if line.startswith("v2")]
    check("paused" in lines[0] and "verify" not in lines[0], "it is no liar: %r" % lines)
    h.run("net", "resume", "v2")


def test_content_is_stored_by_all_and_served_by_each(h):
    content = os.urandom(1 << 20)
    h.write("c", content)
    equal(h.data("put", "c", "/home/me/c")["stored"], {"got": 4, "need": 3, "of": 4})
    for v in ALL:
        h.run("get", "/home/me/c", "got-" + v, "--via", v)
        with open(h.path("got-" + v), "rb") as f:
            equal(f.read(), content, v)


def test_a_proof_is_signed_by_a_quorum(h):
    h.write("p", b"proved by many")
    h.run("put", "p", "/home/me/p")
    h.run("proof", "/home/me/p", "-o", "p.proof", "--via", "v4")
    signers = h.data("verify", "p.proof")["signers"]
    equal(signers["of"], 4)
    check(signers["have"] >= 3, signers)


def test_a_round_of_acknowledgements_is_paid_for_by_who_shares_it(h):
    c = http.client.HTTPConnection(urllib.parse.urlparse(h.url()).netloc, timeout=20)

    def get(path):
        c.request("GET", path)
        r = c.getresponse()
        body = r.read()
        equal(r.status, 200, body[:200])
        return body.decode()

    def work():
        return int(next(line.split()[1] for line in get("/metrics").splitlines() if line.startswith("dos_ask_work ")))

    rest = -work() + work()  # of asking for that
    before = work()
    for i in range(20):
        get("/v1/tip?nonce=%064x" % i)  # one after the other: nobody shares them
    each = (work() - before - rest) / 20
    check(600 <= each <= 1000, "%d units of work each" % each)


def test_one_killed_work_goes_on_and_it_catches_up(h):
    whole(h)
    h.run("net", "kill", "v3")
    h.run("ls", "/", "--via", "v3", code=7)
    content = os.urandom(600000)
    h.write("missed", content)
    equal(h.data("put", "missed", "/home/me/missed")["stored"]["got"], 3)
    for i in range(3):
        h.run("send", "bob", "while v3 is away %d" % i)
    time.sleep(1)
    equal(len(h.node_pids()), 3, "nothing restarts a node")
    equal(quorum(h)["have"], 3)
    height = int(h.data("status")["height"])
    d = h.data("net", "start", "v3", timeout=90)
    check(d["started"] and int(d["height"]) >= height, d)
    h.run("get", "/home/me/missed", "back", "--via", "v3")
    with open(h.path("back"), "rb") as f:
        equal(f.read(), content)
    equal(h.data("net", "start", "v3")["started"], False)


def test_without_a_quorum_nothing_is_current_and_nothing_final(h):
    whole(h)
    h.write("q", b"before")
    h.run("put", "q", "/home/me/q")
    h.run("net", "kill", "v3")
    h.run("net", "kill", "v4")
    r = h.run("cat", "/home/me/q", "--json", code=7)
    check("2 of 4 validators answer, 3 are needed" in r.text, r.text)
    equal(h.run("cat", "/home/me/q", "--stale-ok").out, b"before")
    h.write("q", b"after")
    h.run("put", "q", "/home/me/q", "--timeout", "3s", code=7)
    h.run("net", "wait", "--height", "1", "--timeout", "1s", code=7)
    equal(quorum(h), {"have": 2, "need": 3, "of": 4})
    h.run("net", "start", "v4", timeout=90)
    equal(quorum(h)["have"], 3)
    h.write("q2", b"after")
    h.run("put", "q2", "/home/me/q2")
    h.run("net", "start", "v3", timeout=90)
    equal(h.run("cat", "/home/me/q2", "--via", "v3").out, b"after")


def test_a_paused_node_neither_votes_nor_answers(h):
    whole(h)
    h.run("net", "pause", "v1")
    h.run("ls", "/", "--via", "v1", "--timeout", "1s", code=7)
    start = time.monotonic()
    h.run("ls", "/")
    check(time.monotonic() - start < 8, "another node answers, %.1f s" % (time.monotonic() - start))
    h.run("send", "bob", "while v1 is paused")
    h.run("net", "resume", "v1")
    h.run("net", "wait", "--via", "v1", "--timeout", "20s")
    h.run("ls", "/", "--via", "v1")


def test_a_node_cut_off_is_not_current_and_heals(h):
    whole(h)
    h.run("net", "cut", "v1", "v2,v3,v4")
    h.run("ls", "/", "--via", "v1", "--timeout", "5s", code=7)
    h.run("ls", "/")
    h.write("cut", b"made without v1")
    h.run("put", "cut", "/home/me/cut")
    h.run("net", "heal")
    h.run("net", "wait", "--via", "v1", "--timeout", "20s")
    equal(h.run("cat", "/home/me/cut", "--via", "v1").out, b"made without v1")
    h.run("net", "cut", "v1", "v1", code=2)
    h.run("net", "cut", "v1", "v9", code=3)


def test_two_halves_decide_nothing(h):
    whole(h)
    height = h.data("status")["height"]
    h.run("net", "cut", "v1,v2", "v3,v4")
    h.write("half", b"half")
    h.run("put", "half", "/home/me/half", "--timeout", "4s", code=7)
    h.run("net", "heal")
    h.run("net", "wait", "--timeout", "30s")
    check(int(h.data("status")["height"]) >= int(height), "no height is lost")
    h.run("put", "half", "/home/me/half2")
    equal(h.run("cat", "/home/me/half2").out, b"half")


def test_a_tampering_node_is_refused(h):
    whole(h)
    h.write("t", b"not to be changed " * 3000)
    h.run("put", "t", "/home/me/t")
    h.run("net", "tamper", "v2")
    h.run("cat", "/home/me/t", "--via", "v2", code=8)
    h.run("ls", "/home/me", "--via", "v2", code=8)
    equal(h.run("cat", "/home/me/t").out, b"not to be changed " * 3000)
    h.run("net", "heal")
    equal(h.run("cat", "/home/me/t", "--via", "v2").out, b"not to be changed " * 3000)
    h.run("net", "tamper", "v1")  # the one that is asked first
    r = h.run("cat", "/home/me/t", "--json")
    check(any(w.startswith("v1: ") for w in r.json()["warnings"]), r.text[-400:])
    h.run("net", "heal")


def test_logs_of_one_and_of_all(h):
    equal({json.loads(l)["node"] for l in h.data("net", "logs")["items"] if l.startswith('{"time"')}, set(ALL))
    equal({json.loads(l)["node"] for l in h.data("net", "logs", "v2")["items"] if l.startswith('{"time"')}, {"v2"})
    h.run("net", "logs", "v9", code=3)
    p = subprocess.Popen([dosrun.DOS, "net", "logs", "--follow", "--json"], cwd=h.cwd, env=h.env, stdout=subprocess.PIPE)
    try:
        line = json.loads(p.stdout.readline())
        check(line["ok"] and line["data"]["node"] in ALL, line)
    finally:
        p.kill()
        p.wait()


def node_log(h, v):
    return h.run("net", "logs", v).text


def test_a_validator_of_another_chain_is_refused(h):
    """The right node key, over the right TLS, from a genesis that differs in its salt alone."""
    whole(h)
    record, base = h.net_record()
    v1 = record["nodes"][0]
    with open(os.path.join(base, "genesis.dos"), "rb") as f:
        genesis = bytearray(f.read())
    salt = 1 + genesis[0]            # format
    salt += 1 + genesis[salt] + 10   # name; kind, suite, time
    genesis[salt] ^= 1
    other = h.write("other-genesis", bytes(genesis))
    h.run("net", "kill", "v1")
    data = h.path("of another chain")
    os.mkdir(data, 0o700)
    shutil.copytree(os.path.join(base, "v1", "keys"), os.path.join(data, "keys"))
    words = [os.path.join(dosrun.BIN, "dosd"), "run", "--data", data, "--genesis", other, "--keys", os.path.join(data, "keys"),
             "--listen", v1["url"].split("//")[1], "--modules", os.path.join(os.path.dirname(dosrun.BIN), "modules"), "--run", data,
             "--p2p-listen", v1["p2p"]]
    for n in record["nodes"][1:]:
        words += ["--peer", n["name"] + "=" + n["p2p"]]
    with open(h.path("other-out"), "wb") as out:
        p = subprocess.Popen(words, cwd=h.cwd, env=h.env, stdout=out, stderr=out)
        try:
            wanted = "v1: it is on another chain"
            deadline = time.monotonic() + 15
            while wanted not in node_log(h, "v2") and p.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
            check(p.poll() is None, "the node of another chain runs")
            check(wanted in node_log(h, "v2"), node_log(h, "v2")[-1500:])
            equal(quorum(h)["have"], 3)
            h.run("send", "bob", "a stranger knocks")
            time.sleep(3)
            check(node_log(h, "v2").count(wanted) < 20, "it is said now and then")
        finally:
            p.kill()
            p.wait()
    h.run("net", "start", "v1", timeout=90)
    equal(quorum(h)["have"], 4)


def test_a_write_survives_the_death_of_its_node(h):
    whole(h)
    failed = []

    def send(i):
        try:
            h.run("send", "carol", "through a death %d" % i, timeout=60)
        except dosrun.Failed as e:
            failed.append(str(e))

    threads = [threading.Thread(target=send, args=(i,)) for i in range(24)]
    for i, t in enumerate(threads):
        t.start()
        if i == 8:
            h.run("net", "kill", "v1")
    for t in threads:
        t.join()
    equal(failed, [])
    texts = [m["text"] for m in h.data("inbox", "--as", "carol")["items"]]
    equal(sorted(texts), sorted("through a death %d" % i for i in range(24)), "each once")
    h.run("net", "start", "v1", timeout=90)


def test_an_upload_survives_the_death_of_its_node(h):
    whole(h)
    content = os.urandom(24 << 20)
    h.write("large", content)
    p = subprocess.Popen([dosrun.DOS, "put", "large", "/home/me/large", "--json"], cwd=h.cwd, env=h.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, base = h.net_record()
    blobs = os.path.join(base, "v1")
    deadline = time.monotonic() + 30

    def held():
        return sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(blobs) for f in fs if os.path.exists(os.path.join(d, f)))

    before = held()
    while p.poll() is None and held() - before < 6 << 20 and time.monotonic() < deadline:
        time.sleep(0.01)
    h.run("net", "kill", "v1")
    out, err = p.communicate(timeout=120)
    equal(p.returncode, 0, (out + err)[-800:])
    check(json.loads(out)["data"]["stored"]["got"] >= 3, out[-300:])
    h.run("net", "start", "v1", timeout=120)
    h.run("get", "/home/me/large", "large-back", "--via", "v1")
    with open(h.path("large-back"), "rb") as f:
        check(f.read() == content, "v1 fetched what it had missed")


def test_power_loss_of_all_keeps_what_was_final(h):
    whole(h)
    h.write("f", b"final")
    h.run("put", "f", "/home/me/f")
    height = int(h.data("status")["height"])
    h.kill_nodes()
    h.run("ls", "/", code=7)
    h.run("net", "up", timeout=120)
    check(int(h.data("status")["height"]) >= height, "height is kept")
    equal(h.run("cat", "/home/me/f").out, b"final")


def test_down_and_up_keep_the_height(h):
    whole(h)
    height = h.data("status")["height"]
    h.down()
    equal(h.node_pids(), [])
    h.run("net", "up", timeout=90)
    equal(h.data("status")["height"], height)


def test_another_build_replaces_nodes_one_at_a_time(h):
    whole(h)
    other = os.path.join(h.dir, "build")
    os.mkdir(other)
    shutil.copytree(dosrun.BIN, os.path.join(other, "bin"))
    shutil.copytree(os.path.join(os.path.dirname(dosrun.BIN), "modules"), os.path.join(other, "modules"))
    old = set(h.node_pids())
    stop, failed, sent = threading.Event(), [], []

    def work():
        while not stop.is_set():
            try:
                h.run("send", "alice", "replaced %d" % len(sent), timeout=60)
                sent.append(1)
            except dosrun.Failed as e:
                failed.append(str(e))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        p = subprocess.run([os.path.join(other, "bin", "dos"), "net", "up"], cwd=h.cwd, env=h.env, capture_output=True, timeout=180)
    finally:
        stop.set()
        worker.join()
    equal(p.returncode, 0, p.stderr[-800:])
    equal(p.stderr.count(b"runs another build"), 4)
    check(not old & set(h.node_pids()), "all are replaced")
    equal(len(h.node_pids()), 4)
    equal(failed, [], "work went on")
    check(sent, "something was sent meanwhile")


def parallel_sends(h, count, at_a_time=50):
    to = "bob"
    before = {m["id"] for m in h.data("inbox", "--as", to)["items"]}
    failed = []

    def send(i):
        p = subprocess.run([dosrun.DOS, "send", to, "number %d" % i, "--timeout", "120s"], cwd=h.cwd, env=h.env, capture_output=True)
        if p.returncode != 0:
            failed.append((i, p.returncode, p.stderr[-300:]))

    side_by_side(send, range(count), at_a_time)
    equal(failed, [], "every send is final")
    got = sorted(m["text"] for m in h.data("inbox", "--as", to)["items"] if m["id"] not in before)
    equal(got, sorted("number %d" % i for i in range(count)), "none lost, none double")


def test_hundred_parallel_sends_of_one_identity(h):
    whole(h)
    parallel_sends(h, 100)


@long
def test_thousand_parallel_sends_of_one_identity(h):
    whole(h)
    parallel_sends(h, 1000)


def test_seven_validators(h):
    other = Home(validators=7)
    try:
        other.up()
        equal(other.data("status")["quorum"], {"have": 7, "need": 5, "of": 7})
        for v in ("v2", "v7"):
            other.run("net", "kill", v)
        other.write("s", b"seven")
        other.run("put", "s", "/home/me/s")
        equal(other.run("cat", "/home/me/s").out, b"seven")
        other.run("net", "reset", "--yes", timeout=120)
        equal(other.data("status")["quorum"]["of"], 7, "a reset keeps the number")
    finally:
        other.close()
