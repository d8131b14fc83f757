"""B1 to B3 and B8 to B12: what four validators do, beside peers of four nodes, in pairs on the same machine."""
import os
import subprocess
import tempfile
import time

from networks import ROOT, CometBft, Dos, Etcd

PAYLOAD = 250
SIGNATURE = 2420  # ML-DSA-44


class Load:
    """The writes of a peer by its own client (bench/peers/load)."""

    def __init__(self, peers):
        self.binary = os.path.join(peers, "load")

    def __call__(self, net, seconds, rate=0.0):
        import json
        kind = "etcd" if isinstance(net, Etcd) else "cometbft"
        argv = [self.binary, kind, "-urls", ",".join(net.urls), "-seconds", str(seconds), "-rate", str(rate), "-size", str(PAYLOAD)]
        argv += ["-clients", "256"] if kind == "etcd" else ["-clients", "32", "-batch", "10"]
        if getattr(net, "signed", False):
            argv.append("-signed")
        p = subprocess.run(argv, capture_output=True, text=True, timeout=180)
        if p.returncode != 0:
            raise RuntimeError("load %s: %s" % (kind, p.stderr[-300:]))
        return json.loads(p.stdout)


def dos_load(net, seconds, rate=0.0, count=0, lists=False):
    argv = [a for u in net.urls for a in ("--write-url", u)]
    if rate:
        argv += ["--rate", str(rate), "--seconds", str(seconds), "--writers", "64" if rate > 100 else "8"]
    else:
        argv += ["--count", str(count), "--writers", "16", "--batch", "256" if lists else "64"]
    out = net.bench(*argv, *(["--list"] if lists else []))
    if out["errors"]:
        raise RuntimeError("%d of the calls did not become final: %s" % (out["errors"], out.get("error", "")))
    return out


def costed(net, run):
    cpu, disk = net.cpu_seconds(), net.written_bytes()
    out = run()
    n = max(out["committed"], 1)
    out["cpu_ms"] = (net.cpu_seconds() - cpu) * 1e3 / n
    out["written_a_node"] = (net.written_bytes() - disk) / n / len(net.pids())
    return out


def writes(rows, args, scratch, peers):
    """B1, B2, B3, B11, B12."""
    load = Load(peers)
    count = 6000 if args.quick else 16000
    seconds = 5 if args.quick else 10
    for _ in range(1 if args.quick else 5):
        net = Dos(scratch)
        try:
            idle_mib = net.memory_mib()
            net.fund(0 if args.quick else 10)  # a call costs a credit
            slow = dos_load(net, seconds, rate=10)
            peak = costed(net, lambda: dos_load(net, 0, count=count))
            lists = costed(net, lambda: dos_load(net, 0, count=count, lists=True))
            half = dos_load(net, min(seconds, 4), rate=max(peak["per_second"] / 2, 20))
            loaded_mib = net.memory_mib()
        finally:
            net.stop()
        for make in (lambda: Etcd(peers, scratch, 4), lambda: CometBft(peers, scratch), lambda: CometBft(peers, scratch, signed=True)):
            peer = make()
            try:
                p_idle = peer.memory_mib()
                p_slow = load(peer, seconds, rate=10)
                p_peak = costed(peer, lambda: load(peer, seconds + 3))
                p_half = load(peer, min(seconds, 4), rate=max(p_peak["per_second"] / 2, 20))
                p_loaded = peer.memory_mib()
            finally:
                peer.stop()

            def row(ident, what, dos, value, unit, better="lower"):
                rows.add({"id": ident, "what": what, "peer": peer.name, "dos": dos, "peer_value": value, "unit": unit, "better": better})
            row("B1", "signed calls final a second, a signature a call", peak["per_second"], p_peak["per_second"], "1/s", "higher")
            row("B1", "the same with list signatures", lists["per_second"], p_peak["per_second"], "1/s", "higher")
            row("B2", "CPU of all nodes a call", peak["cpu_ms"], p_peak["cpu_ms"], "ms")
            row("B2", "the same with list signatures", lists["cpu_ms"], p_peak["cpu_ms"], "ms")
            row("B3", "p50 at 10/s", slow["p50_ms"], p_slow["p50_ms"], "ms")
            row("B3", "p99 at 10/s", slow["p99_ms"], p_slow["p99_ms"], "ms")
            row("B3", "p50 at half of peak", half["p50_ms"], p_half["p50_ms"], "ms")
            row("B3", "p99 at half of peak", half["p99_ms"], p_half["p99_ms"], "ms")
            row("B11", "memory of a validator, idle", idle_mib, p_idle, "MiB")
            row("B11", "memory of a validator, after the load", loaded_mib, p_loaded, "MiB")
            row("B12", "bytes written to disk a call and node", peak["written_a_node"], p_peak["written_a_node"], "B")
            row("B12", "the same with list signatures", lists["written_a_node"], p_peak["written_a_node"], "B")


