"""A command that a signal ends says what it handed in: exit 7 and the transaction's id, as if it were not known for another reason."""
import json
import os
import pty
import signal
import termios
import threading

from area_liar import Liar, letters, micro, refusal
from dosrun import DOS, check, equal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CODE = "DOS-E0107"


class Holder(Liar):
    """Holds the answers to what `which(method, path)` is true of, from the `after`-th on (0: the first), until they are let go."""

    def __init__(self, h, which, after=0):
        super().__init__(h.url())
        self.held, self.go = threading.Event(), threading.Event()
        self.left = after

        def hold(method, path, status, body, state):
            if not which(method, path):
                return None
            self.left -= 1
            if self.left < 0:
                self.held.set()
                self.go.wait(60)
            return None

        self.lie = hold

    def handle_error(self, *_):
        pass  # whoever asked has been ended

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go.set()
        self.shutdown()


def writes(method, path):
    return method == "POST" and path.startswith("/v1/transactions")


def default_actions():
    for s in SIGNALS:
        signal.signal(s, signal.SIG_DFL)


def interrupted(h, words, stop, which=writes, after=0):
    """`dos WORDS` to which `stop` comes while the answer is held. Exit code (below 0: the signal), stdout, stderr."""
    with Holder(h, which, after) as holder:
        p = h.start(*words, "--via", holder.url, preexec_fn=default_actions)
        check(holder.held.wait(60), "%r: nothing was held" % words)
        p.send_signal(stop)
        out, err = p.communicate(timeout=60)
        return p.returncode, out, err


def told(h, words, stop, **kw):
    """The data of its envelope, having been told so; once for people, once as JSON."""
    code, out, err = interrupted(h, [*words, "--json"], stop, **kw)
    equal((code, err), (7, b""), "%r: %r" % (words, out))
    equal(out.count(b"\n"), 1, "lines")
    error = json.loads(out)["error"]
    equal((error["code"], error["retry"]), (CODE, False))
    data = error["data"]
    equal(data["tx"], data["transactions"][0]["tx"])
    for part in (data["tx"], data["valid_until"], "interrupted", "not known"):
        check(part in error["detail"], "%r: %s" % (words, error["detail"]))
    return data


def told_to_people(h, words, stop, **kw):
    """The ids that the text names."""
    code, out, err = interrupted(h, words, stop, **kw)
    equal((code, out), (7, b""), "%r: %r" % (words, err))
    text = err.decode()
    check(text.startswith("error[%s]: " % CODE) and "interrupted" in text and "and not after" in text, text)
    check("dos tx tx:" in text, text)
    return [w.strip(",") for w in text.split(" was handed in")[0].split(" were handed in")[0].split() if w.startswith("tx:")]


def test_every_write_that_is_interrupted_names_its_transaction(h):
    h.write("w", b"w")
    h.write("big", os.urandom(300_000))
    h.run("put", "w", "/home/me/there")
    h.run("id", "new", "ivy", "--dev")
    h.run("faucet", "--as", "ivy")
    h.run("send", "ivy", "a letter")
    n = 0
    for words in (["pay", "bob", "0.000001"], ["call", "credit.pay", "me", "bob", "0.000001"], ["send", "carol", "hello"],
                  ["mkdir", "/home/me/d%d"], ["put", "w", "/home/me/w%d"], ["put", "big", "/home/me/big%d"], ["cp", "/home/me/there", "/home/me/copy%d"],
                  ["mv", "/home/me/copy%d", "/home/me/moved%d"], ["chmod", "bob+r", "/home/me/d%d"], ["rm", "/home/me/w%d"],
                  ["restore", "/home/me/there@1"], ["faucet", "--as", "ivy"], ["id", "new", "jo%d", "--dev"]):
        for number in range(2):
            line = [w % number if "%d" in w else w for w in words]
            stop = SIGNALS[n % len(SIGNALS)]
            n += 1
            if number == 0:
                tx = told(h, line, stop)["tx"]
            else:
                named = told_to_people(h, line, stop)
                equal(len(named), 1)
                tx = named[0]
            equal(h.data("tx", tx)["status"], "ok", "%r" % line)
    tx = told(h, ["inbox", "--take", "--as", "ivy"], signal.SIGHUP)["tx"]
    equal((h.data("tx", tx)["status"], letters(h, "ivy")), ("ok", 0))
    tx = told(h, ["key", "rotate", "--as", "ivy"], signal.SIGTERM)["tx"]
    equal((h.data("tx", tx)["status"], h.data("key", "rotate", "--as", "ivy")["index"]), ("ok", 1))


