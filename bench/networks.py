"""The networks that are measured: DOS and its peers, each of several real processes on loopback, with what they cost."""
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BIN = os.path.join(ROOT, "build", "bin")


def free_ports(n):
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class Processes:
    """What a set of processes costs: subclasses give pids() and data folders."""

    data = ()

    def pids(self):
        raise NotImplementedError

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            with open("/proc/%d/stat" % pid) as f:
                fields = f.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self):
        """Of the largest process: proportional set size, so that pages shared by several count once."""
        most = 0
        for pid in self.pids():
            with open("/proc/%d/smaps_rollup" % pid) as f:
                most = max(most, int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1)) / 1024)
        return most

    def written_bytes(self):
        """Handed to the disk by all processes so far."""
        total = 0
        for pid in self.pids():
            with open("/proc/%d/io" % pid) as f:
                total += int(re.search(r"^write_bytes: (\d+)", f.read(), re.M).group(1))
        return total

    def disk_bytes(self):
        total = 0
        for folder in self.data:
            for base, _, names in os.walk(folder):
                for name in names:
                    try:
                        total += os.lstat(os.path.join(base, name)).st_blocks * 512
                    except OSError:
                        pass
        return total


class Spawned(Processes):
    def __init__(self):
        self.children, self.data = [], []

    def spawn(self, argv, env=None):
        self.children.append(subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env))

    def pids(self):
        return [c.pid for c in self.children if c.poll() is None]

    def stop(self):
        for c in self.children:
            c.send_signal(signal.SIGTERM)
        for c in self.children:
            try:
                c.wait(10)
            except subprocess.TimeoutExpired:
                c.kill()
                c.wait()
        self.children = []


