"""Local networks: up, down, kill -9, reset, ports, damage."""
import glob
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
