"""Slips of people and scripts: an empty variable, a wrong name, a closed pipe, a Ctrl-C. Each ends with the right exit code and a
sentence that is true, and nothing is stored, removed or paid for that was not meant."""
import os
import pty
import resource
import signal
import subprocess
import time

from area_liar import Liar
from dosrun import BIN, DOS, check, equal, side_by_side


def put(h, path, content=b"x"):
    return h.data("put", "-", path, stdin=content)


def names(h, path="/home/me"):
    return [i["name"] for i in h.data("ls", path)["items"]]


def start(h, *args, **kw):
    return subprocess.Popen([DOS, *args], cwd=h.cwd, env=h.env, stderr=subprocess.PIPE, **kw)


def test_nothing_is_made_below_a_file(h):
    put(h, "/home/me/below/file", b"a file")
    h.run("mkdir", "/home/me/below/folder")
    h.write("tree/leaf", b"leaf")
    before = names(h, "/home/me/below")
    for words in (["put", "tree/leaf", "/home/me/below/file/x"], ["put", "tree/leaf", "/home/me/below/file/x/y"],
                  ["put", "tree/leaf", "/home/me/below/file/"], ["put", "-r", "tree", "/home/me/below/file/tree"],
                  ["mkdir", "/home/me/below/file/x"], ["mkdir", "-p", "/home/me/below/file/x/y"],
                  ["cp", "/home/me/below/file", "/home/me/below/file/x"], ["mv", "/home/me/below/folder", "/home/me/below/file/x"]):
        r = h.run(*words, code=2)
        check(b"/home/me/below/file is a file" in r.err, "%r: %r" % (words, r.err))
        equal(names(h, "/home/me/below"), before, "what stands there after %r" % words)
    h.run("cat", "/home/me/below/file/x", code=3)


def test_a_home_is_not_removed_for_ever(h):
    """Nobody owns /home: nobody could bring one back (fs.undelete needs w on the folder)."""
    h.run("put", "-", "/home/carol/kept", "--as", "carol", stdin=b"kept")
    for words in (["rm", "-r", "/home/carol", "--yes"], ["rm", "/home/carol"], ["mv", "/home/carol", "/home/carol/inside"]):
        h.run(*words, "--as", "carol", code=None)
        equal(h.run("cat", "/home/carol/kept", "--as", "carol").out, b"kept", "after %r" % words)
    h.run("rm", "-r", "/home/carol", "--as", "carol", code=4)


def test_an_empty_argument_is_no_home(h):
    h.write("e", b"e")
    before = names(h)
    for words in (["put", "e", ""], ["put", "-r", "tree", ""], ["put", ""], ["get", "/home/me/e", ""], ["ls", ""], ["rm", ""], ["send", "bob", ""],
                  ["ls", "--as", ""], ["ls", "--net", ""], ["balance", ""], ["proof", "/home/me", "-o", ""]):
        os.makedirs(h.path("tree"), exist_ok=True)
        check(h.run(*words, code=None).code in (2, 3), "%r" % words)
    equal(names(h), before)


def test_an_empty_argument_is_not_a_missing_one(h):
    """`dos net rm "$NET" --yes` with NET unset names no network, least of all the one that stands."""
    for words in (["net", "rm", "", "--yes"], ["net", "down", ""], ["net", "up", ""], ["net", "status", ""], ["net", "logs", ""],
                  ["id", "show", ""], ["block", ""], ["explain", ""], ["balance", ""], ["faucet", ""], ["ls", ""], ["tx", ""]):
        r = h.run(*words, code=None)
        check(r.code in (2, 3), "%r: exit %d %s" % (words, r.code, r.text))
    for words in (["call", "--list", ""], ["rm", "-r", "", "--yes"], ["net", "kill", ""], ["ls", "--via", ""], ["ls", "--via="], ["net", "rm", "--net", "", "--yes"],
                  ["call", "credit.pay", "me", "bob", "1", "--access", ""], ["net", "up", "--suite", ""], ["key", "agent", "--for", ""], ["explain", "--at", ""]):
        equal(h.run(*words, code=None).code, 2, "%r" % words)
    h.write("dos.toml", b'net = ""\n')
    h.run("net", "rm", "--yes", code=2)
    h.run("status", code=2)
    h.run("status", env=dict(h.env, DOS_NET=h.net, DOS_AS=""))  # an empty variable counts as not set
    os.unlink(h.path("dos.toml"))
    h.run("status", env=dict(h.env, DOS_NET="", DOS_AS=""))


