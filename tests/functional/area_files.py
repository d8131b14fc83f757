"""Files: what goes in comes out, under names people really use, with its history."""
import hashlib
import os

from dosrun import Failed, check, equal


def slow(f):
    f.slow = True
    return f


def test_small_file_round_trip(h):
    h.write("plan.txt", b"meet at nine\n")
    d = h.data("put", "plan.txt", "/home/me/plan.txt")
    equal(d["path"], "/home/me/plan.txt")
    equal(d["size"], 13)
    equal(d["revision"], 1)
    check(d["hash"].startswith("b3:"), "hash names its function")
    equal(h.run("cat", "/home/me/plan.txt").out, b"meet at nine\n")
    item = h.data("stat", "/home/me/plan.txt")
    equal((item["type"], item["size"], item["revision"], item["owner"]), ("file", 13, 1, "me"))


def test_put_without_path_goes_home(h):
    h.write("here.txt", b"x")
    equal(h.data("put", "here.txt")["path"], "/home/me/here.txt")


def test_edges_of_inline_and_chunk_sizes(h):
    for n in (0, 1, 3000, 4095, 4096, 4097, 262127, 262128, 262129, 262144, 600001):
        content = hashlib.shake_128(str(n).encode()).digest(n)
        h.write("edge", content)
        h.run("put", "edge", "/home/me/edge-%d" % n)
        equal(h.run("cat", "/home/me/edge-%d" % n).out == content, True, "%d bytes" % n)
        equal(h.data("stat", "/home/me/edge-%d" % n)["size"], n)


def test_stdin_and_get(h):
    h.run("put", "-", "/home/me/from stdin", stdin=b"piped")
    h.run("get", "/home/me/from stdin", "out file")
    with open(h.path("out file"), "rb") as f:
        equal(f.read(), b"piped")


def test_names_with_blanks_and_utf8(h):
    for name in ("two words", "Grüße.txt", "日本語", "tab\u00a0nbsp", "-dash", "%41", "a?b#c"):
        h.write("src", name.encode())
        h.run("put", "--", "src", "/home/me/names/" + name) if name.startswith("-") else h.run("put", "src", "/home/me/names/" + name)
    d = h.data("ls", "/home/me/names")
    equal(d["complete"], True)
    equal(sorted(i["name"] for i in d["items"]),
          sorted(("two words", "Grüße.txt", "日本語", "tab\u00a0nbsp", "-dash", "%41", "a?b#c")))
    equal(h.run("cat", "/home/me/names/日本語").out, "日本語".encode())


def test_folder_of_many_files(h):
    n = 300
    for i in range(n):
        h.write("tree/d %d/f%03d ü" % (i % 7, i), b"%d" % i * (1 + i * 37 % 5000))
    d = h.data("put", "-r", "tree", "/home/me/many", timeout=300)
    equal(d["files"], n)
    listed = h.data("ls", "-R", "/home/me/many")
    equal(listed["complete"], True)
    equal(sum(1 for i in listed["items"] if i["type"] == "file"), n)
    equal(h.run("cat", "/home/me/many/d 3/f010 ü").out, b"10" * (1 + 10 * 37 % 5000))


def test_what_of_a_folder_has_no_path_or_name_of_its_own_is_found_first(h):
    def names():
        return [i["name"] for i in h.data("ls", "/home/me")["items"]]

    deep = "/".join(["d"] * 62)
    for name, files, why in (("deep tree", ["a", deep + "/leaf"], b"at most 64"), ("twins", ["a", "e\u0301", "\u00e9"], b"are one name there"),
                             ("twin-folders", ["e\u0301/a", "\u00e9/b"], b"are one name there"),
                             ("grows", ["a/b", "a/" + "\u0958" * 85], b"DOS-E0407")):
        for f in files:
            h.write(name + "/" + f, b"x")
        before = h.data("balance")["credits"], names()
        r = h.run("put", "-r", name, code=2)
        check(why in r.err, "%r: %r" % (name, r.err))
        equal((h.data("balance")["credits"], names()), before, "after " + name)
    h.write("leaf", b"leaf")
    h.run("mkdir", "-p", "/home/me/" + deep)
    h.run("put", "leaf", "/home/me/" + deep, code=2)  # its path would be too long by one
    h.run("rm", "-r", "/home/me/d")


def test_revisions_heights_log_and_restore(h):
    for text in (b"one", b"two", b"three"):
        h.write("r", text)
        h.run("put", "r", "/home/me/r")
    log = h.data("log", "/home/me/r")["items"]
    equal([i["revision"] for i in log], [3, 2, 1])
    equal(h.run("cat", "/home/me/r@1").out, b"one")
    equal(h.run("cat", "/home/me/r@2").out, b"two")
    at = log[1]["height"]
    equal(h.run("cat", "/home/me/r@#%s" % at).out, b"two")
    h.run("restore", "/home/me/r@1")
    equal(h.run("cat", "/home/me/r").out, b"one")
    equal(h.data("stat", "/home/me/r")["revision"], 4)
    h.run("cat", "/home/me/r@9", code=3)