class Sendme:
    """One file, offered by one process and fetched by another over loopback, verified by BLAKE3: one copy, unencrypted at rest."""

    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch

    def move(self, path):
        offer = tempfile.mkdtemp(prefix="offer-", dir=self.scratch)
        target = tempfile.mkdtemp(prefix="fetch-", dir=self.scratch)
        start = time.monotonic()
        sender = subprocess.Popen([self.binary, "send", "--relay", "disabled", "--magic-ipv4-addr", "127.0.0.1:0",
                                   "--magic-ipv6-addr", "[::1]:0", "--ticket-type", "addresses", path], cwd=offer, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            ticket = ""
            for line in sender.stdout:
                words = line.split()
                if words[:2] == ["sendme", "receive"]:
                    ticket = words[2]
                    break
            put = time.monotonic() - start
            start = time.monotonic()
            p = subprocess.run([self.binary, "receive", "--relay", "disabled", "--magic-ipv4-addr", "127.0.0.1:0", "--magic-ipv6-addr", "[::1]:0", ticket], cwd=target, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
            if p.returncode != 0 or not os.listdir(target):
                raise RuntimeError("sendme: " + p.stderr[-300:])
            return put, time.monotonic() - start
        finally:
            sender.terminate()
            sender.wait()


def files(rows, args, scratch, peers):
    """B8: put sealed, promised by all four, then got through another node."""
    p = subprocess.run([os.path.join(ROOT, "bench", "peers", "build.sh"), "sendme"], capture_output=True, text=True)
    sendme = Sendme(os.path.join(p.stdout.strip().splitlines()[-1], "sendme"), scratch) if p.returncode == 0 else None
    sizes = [("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("100 MiB", 100 << 20)] + ([] if args.quick else [("1 GiB", 1 << 30)])
    net = Dos(scratch)
    try:
        for label, size in sizes:
            path = os.path.join(scratch, "file-%d" % size)
            for k in range(1 if args.quick or size > 1 << 28 else 3):
                with open(path, "wb") as f:
                    for _ in range(0, size, 1 << 20):
                        f.write(os.urandom(min(size, 1 << 20)))
                start = time.monotonic()
                net.dos("put", path, "/home/me/bench-%d-%d" % (size, k), timeout=300)
                put = time.monotonic() - start
                start = time.monotonic()
                net.dos("get", "/home/me/bench-%d-%d" % (size, k), path + ".got", "--via", "v2", timeout=300)
                get = time.monotonic() - start
                os.remove(path + ".got")
                if sendme:
                    offer, fetch = sendme.move(path)
                    rows.add({"id": "B8", "what": "put and get of %s" % label, "peer": "sendme", "dos": put + get, "peer_value": offer + fetch, "unit": "s"})
                else:
                    rows.add({"id": "B8", "what": "put and get of %s" % label, "peer": "sendme", "dos": put + get, "peer_value": None, "unit": "s",
                              "why": "sendme could not be built: " + p.stderr.strip()[-200:]})
                rows.add({"id": "B8", "what": "put of %s, sealed, stored 4/4" % label, "peer": "floor", "dos": put, "peer_value": None, "unit": "s"})
                rows.add({"id": "B8", "what": "get of %s through another node" % label, "peer": "floor", "dos": get, "peer_value": None, "unit": "s"})
            os.remove(path)
    finally:
        net.stop()


def reads(rows, args, scratch, peers):
    """B9: against one member each, as a read asks one node."""
    import json
    seconds = "2" if args.quick else "4"
    net, etcd = Dos(scratch), Etcd(peers, scratch, 4)
    try:
        for _ in range(1 if args.quick else 5):
            for clients in ("1", "16"):
                before = net.cpu_seconds()
                ours = net.bench("--read-url", net.urls[0], "--clients", clients, "--seconds", seconds)
                our_cpu = net.cpu_seconds() - before
                before = etcd.cpu_seconds()
                p = subprocess.run([os.path.join(peers, "etcd-read"), "-endpoint", etcd.urls[0], "-clients", clients, "-seconds", seconds],
                                   capture_output=True, text=True, timeout=120, check=True)
                theirs = json.loads(p.stdout)
                their_cpu = etcd.cpu_seconds() - before
                if clients == "1":
                    rows.add({"id": "B9", "what": "proved read, p50, 1 client", "peer": "etcd", "dos": ours["p50_ms"], "peer_value": theirs["p50_ms"], "unit": "ms"})
                else:
                    rows.add({"id": "B9", "what": "reads a second of server CPU, 16 clients", "peer": "etcd", "dos": ours["n"] / max(our_cpu, 0.01),
                              "peer_value": theirs["n"] / max(their_cpu, 0.01), "unit": "1/s", "better": "higher"})
    finally:
        etcd.stop()
        net.stop()


def starts(rows, args, scratch, peers):
    """B10."""
    for _ in range(2 if args.quick else 5):
        net = Dos(scratch)
        net.stop()
        for make in (lambda: Etcd(peers, scratch, 4), lambda: CometBft(peers, scratch)):
            peer = make()
            peer.stop()
            rows.add({"id": "B10", "what": "net up to block 1 final on 4 of 4", "peer": peer.name, "dos": net.up_seconds,
                      "peer_value": peer.first_commit, "unit": "s"})
