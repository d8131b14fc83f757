"""Every command with --json gives one envelope on stdout, and the same exit code as without."""
import json

from dosrun import check, equal


def test_help_lists_every_command(h):
    commands = h.data("help")["commands"]
    names = {c["name"] for c in commands}
    for want in ("put", "get", "cat", "ls", "stat", "mkdir", "cp", "mv", "rm", "log", "restore", "chmod", "send", "inbox", "id new", "id show",
                 "key rotate", "balance", "pay", "faucet", "status", "block", "tx", "proof", "verify", "call", "help", "explain",
                 "net up", "net down", "net status", "net logs", "net reset", "net genesis", "net ls", "net rm"):
        check(want in names, "help has no %r" % want)
    for c in commands:
        for field in ("name", "group", "summary", "args", "flags", "examples", "call", "aliases"):
            check(field in c, "%s has no %s" % (c["name"], field))
        check(c["summary"], c["name"] + " has a summary")


def test_every_command_speaks_json(h):
    skip = {"net up", "net down", "net reset", "net rm", "tour", "key agent", "net kill", "net start"}
    for c in h.data("help")["commands"]:
        if c["name"] in skip:
            continue
        words = c["name"].split()
        r = h.run(*words, "--json", code=None, timeout=60)
        lines = [l for l in r.out.split(b"\n") if l.strip()]
        equal(len(lines), 1, "lines on stdout of %r" % c["name"])
        j = json.loads(lines[0])
        equal(j["v"], 1)
        equal(j["ok"], r.code == 0, "ok of %r with exit %d" % (c["name"], r.code))
        if not j["ok"]:
            for field in ("code", "title", "detail", "hint", "retry"):
                check(field in j["error"], "%s: error has no %s" % (c["name"], field))
        plain = h.run(*words, code=None, timeout=60)
        equal(plain.code, r.code, "exit code of %r with and without --json" % c["name"])


def test_envelope_of_a_read(h):
    j = h.run("ls", "/", "--json").json()
    equal(j["at"]["final"], True)
    equal(j["at"]["proof"], "verified")
    check(isinstance(j["at"]["height"], str), "height is a string")
    equal(j["data"]["complete"], True)
    equal([i["name"] for i in j["data"]["items"]], ["home"])


def test_envelope_names_the_height_that_was_read(h):
    h.write("then", b"then")
    h.run("put", "then", "/home/me/then")
    height = h.data("stat", "/home/me/then")["height"]
    h.run("mkdir", "/home/me/later")
    for words in (["cat", "/home/me/then@#" + height], ["stat", "/home/me/then", "--at", height], ["ls", "/home/me@#" + height],
                  ["balance", "--at", height], ["id", "show", "--at", height], ["inbox", "--at", height]):
        equal(h.run(*words, "--json").json()["at"]["height"], height, "height of %r" % words)


def test_paths_and_version(h):
    check(h.data("paths"), "paths lists places")
    check(h.data("version"), "version says something")