def test_it_is_the_very_transaction_and_it_is_not_undone(h):
    for stop in SIGNALS:
        before, had = micro(h, "bob"), letters(h, "carol")
        data = told(h, ["pay", "bob", "0.5"], stop)
        equal((len(data["transactions"]), data["final"]), (1, []))
        equal(micro(h, "bob"), before + 500_000, "it had reached the node")
        equal(h.data("tx", data["tx"])["status"], "ok")
        told_to_people(h, ["send", "carol", "once"], stop)
        equal(letters(h, "carol"), had + 1)


def test_what_may_never_have_reached_a_node_is_named_too(h):
    """The node's end of the line takes the transaction and passes nothing on: nobody can know that."""
    before = micro(h, "bob")
    for stop in SIGNALS:
        with Holder(h, lambda m, p: False) as holder:
            def keep(method, path):
                if writes(method, path):
                    holder.held.set()
                    holder.go.wait(60)
                    return True
                return False

            holder.withhold = keep
            p = h.start("pay", "bob", "1", "--json", "--via", holder.url, preexec_fn=default_actions)
            check(holder.held.wait(60), "nothing was held")
            p.send_signal(stop)
            out, err = p.communicate(timeout=60)
        equal((p.returncode, err), (7, b""))
        tx = json.loads(out)["error"]["data"]["tx"]
        equal(h.run("tx", tx, code=None).code, 3)
    equal(micro(h, "bob"), before)


def test_while_it_looks_for_what_became_of_it_it_is_still_told(h):
    """The node refused it and shows no blocks: the command asks again and again."""
    for stop in SIGNALS:
        asked = threading.Event()
        with Holder(h, writes, after=1) as holder:
            hold, refuse = holder.lie, refusal(403, "so it is")

            def lie(method, path, status, body, state):
                if path.startswith(("/v1/blocks", "/v1/anchor")):
                    asked.set()
                    return 503, "application/problem+json", b"{}"
                hold(method, path, status, body, state)
                return refuse(method, path, status, body, state)

            holder.lie = lie
            p = h.start("pay", "bob", "0.000001", "--json", "--via", holder.url, preexec_fn=default_actions)
            check(asked.wait(60) and holder.held.wait(60), "it did not look")
            p.send_signal(stop)
            out, _ = p.communicate(timeout=60)
        equal(p.returncode, 7)
        one = json.loads(out)["error"]["data"]["transactions"][0]
        equal(h.data("tx", one["tx"])["status"], "ok")
        check("so it is" in one["refused_by"][0]["says"], out)


def test_of_several_transactions_it_says_which_are_final(h):
    def tree(name, files):
        for i in range(files):
            h.write("%s/f%d" % (name, i), b"%d" % i)
        return name

    data = told(h, ["put", "-r", tree("wide", 100), "/home/me/wide"], signal.SIGINT, after=1)
    equal((len(data["final"]), len(data["transactions"])), (1, 3), "the folder is final; the files come in three transactions")
    for tx in data["final"] + [t["tx"] for t in data["transactions"]]:
        equal(h.data("tx", tx)["status"], "ok")
    equal(len(told_to_people(h, ["put", "-r", "wide", "/home/me/wider"], signal.SIGTERM, after=1)), 3)
    data = told(h, ["rm", "-r", "/home/me/wide"], signal.SIGTERM, after=1)
    check(data["final"] and data["transactions"] and data["tx"] not in data["final"], "%r" % data)
    code, _, err = interrupted(h, ["rm", "-r", "/home/me/wider"], signal.SIGHUP, after=1)
    equal(code, 7)
    check("of this command " in err.decode() and " final. It can" in err.decode(), err.decode())


