"""Local networks: up, down, kill -9, reset, ports, damage."""
import fcntl
import glob
import json
import os
import signal
import socket
import subprocess
import time

from dosrun import DOS, Home, check, equal


def test_up_twice_is_no_error(h):
    h.run("net", "up")
    d = h.data("status")
    equal(d["quorum"], {"have": 1, "need": 1, "of": 1})
    check(int(d["height"]) >= 1, "block 1 is final")


def test_down_and_up_keep_height_and_files(h):
    h.write("k", b"kept")
    h.run("put", "k", "/home/me/k")
    before = h.data("status")["height"]
    h.down()
    h.run("cat", "/home/me/k", code=7)
    check(not h.node_pids(), "no node is left")
    h.up()
    equal(h.data("status")["height"], before)
    equal(h.run("cat", "/home/me/k").out, b"kept")


def test_kill_nine_loses_nothing_final(h):
    for i in range(3):
        h.write("n", b"round %d" % i)
        h.run("put", "n", "/home/me/n")
        height = int(h.data("status")["height"])
        check(h.kill_nodes(), "a node ran")
        h.run("cat", "/home/me/n", code=7)
        h.up()
        check(int(h.data("status")["height"]) >= height, "height is kept")
        equal(h.run("cat", "/home/me/n").out, b"round %d" % i)


def test_nothing_restarts_a_node(h):
    h.kill_nodes()
    time.sleep(1)
    equal(h.node_pids(), [])
    h.up()


def test_start_is_quick_and_ready(h):
    h.down()
    start = time.monotonic()
    h.up()
    check(time.monotonic() - start < 20, "up returns")
    h.run("ls", "/")


def test_idle_writes_nothing(h):
    pid = h.node_pids()[0]

    def io():
        with open("/proc/%d/io" % pid) as f:
            return int([l for l in f if l.startswith("write_bytes")][0].split()[1])

    h.run("ls", "/")
    time.sleep(3)
    before = io()
    time.sleep(3)
    check(io() - before < 1 << 20, "idle wrote %d bytes" % (io() - before))


def test_waiting_for_a_node_that_hangs_ends_in_the_time_given(h):
    (pid,) = h.node_pids()
    os.kill(pid, signal.SIGSTOP)
    r = h.run("net", "up", "--timeout", "1s", code=7)
    check(r.seconds < 6, "up took %.1f s" % r.seconds)
    r = h.run("net", "down", "--timeout", "1s")
    check(r.seconds < 9, "down took %.1f s" % r.seconds)
    check(not h.node_pids(), "it was killed")
    h.up()


def test_what_asks_stopped_nodes_ends_in_the_time_given(h):
    other = Home(validators=4)
    try:
        other.up()
        for pid in other.node_pids():
            os.kill(pid, signal.SIGSTOP)
        for words, codes in ((["net", "status"], (0,)), (["net", "heal"], (7,)), (["net", "pause", "v2"], (7,)), (["net", "cut", "v1,v2", "v3,v4"], (7,)),
                             (["status"], (7,)), (["net", "start", "v1"], (7,))):
            r = other.run(*words, "--timeout", "1s", code=None)
            check(r.code in codes and r.seconds < 4, "%r: exit %d after %.1f s: %s" % (words, r.code, r.seconds, r.err.decode()))
    finally:
        other.close()


def test_a_long_time_is_no_short_one(h):
    for time_given in ("300y", "30000y"):  # clocks count nanoseconds: 292 years of them
        h.run("balance", "--timeout", time_given)
        h.run("net", "up", "--timeout", time_given)
    h.run("mkdir", "/home/me/in-good-time", "--timeout", "300y", "--fresh", "300y")