def test_a_flag_s_value_is_judged_whatever_the_command(h):
    """Before anything is done: a reset would have removed the network by the time that it read the port of the new one."""
    at = h.data("status")["height"]
    for words in (["net", "up"], ["net", "status"], ["net", "logs"], ["key", "agent"], ["explain"], ["paths"], ["net", "ls"]):
        for flag, value in (("--timeout", "soon"), ("--at", "x"), ("--via", "a\nb"), ("--via", "ftp://x"), ("--fresh", "-1"), ("--min-height", "1.5"), ("--net", "[a]")):
            r = h.run(*words, flag, value, code=2)
            check(flag.encode() + b" takes " in r.err, "%r: %r" % (words, r.err))
    for flag, value in (("--port", "80"), ("--suite", "rsa"), ("--validators", "0"), ("--port", "")):
        h.run("net", "reset", "--yes", flag, value, code=2)
    check(int(h.data("status")["height"]) >= int(at), "the chain stands")


def test_a_file_that_says_it_is_empty_and_is_not(h):
    h.run("put", "/proc/cpuinfo", "/home/me/cpuinfo", code=None)
    r = h.run("stat", "/home/me/cpuinfo", code=None)
    check(r.code == 3, "nothing was stored in its place: " + r.text)
    r = h.run("put", "/proc/cpuinfo", "/home/me/cpuinfo", code=5)
    check(b"more bytes than its size says" in r.err, r.err)


def test_the_size_that_is_told_is_that_of_what_was_stored(h):
    """The file grows between its hash and its upload."""
    liar = Liar(h.url())
    size = 300_000

    def grow(method, path, body):
        if path.startswith("/v1/blobs") and method == "POST":
            with open(h.path("grow/ing"), "ab") as f:
                f.write(b"more")

    liar.instead = grow
    for words, to in ((["put", "grow/ing"], "/home/me/grown"), (["put", "-r", "grow"], "/home/me/grow")):
        os.makedirs(h.path("grow"), exist_ok=True)
        h.write("grow/ing", os.urandom(size))
        told = h.data(*words, to, "--via", liar.url)
        check(os.path.getsize(h.path("grow/ing")) > size, "it grew")
        equal(told["items"][0]["size"] if "items" in told else told["size"], size)
        equal(h.data("stat", to + ("/ing" if "items" in told else ""))["size"], size)
    liar.shutdown()


def test_copy_onto_itself_makes_no_revision(h):
    put(h, "/home/me/self")
    h.run("cp", "/home/me/self", "/home/me/self", code=2)
    h.run("cp", "/home/me/self@1", "/home/me/self", code=2)
    equal(h.data("cp", "/home/me/self", "/home/me/another")["size"], 1, "its size, not the padded one")
    equal(h.data("stat", "/home/me/self")["revision"], 1)


def test_a_revision_is_shown_or_refused_never_the_newest_instead(h):
    for text in (b"1", b"22", b"333"):
        put(h, "/home/me/three", text)
    for n in (1, 2, 3):
        d = h.data("stat", "/home/me/three@%d" % n)
        equal((d["revision"], d["size"]), (n, n))
    equal([(i["revision"], i["size"]) for i in h.data("log", "/home/me/three")["items"]], [(3, 3), (2, 2), (1, 1)])
    equal([i.get("padded") for i in h.data("log", "/home/me/three", "--as", "carol")["items"]], [True, True, True])
    h.run("stat", "/home/me/three@4", code=3)
    for words in (["ls", "/home/me/three@1"], ["log", "/home/me/three@1"], ["proof", "/home/me/three@1", "-o", "p"]):
        h.run(*words, code=2)
    h.run("rm", "/home/me/three")
    equal(h.data("stat", "/home/me/three@2")["size"], 2)


