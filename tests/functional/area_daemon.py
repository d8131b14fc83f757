"""dosd by itself: its configuration file, and other addresses than loopback over TLS."""
import fcntl
import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess

import dosrun
from dosrun import Home, check, equal

DOSD = os.path.join(dosrun.BIN, "dosd")


class Daemon:
    """A dosd that this test starts itself and that says where it listens."""

    def __init__(self, home, *args):
        self.process = subprocess.Popen([DOSD, "run", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=home.env, cwd=home.cwd)
        line = self.process.stdout.readline()
        self.ready = json.loads(line) if line else None

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        err = self.process.communicate(timeout=30)[1]
        return self.process.returncode, err.decode("utf-8", "replace")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def own_address():
    """An IPv4 address of this machine that is not loopback (netdevice(7)); None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(s, 0x8915, struct.pack("256s", name.encode()[:15]))  # SIOCGIFADDR
            except OSError:
                continue
            address = socket.inet_ntoa(answer[20:24])
            if not address.startswith("127."):
                return address
    return None


def stopped_node(home):
    """Starts and stops a network; gives the flags its node ran with, as a table."""
    home.up()
    with open("/proc/%d/cmdline" % home.node_pids()[0], "rb") as f:
        args = [a.decode() for a in f.read().split(b"\0") if a][2:]
    home.down()
    return {args[i][2:]: args[i + 1] for i in range(0, len(args), 2)}


def flags(settings):
    return [part for name, value in settings.items() for part in ("--" + name, value)]


def toml(settings):
    return "".join("%s = %s\n" % (k.replace("-", "_"), v if isinstance(v, int) else json.dumps(v)) for k, v in settings.items()).encode()


def test_a_configuration_file_stands_for_flags_and_flags_win(h):
    other = Home()
    try:
        settings = stopped_node(other)
        settings["listen"] = "127.0.0.1:1"  # nobody may listen there: the flag must win
        settings["log-level"] = "debug"
        path = other.write("dosd.toml", toml(settings))
        with Daemon(other, "--config", path, "--listen", "127.0.0.1:0") as d:
            check(d.ready, "it runs")
            check(not d.ready["url"].endswith(":1"), d.ready["url"])
            equal(other.run("ls", "/", "--via", d.ready["url"]).code, 0)
            code, err = d.end()
            equal(code, 0)
    finally:
        other.close()


def test_a_wrong_configuration_file_is_refused_with_line_and_name(h):
    other = Home()
    try:
        settings = stopped_node(other)
        for text, words in ((toml(settings) + b"upload_quota_mb = 5\n", ("upload_quota_mib", "upload_quota_mb", "line %d" % (len(settings) + 1))),
                            (toml(dict(settings, threads="two")), ("threads",)),
                            (b"threads = 0\n", ("threads",)),
                            (b"listen = \n", ("line 1",)),
                            (toml(dict(settings, listen="7400")), ("ADDRESS:PORT",)),
                            (toml(dict(settings, log_level="loud")), ("log_level",))):
            path = other.write("dosd.toml", text)
            done = subprocess.run([DOSD, "check", "--config", path], capture_output=True, text=True, timeout=30, env=other.env)
            equal(done.returncode, 2, "exit of %r: %s" % (text[-60:], done.stderr))
            for word in words:
                check(word in done.stderr, "%r names %s: %s" % (text[-60:], word, done.stderr))
        path = other.write("dosd.toml", toml(settings))
        equal(subprocess.run([DOSD, "check", "--config", path], capture_output=True, timeout=60, env=other.env).returncode, 0)
        equal(subprocess.run([DOSD, "run", "--config", path + ".absent"], capture_output=True, timeout=30, env=other.env).returncode, 3)
    finally:
        other.close()


def test_off_loopback_the_node_answers_over_tls_to_who_knows_its_chain(h):
    address = own_address()
    if address is None:
        print("      no address but loopback here")
        return
    other, stranger = Home(), Home()
    try:
        settings = stopped_node(other)
        settings["listen"] = address + ":0"
        with Daemon(other, *flags(settings)) as d:
            url = d.ready["url"]
            check(url.startswith("https://" + address + ":"), url)
            other.write("t", b"over tls " * 5000)
            other.run("put", "t", "/home/me/t", "--via", url)
            equal(other.run("cat", "/home/me/t", "--via", url).out, b"over tls " * 5000)
            # Plain text gets nothing, and the client does not send any.
            check("https" in other.run("ls", "/", "--via", url.replace("https", "http"), code=2).err.decode(), "it says how")
            host, port = address, int(url.rsplit(":", 1)[1])
            with socket.create_connection((host, port), timeout=10) as s:
                s.sendall(b"GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode())
                got = b""
                try:
                    while part := s.recv(4096):
                        got += part
                except ConnectionResetError:
                    pass
                check(b"HTTP" not in got, got[:80])
            # Who knows another chain is told that this is not it.
            stranger.up()
            r = stranger.run("ls", "/", "--via", url, code=8)
            check("DOS-E" in r.err.decode(), r.err.decode())
    finally:
        other.close()
        stranger.close()


def test_off_loopback_only_tls_1_3_is_spoken(h):
    address = own_address()
    if address is None:
        print("      no address but loopback here")
        return
    other = Home()
    try:
        # A classic chain: its certificate is one that Python's library understands.
        other.run("net", "up", "--validators", "1", "--suite", "classic", timeout=60)
        other.up = lambda: None
        settings = stopped_node(other)
        settings["listen"] = address + ":0"
        with Daemon(other, *flags(settings)) as d:
            port = int(d.ready["url"].rsplit(":", 1)[1])

            def ask(most, least=ssl.TLSVersion.TLSv1_2):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE  # the test asks for the protocol; the client of ours pins the key
                context.minimum_version, context.maximum_version = least, most
                with socket.create_connection((address, port), timeout=10) as raw, context.wrap_socket(raw) as s:
                    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % address.encode())
                    return s.version(), s.recv(4096)

            version, answer = ask(ssl.TLSVersion.TLSv1_3)
            equal(version, "TLSv1.3")
            check(re.match(rb"HTTP/1.1 200", answer), answer[:80])
            try:
                got = ask(ssl.TLSVersion.TLSv1_2)
                raise dosrun.Failed("TLS 1.2 was spoken: %r" % (got,))
            except ssl.SSLError:
                pass
    finally:
        other.close()