def test_while_nothing_is_open_it_dies_by_the_signal_and_says_nothing(h):
    h.write("large", os.urandom(300_000))
    n = 0
    for words, which in ((["pay", "bob", "1"], lambda m, p: p.startswith("/v1/tip")), (["send", "bob", "x"], lambda m, p: p.startswith("/v1/state")),
                         (["put", "large", "/home/me/large"], lambda m, p: p.startswith("/v1/blobs") and m in ("POST", "PUT")),
                         (["put", "large", "/home/me/large"], lambda m, p: p.startswith("/v1/stored")),
                         (["call", "credit.pay", "me", "bob", "1", "--dry-run"], lambda m, p: p.startswith("/v1/dry-run")),
                         (["cat", "/home/me/none"], lambda m, p: p.startswith("/v1/state")), (["ls", "/"], lambda m, p: p.startswith("/v1/tip"))):
        for form in ([], ["--json"]):
            stop = SIGNALS[n % len(SIGNALS)]
            n += 1
            equal(interrupted(h, words + form, stop, which), (-stop, b"", b""), "%r" % words)
    h.run("stat", "/home/me/large", code=3)


def test_what_is_final_by_then_is_told_beside_the_signal(h):
    """Between the two transactions of one command, where nothing is open."""
    for i, stop in enumerate(SIGNALS):
        account = threading.Event()

        def home_is_read(method, path):
            if writes(method, path):
                account.set()
                return False
            return account.is_set() and path.startswith("/v1/state")

        for form in ([], ["--json"]):
            name = "kim%d%s" % (i, "j" if form else "")
            account.clear()
            code, out, err = interrupted(h, ["id", "new", name, "--dev", *form], stop, home_is_read)
            equal((code, out), (-stop, b""))
            text = err.decode()
            check(text.startswith("warning: interrupted") and text.count("tx:") == 1 and text.count("\n") == 1, text)
            equal(h.data("tx", text.split("tx:")[1].split()[0])["status"], "ok")
            h.run("id", "new", name, "--dev")


def test_a_signal_that_is_ignored_stays_ignored(h):
    for ignored in SIGNALS:
        def ignore():
            default_actions()
            signal.signal(ignored, signal.SIG_IGN)

        before = micro(h, "bob")
        with Holder(h, writes) as holder:
            p = h.start("pay", "bob", "0.000001", "--json", "--via", holder.url, preexec_fn=ignore)
            check(holder.held.wait(60), "nothing was held")
            p.send_signal(ignored)
            holder.go.set()
            out, err = p.communicate(timeout=60)
        equal((p.returncode, err), (0, b""), "%r" % out)
        check(json.loads(out)["ok"], "%r" % out)
        equal(micro(h, "bob"), before + 1)


def test_a_terminal_that_was_asked_for_a_passphrase_is_given_back(h):
    for stop in SIGNALS:
        pid, fd = pty.fork()
        if pid == 0:
            default_actions()
            os.execve(DOS, [DOS, "id", "new", "lea"], h.env)
        said = b""
        while b"New passphrase" not in said:
            said += os.read(fd, 1000)
        other = os.open(os.readlink("/proc/%d/fd/0" % pid), os.O_RDWR | os.O_NOCTTY)  # else the terminal goes with the process

        def echoes():
            return bool(termios.tcgetattr(other)[3] & termios.ECHO)

        check(not echoes(), "a passphrase is not shown")
        os.kill(pid, stop)
        equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -stop)
        check(echoes(), "what is typed next is shown")
        os.close(other)
        os.close(fd)
    h.run("id", "show", "lea", code=3)
