#!/usr/bin/env python3
"""./dev bench: measures DOS beside its peers and writes build/bench.json (docs/benchmarks.md).

Pairs alternate (DOS, peer, DOS, peer ...) on the same machine; medians and ranges are printed with the load average. Ends
with 0 also when a figure falls short; with 1 only when measuring itself fails."""
import argparse
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN = os.path.join(ROOT, "build", "bin")
# must: the bound of performance.md's "must" column for the judged (first) row of an id and peer, as a ratio dos / peer.
MUST = {("B5", "rocksdb"): ("ratio >=", 0.7), ("B7", "native"): ("ratio <=", 2.0), ("B9", "etcd"): ("ratio <=", 1.0),
        ("B10", "etcd"): ("dos <=", 2.0), ("B14", "floor"): ("ratio <=", 1.2)}


class Rows:
    def __init__(self):
        self.groups = {}

    def add(self, r):
        key = (r["id"], r["what"], r["peer"])
        g = self.groups.setdefault(key, {"dos": [], "peer": [], "unit": r.get("unit", ""), "better": r.get("better", "lower"), "why": r.get("why")})
        if r.get("dos") is not None:
            g["dos"].append(r["dos"])
        if r.get("peer_value") is not None:
            g["peer"].append(r["peer_value"])

    def finish(self):
        out, judged = [], set()
        for (ident, what, peer), g in sorted(self.groups.items(), key=lambda kv: (kv[0][0][0], int(kv[0][0][1:]), list(self.groups).index(kv[0]))):
            row = {"id": ident, "what": what, "dos": None, "peer": peer, "peer_value": None, "unit": g["unit"], "ratio": None,
                   "better": g["better"], "range": None, "runs": len(g["dos"]), "load": round(os.getloadavg()[0], 2),
                   "must": None, "reached": None, "why": g["why"]}
            if g["dos"]:
                row["dos"] = round(statistics.median(g["dos"]), 4)
                row["range"] = [round(min(g["dos"]), 4), round(max(g["dos"]), 4)]
            if g["peer"]:
                row["peer_value"] = round(statistics.median(g["peer"]), 4)
            if g["dos"] and g["peer"] and row["peer_value"]:
                pairs = [d / p for d, p in zip(g["dos"], g["peer"]) if p]
                row["ratio"] = round(statistics.median(pairs), 3)
            if (ident, peer) in MUST and (ident, peer) not in judged:
                judged.add((ident, peer))
                kind, bound = MUST[(ident, peer)]
                row["must"] = "%s %g" % (kind, bound)
                value = row["dos"] if kind.startswith("dos") else row["ratio"]
                if value is not None:
                    row["reached"] = value >= bound if ">=" in kind else value <= bound
            out.append(row)
        return out


