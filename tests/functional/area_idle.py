"""Four validators that nobody uses cost next to nothing."""
import os
import time

from dosrun import check

VALIDATORS = 4
SECONDS = 600
MOST_CPU = 0.01            # of a core, each
MOST_WRITTEN = 5 << 20     # bytes that reach a disk, all together


def long(test):  # run with --whole only
    test.long = True
    return test


def spent(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    with open("/proc/%d/io" % pid) as f:
        io = dict(line.split(": ") for line in f.read().splitlines())
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(io["write_bytes"])


@long
def test_ten_idle_minutes(h):
    h.run("send", "bob", "before the silence")
    time.sleep(2)
    pids = h.node_pids()
    height = h.data("status")["height"]
    before = {pid: spent(pid) for pid in pids}
    begun = time.monotonic()
    time.sleep(SECONDS)
    took = time.monotonic() - begun
    after = {pid: spent(pid) for pid in pids}
    cpu = sorted((after[p][0] - before[p][0]) / took for p in pids)
    written = sum(after[p][1] - before[p][1] for p in pids)
    print("   %.0f s idle: %s of a core, %.2f MiB written in all" % (took, ", ".join("%.2f %%" % (100 * c) for c in cpu), written / 2**20))
    check(len(pids) == VALIDATORS and cpu[-1] < MOST_CPU, "of a core: %r" % cpu)
    check(written <= MOST_WRITTEN, "%d bytes written" % written)
    check(h.data("status")["height"] == height, "no block was made for nobody")
    h.run("send", "bob", "after it", timeout=30)