def test_networks_that_start_at_one_moment_all_come_up(h):
    homes = [Home("at once") for _ in range(4)]
    try:
        runs = [subprocess.Popen([DOS, "net", "up", "--validators", "1", "--json"], cwd=o.cwd, env=o.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for o in homes]
        for p in runs:
            out, err = p.communicate(timeout=120)
            equal(p.returncode, 0, (out + err)[-600:].decode("utf-8", "replace"))
        urls = [o.url() for o in homes]
        equal(len(set(urls + [h.url()])), 5, "ports of %s" % urls)
    finally:
        for o in homes:
            o.close()


def test_port_taken_moves_on(h):
    busy = socket.socket()
    try:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        other = Home("second")
        try:
            other.run("net", "up", "--validators", "1", "--net", "second")
            url = other.data("status", "--net", "second")["url"]
            check(url != h.url(), "two networks, two ports")
        finally:
            other.run("net", "down", "--net", "second", code=None)
            other.close()
    finally:
        busy.close()


def test_data_folder_is_locked(h):
    record, base = h.net_record()
    pids = h.node_pids()
    equal(len(pids), 1)
    with open("/proc/%d/cmdline" % pids[0], "rb") as f:
        args = [a.decode() for a in f.read().split(b"\0") if a]
    p = subprocess.run([os.path.join(os.path.dirname(__import__("dosrun").DOS), "dosd"), *args[1:]], capture_output=True, timeout=20,
                       env=h.env)
    check(p.returncode not in (0, -9), "a second node on the same data refuses")
    check(b"lock" in p.stderr or b"another process" in p.stderr or b"uses that" in p.stderr, p.stderr[-300:].decode())
    equal(h.node_pids(), pids)


def test_nodes_whose_pid_nobody_noted_are_ended_all_the_same(h):
    """What a Ctrl-C in `net up` leaves: nodes that run, and a record that does not say as what."""
    other = Home(validators=2)
    stranger = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def forget(pid):
            record, base = other.net_record()
            for n in record["nodes"]:
                n["pid"] = pid
            with open(os.path.join(base, "net.json"), "w") as f:
                json.dump(record, f)

        for words, left in ((["net", "kill", "v1"], 1), (["net", "down"], 0), (["net", "reset", "--yes"], 2), (["net", "rm", "--yes"], 0)):
            for pid in (0, stranger.pid):
                other.up()
                forget(pid)
                before = other.node_pids()
                other.run(*words)
                after = other.node_pids()
                equal((len(after), len(set(after) & set(before))), (left, 1 if words[1] == "kill" else 0), "nodes after %r" % words)
        equal(stranger.poll(), None, "another process that has the number")
    finally:
        stranger.kill()
        stranger.wait()
        other.close()


def test_a_damaged_record_leaves_no_node_behind(h):
    other = Home(validators=2)
    try:
        other.up()
        base, before = other.net_record()[1], other.node_pids()
        with open(os.path.join(base, "net.json"), "w") as f:
            f.write("{")
        other.up()
        check(os.path.isdir(base + ".old-1"), "what was there is kept")
        equal((len(other.node_pids()), set(other.node_pids()) & set(before)), (2, set()))
    finally:
        other.close()


def test_nodes_are_ended_without_a_record_that_names_them(h):
    other = Home(validators=2)
    try:
        for harm, words, left in (("gone", ["down"], 0), ("gone", ["up", "--validators", "2"], 2), ("damaged", ["down"], 0), ("damaged", ["reset", "--yes", "--validators", "2"], 2),
                                  ("damaged", ["rm", "--yes"], 0)):
            other.up()
            record, before = os.path.join(other.env["DOS_HOME"], "state", "nets", "local", "net.json"), other.node_pids()
            os.unlink(record)
            if harm == "damaged":
                with open(record, "w") as f:
                    f.write("{")
            other.run("net", *words)
            equal((len(other.node_pids()), set(other.node_pids()) & set(before)), (left, set()), "%s, then %r" % (harm, words))
        other.run("net", "down", code=3)
    finally:
        other.close()


def test_a_net_up_that_is_killed_leaves_only_what_net_down_ends(h):
    other = Home(validators=4)
    try:
        for stop in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM, signal.SIGHUP):
            p = other.start("net", "up", "--validators", "4", start_new_session=True)
            deadline = time.monotonic() + 60
            while not other.node_pids() and p.poll() is None and time.monotonic() < deadline:
                pass
            p.send_signal(stop)  # while it starts them
            p.communicate()
            check("is stopped" in other.down().text, "down")
            equal(other.node_pids(), [])
    finally:
        other.close()


