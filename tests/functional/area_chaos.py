"""One validator after the other fails in some way while people work: nothing is lost, nothing happens twice, all end level.

DOS_SEED=N draws the faults of a failed run again (when each command meets them is up to the machine)."""
import os
import random
import threading
import time

import dosrun
from dosrun import check, equal

VALIDATORS = 4
ALL = ["v1", "v2", "v3", "v4"]


def long(test):  # run with --whole only
    test.long = True
    return test


def one_fault(h, rng, done):
    v = rng.choice(ALL)
    kind = rng.choice(["kill", "pause", "cut", "tamper"])
    others = ",".join(x for x in ALL if x != v)
    h.run("net", "cut", v, others) if kind == "cut" else h.run("net", kind, v)
    time.sleep(rng.uniform(0.2, 1.5))
    if kind == "kill":
        h.run("net", "start", v, timeout=120)
    else:
        h.run("net", "heal")
        h.run("net", "wait", "--via", v, "--timeout", "30s", timeout=60)
    done[kind] = done.get(kind, 0) + 1


def chaos(h, seconds, seed):
    rng = random.Random(seed)
    stop, failed, sent, faults = threading.Event(), [], [[] for _ in range(4)], {}
    begun = time.monotonic()
    files = {}

    def send(k):
        while not stop.is_set():
            text = "chaos %d.%d" % (k, len(sent[k]))
            try:
                h.run("send", "carol", text, "--timeout", "60s", timeout=120)
                sent[k].append(text)
            except dosrun.Failed as e:
                return failed.append("%.1f s: %s" % (time.monotonic() - begun, e))

    def put():
        i = 0
        while not stop.is_set():
            path, content = "/home/me/chaos-%d" % (i % 5), os.urandom(rng.choice([100, 9000, 400000]))
            h.write("chaos-file", content)
            try:
                h.run("put", "chaos-file", path, "--timeout", "60s", timeout=120)
                files[path] = content
                equal(h.run("cat", path, "--timeout", "60s", timeout=120).out, content, path)
            except dosrun.Failed as e:
                return failed.append("%.1f s: %s" % (time.monotonic() - begun, e))
            i += 1

    threads = [threading.Thread(target=send, args=(k,)) for k in range(4)] + [threading.Thread(target=put)]
    for t in threads:
        t.start()
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end and not failed:
            one_fault(h, rng, faults)
    except dosrun.Failed as e:
        failed.append("%.1f s: %s" % (time.monotonic() - begun, e))
    finally:
        stop.set()
        for t in threads:
            t.join()
    check(not failed, "a command failed (DOS_SEED=%d, faults %r):\n%s" % (seed, faults, "\n".join(failed)))
    h.run("net", "up", timeout=120)
    h.run("net", "heal")
    for v in ALL:
        h.run("net", "wait", "--via", v, "--timeout", "30s")
        texts = [m["text"] for m in h.data("inbox", "--as", "carol", "--via", v)["items"] if m["text"].startswith("chaos ")]
        equal(sorted(texts), sorted(t for k in sent for t in k), "each message once, at " + v)
        for path, content in files.items():
            equal(h.run("cat", path, "--via", v).out, content, path + " at " + v)
    check(sum(faults.values()) >= seconds / 8, "faults fired: %r" % faults)
    print("   %d messages and %d faults: %r (seed %d)" % (sum(map(len, sent)), sum(faults.values()), faults, seed))
    h.run("inbox", "--as", "carol", "--take")


def seeds(count, *usual):
    given = os.environ.get("DOS_SEED")
    return [int(s) for s in given.split(",")] if given else list(usual) or [random.SystemRandom().randrange(10**9) for _ in range(count)]


def test_work_goes_on_while_one_of_four_fails(h):
    for seed in seeds(1, 4):
        chaos(h, 15, seed)


@long
def test_work_goes_on_for_minutes(h):
    for seed in seeds(6):
        chaos(h, 30, seed)
