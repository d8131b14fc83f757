#!/usr/bin/env python3
"""./dev bench: measures DOS beside its peers and writes build/bench.json (docs/benchmarks.md).

Pairs alternate (DOS, peer, DOS, peer ...) on the same machine; medians and ranges are printed with the load average. Ends
with 0 also when a figure falls short; with 1 only when measuring itself fails."""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

import attacks
import measures

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN = os.path.join(ROOT, "build", "bin")
# must: the bound of docs/benchmarks.md for the judged (first) row of an id and peer, as a ratio dos / peer.
MUST = {("B1", "cometbft"): ("ratio >=", 1.0), ("B1", "cometbft-signed"): ("ratio >=", 2.0), ("B2", "cometbft"): ("dos <=", 0.35),
        ("B3", "etcd"): ("ratio <=", 1.5), ("B3", "cometbft"): ("ratio <=", 0.2), ("B11", "etcd"): ("dos <=", 64),
        ("B12", "cometbft"): ("dos <=", 3 * (measures.PAYLOAD + measures.SIGNATURE)), ("B5", "rocksdb"): ("ratio >=", 0.7), ("B7", "native"): ("ratio <=", 2.0), ("B9", "etcd"): ("ratio <=", 1.0),
        ("B10", "etcd"): ("dos <=", 2.0), ("B14", "floor"): ("ratio <=", 1.2)}


class Rows:
    def __init__(self):
        self.groups = {}

    def add(self, r):
        key = (r["id"], r["what"], r["peer"])
        g = self.groups.setdefault(key, {"dos": [], "peer": [], "unit": r.get("unit", ""), "better": r.get("better", "lower"), "why": r.get("why"), "must": r.get("must")})
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
            must = g["must"]
            if not must and (ident, peer) in MUST and (ident, peer) not in judged:
                judged.add((ident, peer))
                must = MUST[(ident, peer)]
            if must:
                kind, bound = must
                row["must"] = "%s %g" % (kind, bound)
                value = row["dos"] if kind.startswith("dos") else row["ratio"]
                if value is not None:
                    row["reached"] = value >= bound if ">=" in kind else value <= bound
            out.append(row)
        return out


def library_benches(rows, args, scratch):
    for ident in ("B5", "B7", "B10", "B14"):
        if args.only and ident not in args.only:
            continue
        cmd = [os.path.join(BIN, "dos-bench"), "--only", ident, "--folder", scratch, "--modules", os.path.join(ROOT, "build", "modules")]
        p = subprocess.run(cmd + (["--quick"] if args.quick else []), stdout=subprocess.PIPE, text=True, timeout=2400)
        for line in p.stdout.splitlines():
            rows.add(json.loads(line))
        if p.returncode != 0:
            rows.add({"id": ident, "what": "run", "peer": "floor", "dos": None, "why": "dos-bench ended with %d" % p.returncode})


def peers_folder(rows, want):
    p = subprocess.run([os.path.join(ROOT, "bench", "peers", "build.sh")], capture_output=True, text=True)
    if p.returncode != 0:
        for ident in want:
            rows.add({"id": ident, "what": "peer", "peer": "etcd", "dos": None, "why": "the peers could not be built: " + p.stderr.strip()[-200:]})
        return None
    return p.stdout.strip().splitlines()[-1]


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
    networked = {"B1": measures.writes, "B2": measures.writes, "B3": measures.writes, "B11": measures.writes, "B12": measures.writes,
                 "B8": measures.files, "B9": measures.reads, "B10": measures.starts, "B18": attacks.attacks}
    known = {"B5", "B7", "B14", *networked}
    for ident in args.only:
        if ident not in known:
            print("bench: no %s in this release; there are %s" % (ident, " ".join(sorted(known))), file=sys.stderr)
            return 2
    rows = Rows()
    scratch = tempfile.mkdtemp(prefix="bench-", dir=os.path.join(ROOT, "build"))
    try:
        library_benches(rows, args, scratch)
        wanted = [i for i in networked if not args.only or i in args.only]
        beside = [i for i in wanted if networked[i] is not attacks.attacks]
        peers = peers_folder(rows, beside) if beside else None
        for run in dict.fromkeys(networked[i] for i in wanted):
            if peers is None and run is not attacks.attacks:
                continue
            try:
                run(rows, args, scratch, peers)
            except (RuntimeError, subprocess.SubprocessError, OSError) as e:
                for ident in wanted:
                    if networked[ident] is run:
                        rows.add({"id": ident, "what": "run", "peer": "floor", "dos": None, "why": str(e)[:300]})
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