def test_one_command_at_a_time_starts_and_stops_nodes(h):
    other = Home(validators=2)
    try:
        other.up()
        before, file = other.node_pids(), os.path.join(other.env["DOS_HOME"], "state", "net-local.lock")
        with open(file, "r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            for words in (["up"], ["down"], ["kill", "v1"], ["start", "v1"], ["reset", "--yes"], ["rm", "--yes"]):
                r = other.run("net", *words, "--timeout", "200ms", "--json", code=7)
                error = r.json()["error"]
                equal((error["code"], error["retry"]), ("DOS-E0101", True), words)
                check("another `dos net` command" in error["detail"], error["detail"])
            equal(other.node_pids(), before)
            r = other.run("net", "down", "--timeout", "1500ms", code=7)
            check(b"waits until it has ended" in r.err, r.err.decode())
            other.run("net", "status")  # who only looks does not wait
            waiting = other.start("net", "down")
            time.sleep(0.2)
            equal((waiting.poll(), other.node_pids()), (None, before))
        out, err = waiting.communicate(timeout=60)
        equal((waiting.returncode, other.node_pids()), (0, []), err.decode())
    finally:
        other.close()


def test_commands_beside_net_up_leave_a_network_or_none(h):
    other = Home(validators=4)
    try:
        for words, wait in ((["down"], 0.01), (["down"], 0.05), (["reset", "--yes"], 0.02), (["rm", "--yes"], 0.03), (["kill", "v1"], 0.03)):
            up = other.start("net", "up", "--validators", "4")
            while not other.node_pids() and up.poll() is None:
                pass
            time.sleep(wait)
            r = other.run("net", *words)
            err = up.communicate(timeout=120)[1]
            equal(up.returncode, 0, err.decode())
            equal(len(other.node_pids()), {"reset": 4, "kill": 3}.get(words[0], 0), "nodes after %r: %s" % (words, r.text))
            if words[0] != "rm":
                other.down()
            equal(other.node_pids(), [], "after down")
    finally:
        other.close()


def test_reset_gives_a_new_chain(h):
    other = Home()
    try:
        other.up()
        first = other.data("status")["chain"]
        other.run("net", "reset", code=10)
        other.run("net", "reset", "--yes", timeout=60)
        other.up()
        check(other.data("status")["chain"] != first, "new chain id")
    finally:
        other.close()


def test_ls_and_logs(h):
    check(any(i["name"] == "local" for i in h.data("net", "ls")["items"]), "net ls lists it")
    h.run("net", "logs")
    h.run("net", "status")


def test_no_network_says_how_to_start(h):
    other = Home()
    try:
        r = other.run("ls", "/", "--json", code=7)
        check("dos net up" in r.text, r.text)
        other.run("net", "down", "typo", code=3)
        other.run("net", "rm", "typo", "--yes", code=3)
        check(not os.path.exists(other.env["DOS_HOME"]), "nothing is made")
    finally:
        other.close()


def test_damage_is_named_never_served(h):
    other = Home()
    try:
        other.up()
        other.write("d", os.urandom(300000))
        other.run("put", "d", "/home/me/d")
        other.down()
        blobs = {p for p in glob.glob(os.path.join(other.env["DOS_HOME"], "**", "blobs", "**"), recursive=True)
                 if os.path.isfile(p) and os.path.getsize(p) > 200000}
        check(blobs, "the blob lies on disk")
        for path in blobs:
            with open(path, "r+b") as f:
                f.seek(150000)
                b = f.read(1)
                f.seek(150000)
                f.write(bytes([b[0] ^ 1]))
        other.up()
        r = other.run("cat", "/home/me/d", code=None)
        check(r.code not in (0, 1) or r.code == 1 and b"damaged" in r.err, "exit %d %s" % (r.code, r.err[-300:]))
        check(r.code != 0, "damaged content is not served")
    finally:
        other.close()


def test_damaged_notes_of_content_in_use_are_made_again(h):
    other = Home()
    try:
        other.up()
        content = os.urandom(300000)
        other.write("d", content)
        other.run("put", "d", "/home/me/d")
        other.down()
        notes = [p for p in glob.glob(os.path.join(other.env["DOS_HOME"], "**", "blobs", "state"), recursive=True) if os.path.isfile(p)]
        check(notes, "the notes lie on disk")
        for path in notes:
            size = os.path.getsize(path)
            with open(path, "r+b") as f:
                f.write(b"\xa5" * size)
        other.up()
        log = other.run("net", "logs").out
        check(b"made anew from the state" in log, log[-400:])
        equal(other.run("cat", "/home/me/d").out, content)
    finally:
        other.close()


def test_full_disk_refuses_and_recovers(h):
    if os.geteuid() != 0:
        return
    import tempfile
    mount = tempfile.mkdtemp(prefix="dos-full-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "none", mount], capture_output=True).returncode != 0:
        os.rmdir(mount)
        return
    other = Home()
    try:
        other.env["DOS_HOME"] = os.path.join(mount, "home")
        other.up()
        other.write("s", b"safe")
        other.run("put", "s", "/home/me/s")
        other.write("big", os.urandom(20 << 20))  # below what one uploader may keep of this disk before it is claimed
        ballast = os.path.join(mount, "ballast")
        with open(ballast, "wb") as f:
            f.write(bytes(max(0, os.statvfs(mount).f_bavail * os.statvfs(mount).f_frsize - (12 << 20))))
        r = other.run("put", "big", "/home/me/big", code=None, timeout=120)
        check(r.code not in (0,), "does not fit")
        check(b"free" in r.err, "the node says why: %s" % r.err[-300:])
        check(other.node_pids(), "an upload does not end the node")
        equal(other.run("cat", "/home/me/s").out, b"safe")
        other.run("net", "down", code=None)
        os.remove(ballast)
        other.up()
        equal(other.run("cat", "/home/me/s").out, b"safe")
    finally:
        other.kill_nodes()
        other.close()
        subprocess.run(["umount", "-l", mount])
        os.rmdir(mount)


def test_classic_suite(h):
    other = Home()
    try:
        other.run("net", "up", "--validators", "1", "--suite", "classic", timeout=60)
        other.write("c", b"classic " * 900)
        other.run("put", "c", "/home/me/c")
        equal(other.run("cat", "/home/me/c").out, b"classic " * 900)
        other.run("send", "bob", "hello")
        equal(other.data("inbox", "--as", "bob")["items"][0]["text"], "hello")
        other.run("net", "up", "--suite", "pq", code=5)
        other.run("net", "up", "--suite", "rot13", code=2)
    finally:
        other.close()