def library_benches(rows, args, scratch):
    for ident in ("B5", "B7", "B14"):
        if args.only and ident not in args.only:
            continue
        cmd = [os.path.join(BIN, "dos-bench"), "--only", ident, "--folder", scratch, "--modules", os.path.join(ROOT, "build", "modules")]
        p = subprocess.run(cmd + (["--quick"] if args.quick else []), stdout=subprocess.PIPE, text=True, timeout=2400)
        for line in p.stdout.splitlines():
            rows.add(json.loads(line))
        if p.returncode != 0:
            rows.add({"id": ident, "what": "run", "peer": "floor", "dos": None, "why": "dos-bench ended with %d" % p.returncode})


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def free_ports(n):
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Etcd:
    """One member, as DOS here runs one validator."""

    def __init__(self, peers, scratch):
        client, peer = free_ports(2)
        self.url = "http://127.0.0.1:%d" % client
        self.data = tempfile.mkdtemp(prefix="etcd-", dir=scratch)
        self.start = time.monotonic()
        self.process = subprocess.Popen(
            [os.path.join(peers, "etcd"), "--name", "m1", "--data-dir", self.data, "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
             "--listen-peer-urls", "http://127.0.0.1:%d" % peer, "--initial-advertise-peer-urls", "http://127.0.0.1:%d" % peer,
             "--initial-cluster", "m1=http://127.0.0.1:%d" % peer, "--log-level", "error"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            try:
                q = urllib.request.Request(self.url + "/v3/kv/put", b'{"key":"Zmlyc3Q=","value":"MQ=="}')
                if b"revision" in urllib.request.urlopen(q, timeout=2).read():
                    break
            except OSError:
                pass
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("etcd did not start")
            time.sleep(0.005)
        self.first_commit = time.monotonic() - self.start

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Network:
    def __init__(self, scratch):
        self.home = tempfile.mkdtemp(prefix="home-", dir=scratch)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DOS_", "XDG_"))}
        self.env["DOS_HOME"] = self.home
        start = time.monotonic()
        self.dos("net", "up")
        self.up_seconds = time.monotonic() - start

    def dos(self, *args):
        p = subprocess.run([os.path.join(BIN, "dos"), *args], env=self.env, capture_output=True, text=True, timeout=120, cwd=self.home)
        if p.returncode != 0:
            raise RuntimeError("dos %s: exit %d %s" % (" ".join(args), p.returncode, p.stderr[-400:]))
        return p.stdout

    def pids(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    line = f.read()
                with open("/proc/%s/comm" % pid) as f:
                    if f.read().strip() == "dosd" and self.home.encode() in line:
                        found.append(int(pid))
            except OSError:
                pass
        return found

    def down(self):
        try:
            self.dos("net", "down")
        finally:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)


def peers_folder(rows, want):
    p = subprocess.run([os.path.join(ROOT, "bench", "peers", "build.sh")], capture_output=True, text=True)
    if p.returncode != 0:
        for ident in want:
            rows.add({"id": ident, "what": "peer", "peer": "etcd", "dos": None, "why": "etcd could not be built: " + p.stderr.strip()[-200:]})
        return None
    return p.stdout.strip().splitlines()[-1]


def reads(rows, args, scratch, peers):
    pairs = 1 if args.quick else 5
    seconds = "2" if args.quick else "4"
    net = Network(scratch)
    etcd = Etcd(peers, scratch)
    try:
        net.dos("net", "genesis", "-o", os.path.join(scratch, "genesis.dos"))
        url = json.loads(net.dos("status", "--json"))["data"]["url"]
        for _ in range(pairs):
            for clients in ("1", "16"):
                before = cpu_seconds(net.pids())
                p = subprocess.run([os.path.join(BIN, "dos-bench"), "--read-url", url, "--genesis", os.path.join(scratch, "genesis.dos"), "--clients", clients,
                                    "--seconds", seconds, "--folder", scratch], capture_output=True, text=True, timeout=120)
                if p.returncode != 0:
                    raise RuntimeError("dos-bench read: " + p.stderr[-300:])
                ours = json.loads(p.stdout)
                our_cpu = cpu_seconds(net.pids()) - before
                before = cpu_seconds([etcd.process.pid])
                p = subprocess.run([os.path.join(peers, "etcd-read"), "-endpoint", etcd.url, "-clients", clients, "-seconds", seconds],
                                   capture_output=True, text=True, timeout=120, check=True)
                theirs = json.loads(p.stdout)
                their_cpu = cpu_seconds([etcd.process.pid]) - before
                if clients == "1":
                    rows.add({"id": "B9", "what": "proved read, p50, 1 client", "peer": "etcd", "dos": ours["p50_ms"], "peer_value": theirs["p50_ms"],
                              "unit": "ms", "better": "lower"})
                else:
                    rows.add({"id": "B9", "what": "reads a second of server CPU, 16 clients", "peer": "etcd", "dos": ours["n"] / max(our_cpu, 0.01),
                              "peer_value": theirs["n"] / max(their_cpu, 0.01), "unit": "1/s", "better": "higher"})
    finally:
        etcd.stop()
        net.down()


def starts(rows, args, scratch, peers):
    for _ in range(2 if args.quick else 5):
        net = Network(scratch)
        net.down()
        etcd = Etcd(peers, scratch)
        etcd.stop()
        rows.add({"id": "B10", "what": "net up to the first final block", "peer": "etcd", "dos": net.up_seconds, "peer_value": etcd.first_commit,
                  "unit": "s", "better": "lower"})


def show(rows):
    widths = (4, 44, 9, 12, 12, 6, 7)
    head = ("id", "what", "peer", "dos", "peer value", "unit", "ratio")
    print("  ".join(h.ljust(w) for h, w in zip(head, widths)))
    for r in rows:
        cells = (r["id"], r["what"], r["peer"], "-" if r["dos"] is None else "%.5g" % r["dos"],
                 "-" if r["peer_value"] is None else "%.5g" % r["peer_value"], r["unit"], "-" if r["ratio"] is None else "%.2f" % r["ratio"])
        tail = "" if r["must"] is None else "  must %s: %s" % (r["must"], {True: "reached", False: "falls short", None: "not measured"}[r["reached"]])
        print("  ".join(str(c).ljust(w) for c, w in zip(cells, widths)) + tail + ("" if not r["why"] else "  (%s)" % r["why"]))
    print("load average %s" % " ".join("%.2f" % x for x in os.getloadavg()))


def main():
    p = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    p.add_argument("--only", action="append", default=[], help="an id, such as B5; may be given more than once")
    p.add_argument("--peer", default="", help="only figures against this peer")
    p.add_argument("--quick", action="store_true", help="one pair each, under 8 minutes")
    args = p.parse_args()
    known = {"B5", "B7", "B9", "B10", "B14"}
    for ident in args.only:
        if ident not in known:
            print("bench: no %s in this release; there are %s" % (ident, " ".join(sorted(known))), file=sys.stderr)
            return 2
    rows = Rows()
    scratch = tempfile.mkdtemp(prefix="bench-", dir=os.path.join(ROOT, "build"))
    try:
        library_benches(rows, args, scratch)
        processes = [i for i in ("B9", "B10") if not args.only or i in args.only]
        if processes:
            peers = peers_folder(rows, processes)
            if peers:
                for ident, run in (("B9", reads), ("B10", starts)):
                    if ident in processes:
                        try:
                            run(rows, args, scratch, peers)
                        except (RuntimeError, subprocess.SubprocessError, OSError) as e:
                            rows.add({"id": ident, "what": "run", "peer": "etcd", "dos": None, "why": str(e)[:300]})
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    done = [r for r in rows.finish() if not args.peer or r["peer"] == args.peer]
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    model = [l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")][:1]
    doc = {"v": 1, "commit": commit, "machine": {"cpu": model[0] if model else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release()},
           "quick": args.quick, "rows": done}
    with open(os.path.join(ROOT, "build", "bench.json"), "w") as f:
        json.dump(doc, f, indent=1)
        f.write("\n")
    show(done)
    return 0


if __name__ == "__main__":
    sys.exit(main())