def test_a_block_that_is_not_there_yet_is_no_lie(h):
    for words in (["block", "99999"], ["block", "0"], ["ls", "--at", "99999"], ["cat", "/home/me/x@#99999"], ["balance", "--at", "99999"]):
        r = h.run(*words, code=3)
        check(r.seconds < 5 and b"warning" not in r.err, "%r: %.1f s %r" % (words, r.seconds, r.err))


def test_the_past_is_not_written_to(h):
    put(h, "/home/me/now")
    at = h.data("stat", "/home/me/now")["height"]
    put(h, "/home/me/now")
    before = h.data("balance")["credits"]
    for words in (["put", "-", "/home/me/now"], ["mkdir", "/home/me/then"], ["chmod", "bob+r", "/home/me/now"], ["send", "bob", "x"],
                  ["restore", "/home/me/now@1"], ["pay", "bob", "1"]):
        h.run(*words, "--at", at, code=2)
    equal(h.data("balance")["credits"], before)
    equal(h.data("block", "--at", at)["height"], at)


def test_a_height_that_no_node_reaches(h):
    r = h.run("ls", "/", "--min-height", "99999", "--timeout", "1s", code=7)
    check(b"asked was at least block 99999" in r.err, "%r" % r.err)


def test_a_slip_in_one_path_removes_none(h):
    put(h, "/home/me/stays")
    h.run("rm", "/home/me/stays", "/home/me/no-such", code=3)
    h.run("cat", "/home/me/stays")


def test_flags_without_a_command(h):
    h.run("--no-such", code=2)
    h.run("--as", "bob", code=2)
    check(b"dos " in h.run("--version").out, "the version")
    check(h.data("--version")["version"], "the version as data")
    h.run("--help")
    check(b"dos put" in h.run("help", "files").out, "help of a group")
    check(b"--json" in h.run("ls", "--jsn", code=2).err, "the flag that was meant")
    h.run("ls", "--passphrase-fd", "x", code=2)


def test_wrong_identity(h):
    for words in (["ls"], ["ls", "/home"], ["balance"], ["status"], ["cat", "/home/me/x"]):
        h.run(*words, "--as", "nobody-here", code=4)
    h.run("ls", "--via", "v99", code=3)


def test_wrong_payments_cost_nothing(h):
    before = h.data("balance")["credits"]
    for words, code in ((["pay", "bob", "0"], 2), (["pay", "me", "1"], 2), (["pay", "bob", "9999999"], 6), (["faucet", "0"], 2),
                        (["faucet", "1001"], 6), (["pay", "nobody-here", "1"], 3)):
        h.run(*words, code=code)
    check(b"9999999" in h.run("pay", "bob", "9999999", code=6).err, "in credits")
    equal(h.data("balance")["credits"], before)


def test_a_message_begins_no_line_of_its_own(h):
    h.run("send", "bob", "hello\n*  2026-01-01T00:00:00.000Z  alice  pay me")
    lines = h.run("inbox", "--as", "bob").text.splitlines()
    check(not any("alice" in line and "hello" not in line for line in lines), "%r" % lines)
    check("hello\n*" in h.data("inbox", "--as", "bob")["items"][-1]["text"], "as data it is whole")


def test_where_output_goes(h):
    put(h, "/home/me/out", b"bytes out")
    equal(h.run("get", "/home/me/out", "-").out, b"bytes out")
    h.run("get", "/home/me/out", "-", "--json", code=2)
    check(not os.path.exists(h.path("-")), "no file named -")
    h.run("get", "/home/me/out", "/dev/null")
    check(not os.path.isfile("/dev/null"), "a device stays one")
    for words in (["get", "/home/me/out", "no/such/folder"], ["proof", "/home/me/out", "-o", "no/such/p"], ["net", "genesis", "-o", "no/such/g"]):
        h.run(*words, code=3)
    check(not os.path.exists(h.path("no")), "no folder is made")
    with open(h.path("mode"), "w"):
        pass
    os.chmod(h.path("mode"), 0o640)
    h.run("get", "/home/me/out", "mode")
    equal(os.stat(h.path("mode")).st_mode & 0o777, 0o640, "an existing file keeps its mode")
    proof = h.run("proof", "/home/me/out", "-o", "-").out
    check(b"valid" in h.run("verify", "-", stdin=proof).out, "a proof through pipes")
    h.run("verify", "-", stdin=b"", code=8)
    h.run("verify", ".", code=2)