def until(what, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            if what():
                return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError("a peer did not start")
        time.sleep(0.005)


class Etcd(Spawned):
    name = "etcd"

    def __init__(self, peers, scratch, members=1):
        super().__init__()
        ports = free_ports(2 * members)
        client, peer = ports[:members], ports[members:]
        self.urls = ["http://127.0.0.1:%d" % p for p in client]
        cluster = ",".join("m%d=http://127.0.0.1:%d" % (i, p) for i, p in enumerate(peer))
        folder = tempfile.mkdtemp(prefix="etcd-", dir=scratch)
        start = time.monotonic()
        for i in range(members):
            self.data.append(os.path.join(folder, "m%d" % i))
            self.spawn([os.path.join(peers, "etcd"), "--name", "m%d" % i, "--data-dir", self.data[i], "--listen-client-urls", self.urls[i],
                        "--advertise-client-urls", self.urls[i], "--listen-peer-urls", "http://127.0.0.1:%d" % peer[i],
                        "--initial-advertise-peer-urls", "http://127.0.0.1:%d" % peer[i], "--initial-cluster", cluster,
                        "--initial-cluster-state", "new", "--quota-backend-bytes", "8000000000", "--log-level", "error"])
        try:
            q = urllib.request.Request(self.urls[0] + "/v3/kv/put", b'{"key":"Zmlyc3Q=","value":"MQ=="}')
            until(lambda: b"revision" in urllib.request.urlopen(q, timeout=2).read())
        except RuntimeError:
            self.stop()
            raise
        self.first_commit = time.monotonic() - start


class CometBft(Spawned):
    """Four validators with the stock key-value application; tuned for throughput and latency as far as its settings go."""

    name = "cometbft"
    TUNED = [(r"^timeout_commit = .*", 'timeout_commit = "0s"'), (r"^skip_timeout_commit = .*", "skip_timeout_commit = true"),
             (r"^recheck = .*", "recheck = false"), (r"^size = 5000", "size = 50000"), (r"^cache_size = 10000", "cache_size = 100000"),
             (r"^peer_gossip_sleep_duration = .*", 'peer_gossip_sleep_duration = "5ms"'), (r"^flush_throttle_timeout = .*", 'flush_throttle_timeout = "2ms"'),
             (r"^max_packet_msg_payload_size = .*", "max_packet_msg_payload_size = 32768"), (r"^send_rate = .*", "send_rate = 512000000"),
             (r"^recv_rate = .*", "recv_rate = 512000000")]

    def __init__(self, peers, scratch, signed=False):
        super().__init__()
        self.signed = signed
        if signed:
            self.name = "cometbft-signed"
        binary = os.path.join(peers, "cometbft")
        folder = tempfile.mkdtemp(prefix="cometbft-", dir=scratch)
        env = dict(os.environ, DOS_BENCH_SIGNED="1" if signed else "0")
        subprocess.run([binary, "testnet", "--v", "4", "--o", folder, "--starting-ip-address", "127.0.0.1"], check=True, env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ports = free_ports(8)
        p2p, rpc = ports[:4], ports[4:]
        self.urls = ["http://127.0.0.1:%d" % p for p in rpc]
        for i in range(4):
            path = os.path.join(folder, "node%d" % i, "config", "config.toml")
            with open(path) as f:
                text = f.read()
            # testnet gives every node an address of its own and one port; here they share the address and have ports of their own.
            for k in range(4):
                text = text.replace("127.0.0.%d:26656" % (k + 1), "127.0.0.1:%d" % p2p[k])
            changes = self.TUNED + [
                (r'^laddr = "tcp://[^"]*:26657"', 'laddr = "tcp://127.0.0.1:%d"' % rpc[i]),
                (r'^laddr = "tcp://[^"]*:(26656|%d)"' % p2p[0], 'laddr = "tcp://127.0.0.1:%d"' % p2p[i]),
                (r"^proxy_app = .*", 'proxy_app = "persistent_kvstore"'), (r"^allow_duplicate_ip = .*", "allow_duplicate_ip = true"),
                (r"^addr_book_strict = .*", "addr_book_strict = false"), (r"^pprof_laddr = .*", 'pprof_laddr = ""'), (r"^log_level = .*", 'log_level = "error"'),
                (r"^experimental_subscription_buffer_size.*", "experimental_subscription_buffer_size = 2000"),
                (r"^experimental_websocket_write_buffer_size.*", "experimental_websocket_write_buffer_size = 2000")]
            for pattern, to in changes:
                text = re.sub(pattern, to, text, flags=re.M)
            with open(path, "w") as f:
                f.write(text)
            self.data.append(os.path.join(folder, "node%d" % i, "data"))
        start = time.monotonic()
        for i in range(4):
            self.spawn([binary, "start", "--home", os.path.join(folder, "node%d" % i)], env=env)

        def first():
            with urllib.request.urlopen(self.urls[0] + "/status", timeout=2) as r:
                return int(json.load(r)["result"]["sync_info"]["latest_block_height"]) >= 1
        try:
            until(first)
        except RuntimeError:
            self.stop()
            raise
        self.first_commit = time.monotonic() - start


class Dos(Processes):
    name = "dos"

    def __init__(self, scratch, validators=4):
        self.home = tempfile.mkdtemp(prefix="home-", dir=scratch)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("DOS_", "XDG_"))}
        self.env["DOS_HOME"] = self.home
        start = time.monotonic()
        self.dos("net", "up", "--validators", str(validators))
        self.up_seconds = time.monotonic() - start
        self.status = json.loads(self.dos("status", "--json"))["data"]
        self.urls = [n["url"] for n in self.status["nodes"]]
        self.genesis = os.path.join(self.home, "genesis.dos")
        self.dos("net", "genesis", "-o", self.genesis)
        self.data = [self.home]

    def dos(self, *args, timeout=120):
        p = subprocess.run([os.path.join(BIN, "dos"), *args], env=self.env, capture_output=True, text=True, timeout=timeout, cwd=self.home)
        if p.returncode != 0:
            raise RuntimeError("dos %s: exit %d %s" % (" ".join(args), p.returncode, p.stderr[-400:]))
        return p.stdout

    def fund(self, thousands):
        """Each of the people who send, with so many thousand credits beyond those of the genesis."""
        for who in ("me", "alice", "bob", "carol"):
            for _ in range(thousands):
                self.dos("faucet", "1000", "--as", who)

    def bench(self, *args):
        p = subprocess.run([os.path.join(BIN, "dos-bench"), "--folder", self.home, "--genesis", self.genesis, *args], env=self.env,
                           capture_output=True, text=True, timeout=180)
        if p.returncode != 0:
            raise RuntimeError("dos-bench: " + p.stderr[-300:])
        return json.loads(p.stdout)

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

    def stop(self):
        try:
            self.dos("net", "down")
        finally:
            for pid in self.pids():
                os.kill(pid, signal.SIGKILL)