def test_move_keeps_history_copy_starts_anew(h):
    for text in (b"a1", b"a2"):
        h.write("m", text)
        h.run("put", "m", "/home/me/m")
    h.run("mkdir", "/home/me/there")
    h.run("mv", "/home/me/m", "/home/me/there/n")
    h.run("cat", "/home/me/m", code=3)
    equal(h.run("cat", "/home/me/there/n").out, b"a2")
    equal(h.run("cat", "/home/me/there/n@1").out, b"a1")
    h.run("cp", "/home/me/there/n", "/home/me/copy")
    equal(h.data("stat", "/home/me/copy")["revision"], 1)
    equal(h.run("cat", "/home/me/copy").out, b"a2")
    h.run("mv", "/home/me/there", "/home/me/elsewhere")
    equal(h.run("cat", "/home/me/elsewhere/n").out, b"a2")
    h.run("mv", "/home/me/elsewhere", "/home/me/elsewhere/below", code=None)
    equal(h.run("cat", "/home/me/elsewhere/n").out, b"a2")


def test_a_moved_folder_still_opens(h):
    h.write("deep", b"kept" * 2000)
    h.run("put", "deep", "/home/me/from/box/in/deep")
    h.run("mkdir", "/home/me/onto")
    h.run("mv", "/home/me/from/box", "/home/me/onto/box")
    equal(h.run("cat", "/home/me/onto/box/in/deep").out, b"kept" * 2000)
    equal(h.data("stat", "/home/me/onto/box/in/deep")["size"], 8000)
    h.write("more", b"more")
    h.run("put", "more", "/home/me/onto/box/in/more")  # the folder below gets its own new key
    equal(h.run("cat", "/home/me/onto/box/in/more").out, b"more")
    equal(h.run("cat", "/home/me/onto/box/in/deep").out, b"kept" * 2000)


def test_a_moved_file_shows_its_exact_size(h):
    h.write("sized", b"s" * 1001)
    h.run("put", "sized", "/home/me/sized")
    h.run("mkdir", "/home/me/sizes")
    h.run("mv", "/home/me/sized", "/home/me/sizes/sized")
    item = h.data("stat", "/home/me/sizes/sized")
    equal((item["size"], item.get("padded")), (1001, None))


def test_a_listing_is_of_one_height(h):
    h.write("then", b"then")
    d = h.data("put", "then", "/home/me/past/below/then")
    height = h.run("stat", "/home/me/past/below/then", "--json").json()["data"]["height"]
    h.run("rm", "/home/me/past/below/then")
    for words in (["ls", "-R", "/home/me/past@#" + height], ["ls", "-R", "/home/me/past", "--at", height]):
        equal([i["name"] for i in h.data(*words)["items"]], ["below", "then"], "%r" % words)
    equal([i["name"] for i in h.data("ls", "-R", "/home/me/past")["items"]], ["below"])
    equal(d["revision"], 1)


def test_remove_and_restore(h):
    h.write("gone", b"still there")
    h.run("put", "gone", "/home/me/gone")
    h.run("rm", "/home/me/gone")
    h.run("cat", "/home/me/gone", code=3)
    h.run("restore", "/home/me/gone")
    equal(h.run("cat", "/home/me/gone").out, b"still there")


def test_remove_of_folders(h):
    h.run("mkdir", "/home/me/box")
    h.write("x", b"x")
    h.run("put", "x", "/home/me/box/x")
    h.run("rm", "/home/me/box", code=None)
    equal(h.run("cat", "/home/me/box/x").out, b"x")
    h.run("rm", "-r", "--yes", "/home/me/box")
    h.run("ls", "/home/me/box", code=3)


def test_absent_is_proved(h):
    r = h.run("cat", "/home/me/never", "--json", code=3)
    equal(r.json()["ok"], False)
    h.run("cat", "/home/nobody-here/x", code=3)
    h.run("put", "no such host file", "/home/me/q", code=3)


def test_conflict_is_five(h):
    h.run("mkdir", "/home/me/twice")
    h.run("mkdir", "/home/me/twice", code=5)
    h.run("mkdir", "-p", "/home/me/twice")


def test_public_file(h):
    h.write("open", b"for everybody" * 1000)
    h.run("put", "--public", "open", "/home/me/open")
    equal(h.run("cat", "/home/me/open", "--as", "carol").out, b"for everybody" * 1000)
    equal(h.data("stat", "/home/me/open")["public"], True)


@slow
def test_hundred_mebibytes(h):
    content = os.urandom(1 << 20) * 100
    h.write("big", content)
    h.run("put", "big", "/home/me/big", timeout=300)
    h.run("get", "/home/me/big", "big.out", timeout=300)
    with open(h.path("big.out"), "rb") as f:
        equal(f.read() == content, True, "100 MiB come back")


@slow
def test_one_gibibyte_within_memory(h):
    path = h.path("gib")
    with open(path, "wb") as f:
        for _ in range(1024):
            f.write(os.urandom(1 << 20))

    def node_kib():
        pid = h.node_pids()[0]
        with open("/proc/%d/status" % pid) as f:
            return int([l for l in f if l.startswith("VmHWM")][0].split()[1])

    before = node_kib()
    import resource
    base = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    import subprocess
    from dosrun import DOS
    p = subprocess.run(["/usr/bin/env", "python3", "-c",
                        "import resource,subprocess,sys\n"
                        "r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode\n"
                        "print(r,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", DOS, "put", path, "/home/me/gib"],
                       cwd=h.cwd, env=h.env, capture_output=True, timeout=900)
    code, peak = map(int, p.stdout.split())
    equal(code, 0)
    check(peak < 64 * 1024, "client peak %d KiB" % peak)
    check(node_kib() - before < 32 * 1024, "node grew by %d KiB" % (node_kib() - before))
    del base