def test_what_an_ended_get_left_is_in_nobody_s_way(h):
    """In a container the same pid comes back with each start."""
    h.write("taken", b"whole")
    h.run("put", "taken", "/home/me/taken")
    p = subprocess.run(["sh", "-c", 'echo half > got.part-$$; exec "$0" get /home/me/taken got', DOS], cwd=h.cwd, env=h.env, capture_output=True, timeout=60)
    equal((p.returncode, open(h.path("got"), "rb").read()), (0, b"whole"), p.stderr.decode())
    (left,) = [n for n in os.listdir(h.cwd) if n.startswith("got.part-")]
    os.unlink(h.path(left))  # whose it is nobody knows: it stayed


def test_output_that_cannot_be_written_is_told(h):
    put(h, "/home/me/full", b"f" * 5000)
    for words in (["ls"], ["ls", "--json"], ["cat", "/home/me/full"], ["get", "/home/me/full", "/dev/full"]):
        with open("/dev/full", "wb") as full:
            p = start(h, *words, stdout=full)
            err = p.communicate()[1]
        equal(p.returncode, 1, "exit code of %r" % words)
        check(b"No space left" in err, "%r: %r" % (words, err))


def test_a_write_that_cannot_be_reported_says_that_it_is_final(h):
    """Whoever repeats what failed would pay again: that it is done is said where something can still be said."""

    def balance():
        return h.data("balance", "bob")["credits"]

    def pay(*more, **kw):
        before = float(balance())
        p = start(h, "pay", "bob", "1", *more, **kw)
        if kw["stdout"] == subprocess.PIPE:
            p.stdout.close()  # nobody reads
            err = p.stderr.read()
            p.wait()
        else:
            err = p.communicate()[1]
        equal(float(balance()), before + 1)
        return p.returncode, err.decode()

    for form in ([], ["--json"]):
        with open("/dev/full", "wb") as full:
            told = [pay(*form, stdout=full)]
        told.append(pay(*form, stdout=None, preexec_fn=lambda: os.close(1)))
        told.append(pay(*form, stdout=subprocess.PIPE))
        with open(h.path("report"), "wb") as file:
            told.append(pay(*form, stdout=file, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))))
        for code, err in told:
            equal(code, 1, err)
            check("DOS-E0109" in err and "tx:" in err and "is final" in err and "Do not repeat it" in err, err)


def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(h):
    """Nobody writes into it: whoever opened it to read would wait without end."""
    base = os.path.dirname(h.env["DOS_HOME"]) + "/fifos"
    os.mkdir(base)
    fifo = os.path.join(base, "fifo")
    os.mkfifo(fifo)
    put(h, "/home/me/shown")
    h.run("proof", "/home/me/shown", "-o", "shown.proof")

    def refused(r):
        check(b"no regular file" in r.out + r.err, "%r" % (r.out + r.err))

    for words in (["verify", fifo], ["verify", "shown.proof", "--genesis", fifo], ["call", "msg.take", "@" + fifo]):
        refused(h.run(*words, code=None, timeout=20))
    home = h.net_record()[1]
    for name, words in (("net.json", ["status"]), ("net.json", ["net", "ls"]), ("net.json", ["net", "up"]), ("genesis.dos", ["status"]),
                        ("keys/me.dev", ["id", "ls"]), ("keys/me.dev", ["faucet"])):
        file = os.path.join(home, name)
        os.rename(file, file + ".kept")
        try:
            os.mkfifo(file, 0o600)
            refused(h.run(*words, code=None, timeout=20))
        finally:
            os.rename(file + ".kept", file)
    for words in (["check", "--config", fifo], ["run", "--config", fifo], ["check", "--data", base, "--keys", base, "--modules", base, "--genesis", fifo]):
        p = subprocess.run([os.path.join(BIN, "dosd"), *words], capture_output=True, env=h.env, timeout=20)
        check(p.returncode == 1 and b"no regular file" in p.stderr, "%r: %r" % (words, p.stderr))
    h.run("verify", "shown.proof")


