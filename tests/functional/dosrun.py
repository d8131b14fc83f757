"""Runs the real binaries for the functional tests: one home, one network, one place where commands are called."""
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("DOS_BIN", os.path.join(ROOT, "build", "bin"))
DOS = os.path.join(BIN, "dos")


class Failed(Exception):
    pass


class Result:
    def __init__(self, args, code, out, err, seconds, peak_kib):
        self.args, self.code, self.out, self.err = args, code, out, err
        self.seconds, self.peak_kib = seconds, peak_kib

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    def json(self):
        try:
            return json.loads(self.out)
        except ValueError as e:
            raise Failed("no JSON on stdout of %r: %s\n%s" % (self.args, e, self.out[:400]))

    def data(self):
        j = self.json()
        if not j.get("ok"):
            raise Failed("not ok: %r gave %s" % (self.args, json.dumps(j)[:400]))
        return j["data"]


def side_by_side(work, jobs, at_a_time):
    """work(job) for each of them, that many at a time."""
    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(work, jobs))  # raises what one of them raised


class Home:
    """One DOS_HOME with its networks. Blanks in the path on purpose."""

    def __init__(self, name="local", validators=1, dos=DOS):
        self.dos = dos
        self.validators = validators
        self.dir = tempfile.mkdtemp(prefix="dos test ")
        self.net = name
        self.failed = False
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DOS_", "XDG_"))}
        self.env.update(DOS_HOME=os.path.join(self.dir, "home"), LANG="C", NO_COLOR="1")
        self.cwd = os.path.join(self.dir, "cwd")
        os.mkdir(self.cwd)

    def start(self, *args, **kw):
        """`dos ARGS` as a process that the test goes on beside."""
        return subprocess.Popen([self.dos, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                cwd=self.cwd, env=self.env, **kw)

    def run(self, *args, code=0, stdin=b"", timeout=120, env=None, pass_fds=(), preexec=None):
        """Runs `dos ARGS`; `code` is the exit code wanted (None: any but a signal)."""
        full = dict(self.env, **(env or {}))
        start = time.monotonic()
        p = subprocess.Popen([self.dos, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             cwd=self.cwd, env=full, pass_fds=pass_fds, preexec_fn=preexec)
        try:
            out, err = p.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise Failed("dos %s: no end after %d s" % (" ".join(args), timeout))
        r = Result(args, p.returncode, out, err, time.monotonic() - start, 0)
        if r.code < 0:
            raise Failed("dos %s ended by signal %d\n%s" % (" ".join(args), -r.code, err[-800:].decode("utf-8", "replace")))
        if code is not None and r.code != code:
            raise Failed("dos %s: exit %d, wanted %d\nstdout: %s\nstderr: %s" % (
                " ".join(args), r.code, code, out[-600:].decode("utf-8", "replace"), err[-1200:].decode("utf-8", "replace")))
        return r

    def data(self, *args, **kw):
        return self.run(*args, "--json", **kw).data()

    def up(self, *args):
        return self.run("net", "up", "--validators", str(self.validators), *args, timeout=90)

    def down(self):
        return self.run("net", "down", timeout=60)

    def path(self, name):
        return os.path.join(self.cwd, name)

    def write(self, name, content):
        full = self.path(name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(content)
        return full

    def net_record(self):
        for base, _, files in os.walk(self.env["DOS_HOME"]):
            if "net.json" in files:
                with open(os.path.join(base, "net.json")) as f:
                    return json.load(f), base
        raise Failed("no net.json below DOS_HOME")

    def url(self):
        return self.data("status")["url"]

    def node_pids(self):
        """Processes named dosd whose command line names this home."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/comm" % pid) as f:
                    if f.read().strip() != "dosd":
                        continue
                with open("/proc/%s/cmdline" % pid, "rb") as f:
                    line = f.read()
                    if self.dir.encode() in line or self.env["DOS_HOME"].encode() in line:
                        with open("/proc/%s/stat" % pid) as s:
                            if s.read().rsplit(")", 1)[1].split()[0] != "Z":
                                found.append(int(pid))
            except OSError:
                continue
        return found

    def kill_nodes(self):
        pids = self.node_pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.node_pids() and time.monotonic() < deadline:
            time.sleep(0.02)
        return pids

    def close(self):
        self.kill_nodes()
        if self.failed and os.environ.get("DOS_KEEP"):  # to look into it
            print("   kept: " + self.dir)
        else:
            shutil.rmtree(self.dir, ignore_errors=True)


def check(condition, message):
    if not condition:
        raise Failed(message)


def equal(got, want, what="value"):
    if got != want:
        raise Failed("%s: got %r, wanted %r" % (what, got if len(repr(got)) < 400 else repr(got)[:400], want))
