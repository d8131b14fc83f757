"""B18: what others feel while somebody attacks: strangers and a paying user against real processes, one lying validator of four
in the simulator."""
import json
import os
import subprocess
import threading
import time

from networks import BIN, Dos

RATE = 20  # signed calls a second, spread over all nodes


class Sampler(threading.Thread):
    """The most memory that any validator had while it ran."""

    def __init__(self, net):
        super().__init__(daemon=True)
        self.net, self.most, self.done = net, 0.0, threading.Event()

    def run(self):
        while not self.done.wait(0.25):
            try:
                self.most = max(self.most, self.net.memory_mib())
            except (OSError, AttributeError):
                pass

    def stop(self):
        self.done.set()
        self.join()
        return self.most


def honest(net, seconds):
    argv = [a for u in net.urls for a in ("--write-url", u)]
    sampler = Sampler(net)
    sampler.start()
    try:
        out = net.bench(*argv, "--rate", str(RATE), "--seconds", str(seconds), "--writers", "8")
    finally:
        out_mib = sampler.stop()
    out["mib"] = out_mib
    return out


def attack(net, name, seconds):
    """Runs beside the caller, at the lowest priority: what it takes of the processors is the machine's affair, not the nodes'."""
    return subprocess.Popen(["nice", "-n", "19", os.path.join(BIN, "dos-bench"), "--folder", net.home, "--genesis", net.genesis,
                             "--read-url", net.urls[0], "--attack", name, "--seconds", str(seconds)], env=net.env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def strangers(rows, args, scratch):
    seconds = 4 if args.quick else 8
    names = json.loads(subprocess.run([os.path.join(BIN, "dos-bench"), "--folder", scratch, "--attack", "list"], check=True, capture_output=True,
                                      text=True).stdout)
    for row in names:
        net = Dos(scratch)
        try:
            for _ in range(1 if args.quick else 3):
                quiet = honest(net, seconds)
                beside = attack(net, row["name"], seconds + 2)
                time.sleep(1)
                attacked = honest(net, seconds)
                out, err = beside.communicate(timeout=60)
                if beside.returncode != 0:
                    raise RuntimeError("the attack %s could not be made: %s" % (row["name"], err.strip()[-200:]))

                def put(what, key, unit, must=None):
                    rows.add({"id": "B18", "what": "%s: %s" % (row["name"], what), "peer": "quiet", "dos": attacked[key], "peer_value": quiet[key],
                              "unit": unit, "must": must})
                put("p50 of a call", "p50_ms", "ms", ["ratio <=", 1.1])
                put("p99 of a call", "p99_ms", "ms")
                put("most memory of a validator", "mib", "MiB", ["ratio <=", 1.1])
                if attacked["errors"]:
                    rows.add({"id": "B18", "what": "%s: calls that failed" % row["name"], "peer": "quiet", "dos": attacked["errors"],
                              "peer_value": quiet["errors"], "unit": "", "must": ["dos <=", 0], "why": attacked.get("error")})
        finally:
            net.stop()


def validators(rows, args):
    p = subprocess.run([os.path.join(BIN, "dos-sim"), "attack"], capture_output=True, text=True, timeout=1800)
    for line in p.stdout.splitlines():
        if line.startswith("FAILED"):
            rows.add({"id": "B18", "what": "one of four: " + line, "peer": "quiet", "dos": None, "why": "a checker objected"})
            continue
        a = json.loads(line)
        rows.add({"id": "B18", "what": "one of four %s: calls final" % a["liar"], "peer": "quiet", "dos": a["attacked"]["transactions"],
                  "peer_value": a["quiet"]["transactions"], "unit": "", "better": "higher", "must": ["ratio >=", 0.4]})
        rows.add({"id": "B18", "what": "one of four %s: p99" % a["liar"], "peer": "quiet", "dos": a["attacked"]["p99_ms"],
                  "peer_value": a["quiet"]["p99_ms"], "unit": "ms", "must": ["ratio <=", 4.0]})


def attacks(rows, args, scratch, _peers):
    strangers(rows, args, scratch)
    validators(rows, args)