def test_too_few_descriptors_are_an_error_like_any(h):
    for most in range(4, 14):
        r = h.run("status", code=None, preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        check(r.code == 0 or b"error[DOS-E" in r.err or b"shared libraries" in r.err, "%d: %r" % (most, r.err))


def test_a_reader_that_has_seen_enough_is_not_told(h):
    put(h, "/home/me/long", b"line\n" * 500000)
    p = start(h, "cat", "/home/me/long", stdout=subprocess.PIPE)
    p.stdout.read(10)
    p.stdout.close()
    equal((p.wait(), p.stderr.read()), (1, b""))


def test_ctrl_c_leaves_nothing(h):
    try:
        os.close(os.open(h.cwd, os.O_TMPFILE | os.O_WRONLY))
    except OSError:  # a file system without files that have no name yet
        return
    h.write("big", os.urandom(96 << 20))
    h.run("put", "big", "/home/me/big")
    for name in ("get", "put"):
        for stop in (signal.SIGINT, signal.SIGKILL):
            words = ["get", "/home/me/big", "copy"] if name == "get" else ["put", "big", "/home/me/big2"]
            p = start(h, *words, stdout=subprocess.PIPE)
            time.sleep(0.15)
            p.send_signal(stop)
            p.communicate()
            # With 7 where its transaction was on its way (area_interrupts).
            check(p.returncode in (-stop, 0, 7 if (name, stop) == ("put", signal.SIGINT) else 0), "ends by the signal: %d" % p.returncode)
            check(not [n for n in os.listdir(h.cwd) if ".part" in n], "%r" % os.listdir(h.cwd))
    h.run("get", "/home/me/big", "copy")
    with open(h.path("big"), "rb") as a, open(h.path("copy"), "rb") as b:
        check(a.read() == b.read(), "the same bytes")


def test_an_unreadable_folder_is_told(h):
    h.write("mixed/open/f", b"f")
    h.write("mixed/shut/f", b"f")
    os.chmod(h.path("mixed/shut"), 0)
    if os.geteuid() == 0:  # root reads all: another user cannot enter
        return
    h.run("put", "-r", "mixed", code=1)


def test_writers_of_one_file_at_once_all_succeed(h):
    h.write("same", b"same")
    side_by_side(lambda i: h.run("put", "same", "/home/me/at-once"), range(12), 12)
    equal(h.data("stat", "/home/me/at-once")["revision"], 12)
    codes = []
    side_by_side(lambda i: codes.append(h.run("mkdir", "/home/me/one-folder", code=None).code), range(6), 6)
    equal(sorted(codes), [0, 5, 5, 5, 5, 5])


def fd_with(h, name, text):
    h.write(name, text)
    return os.open(h.path(name), os.O_RDONLY)


def test_rotate_by_descriptor(h):
    """One line of --passphrase-fd: the passphrase stays. A second line is the new one."""
    def by(text, *words, code=0):
        fd = fd_with(h, "pw", text)
        try:
            return h.run(*words, "--as", "gina", "--passphrase-fd", str(fd), pass_fds=(fd,), code=code)
        finally:
            os.close(fd)

    fd = fd_with(h, "pw", b"first words\n")
    h.run("id", "new", "gina", "--passphrase-fd", str(fd), pass_fds=(fd,))
    os.close(fd)
    by(b"first words\n", "faucet")
    by(b"wrong words\n", "key", "rotate", code=4)
    by(b"first words\n", "key", "rotate")
    by(b"first words\n", "send", "bob", "with the same words")
    by(b"first words\nsecond words\n", "key", "rotate")
    by(b"first words\n", "send", "bob", "x", code=4)
    by(b"second words\n", "send", "bob", "with the new words")


def test_a_terminal_is_asked_before_a_network_goes(h):
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(DOS, [DOS, "net", "rm"], h.env)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(fd, 1000)
    os.write(fd, b"n\n")
    try:
        while os.read(fd, 1000):
            pass
    except OSError:  # the other end is closed
        pass
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 10)
    os.close(fd)
    h.run("net", "rm", code=10)
    h.run("ls", "/")
