"""Rights: who may read, who may write, and what revoking means."""
import json

from dosrun import check, equal


def test_reader_reads_others_do_not(h):
    h.run("mkdir", "/home/alice/case", "--as", "alice")
    h.write("plan", b"secret plan " * 500)
    h.run("put", "plan", "/home/alice/case/plan", "--as", "alice")
    equal(h.run("cat", "/home/alice/case/plan", "--as", "alice").out, b"secret plan " * 500)
    h.run("cat", "/home/alice/case/plan", "--as", "bob", code=4)
    h.run("chmod", "bob+r", "/home/alice/case", "--as", "alice")
    equal(h.run("cat", "/home/alice/case/plan", "--as", "bob").out, b"secret plan " * 500)
    h.run("cat", "/home/alice/case/plan", "--as", "carol", code=4)


def test_below_a_shared_folder(h):
    h.run("mkdir", "-p", "/home/alice/case2/deep/er", "--as", "alice")
    h.run("chmod", "bob+r", "/home/alice/case2", "--as", "alice")
    h.write("x", b"deep")
    h.run("put", "x", "/home/alice/case2/deep/er/x", "--as", "alice")
    equal(h.run("cat", "/home/alice/case2/deep/er/x", "--as", "bob").out, b"deep")
    h.run("cat", "/home/alice/case2/deep/er/x", "--as", "carol", code=4)


def test_revoked_reader_loses_later_revisions(h):
    h.run("mkdir", "/home/alice/rev", "--as", "alice")
    h.write("f", b"first")
    h.run("put", "f", "/home/alice/rev/f", "--as", "alice")
    h.run("chmod", "bob+r", "/home/alice/rev", "--as", "alice")
    equal(h.run("cat", "/home/alice/rev/f", "--as", "bob").out, b"first")
    h.run("chmod", "bob-r", "/home/alice/rev", "--as", "alice")
    h.write("f", b"second")
    h.run("put", "f", "/home/alice/rev/f", "--as", "alice")
    h.run("cat", "/home/alice/rev/f", "--as", "bob", code=4)
    equal(h.run("cat", "/home/alice/rev/f", "--as", "alice").out, b"second")


def test_one_file_for_one_reader(h):
    h.write("one", b"only this")
    h.run("put", "one", "/home/alice/one", "--as", "alice")
    h.write("two", b"not this")
    h.run("put", "two", "/home/alice/two", "--as", "alice")
    h.run("chmod", "bob+r", "/home/alice/one", "--as", "alice")
    equal(h.run("cat", "/home/alice/one", "--as", "bob").out, b"only this")
    h.run("cat", "/home/alice/two", "--as", "bob", code=4)


def test_a_writer_who_may_not_read_is_refused(h):
    h.run("mkdir", "/home/alice/drop", "--as", "alice")
    h.run("chmod", "bob+w", "/home/alice/drop", "--as", "alice")
    h.write("w", b"by bob")
    h.run("put", "w", "/home/alice/drop/w", "--as", "bob", code=4)


def test_a_new_seal_needs_w(h):
    h.write("s", b"sealed")
    h.run("put", "s", "/home/alice/taken", "--as", "alice")
    h.run("chmod", "bob+rd", "/home/alice/taken", "--as", "alice")
    r = h.run("mv", "/home/alice/taken", "/home/bob/taken", "--as", "bob", "--json", code=4)
    check("may not reseal" in r.text, r.text)
    h.run("chmod", "bob+w", "/home/alice/taken", "--as", "alice")
    h.run("mv", "/home/alice/taken", "/home/bob/taken", "--as", "bob")
    equal(h.run("cat", "/home/bob/taken", "--as", "bob").out, b"sealed")


def test_write_right(h):
    h.run("mkdir", "/home/alice/desk", "--as", "alice")
    h.write("w", b"by bob")
    h.run("put", "w", "/home/alice/desk/w", "--as", "bob", code=4)
    h.run("chmod", "bob+rw", "/home/alice/desk", "--as", "alice")
    h.run("put", "w", "/home/alice/desk/w", "--as", "bob")
    equal(h.run("cat", "/home/alice/desk/w", "--as", "alice").out, b"by bob")


def test_delete_denied_says_who_may(h):
    h.write("k", b"k")
    h.run("put", "k", "/home/alice/k", "--as", "alice")
    r = h.run("rm", "/home/alice/k", "--as", "bob", "--json", code=4)
    check("bob" in r.text and "alice" in r.text, "the refusal names both: " + r.text)
    equal(h.run("cat", "/home/alice/k", "--as", "alice").out, b"k")


def junk_key(account):
    """A folder key that the ledger takes and nobody can open."""
    return json.dumps({
        "parent_epoch": 0, "under_parent": "", "envelopes": [{"account": account, "key_epoch": 1, "box": "00" * 40}],
        "parent": "0" * 32, "prior": "", "prior_epoch": 0, "commitment": "ab" * 32}).encode()


def test_junk_folder_keys_close_nothing(h):
    h.run("mkdir", "-p", "/home/alice/spoilt/below", "--as", "alice")
    h.write("old", b"from before")
    h.write("new", b"from after")
    for place in ("spoilt", "spoilt/below"):
        h.run("put", "old", "/home/alice/%s/old" % place, "--as", "alice")
    h.run("chmod", "carol+r", "/home/alice/spoilt", "--as", "alice")
    h.run("chmod", "bob+rw", "/home/alice/spoilt", "--as", "alice")
    h.write("junk", junk_key("alice"))
    for epoch in range(2, 12):  # more than come with a path
        h.run("call", "fs.ring", "/home/alice/spoilt", str(epoch), "@junk", "--as", "bob")
    for place in ("spoilt", "spoilt/below"):
        for reader in ("alice", "carol"):
            equal(h.run("cat", "/home/alice/%s/old" % place, "--as", reader).out, b"from before")
        h.run("put", "new", "/home/alice/%s/new" % place, "--as", "alice")
        for reader in ("alice", "bob", "carol"):
            equal(h.run("cat", "/home/alice/%s/new" % place, "--as", reader).out, b"from after")
    h.run("call", "fs.fold", "/home/alice/spoilt", "2", "--as", "bob", code=4)
    h.run("chmod", "bob-r", "/home/alice/spoilt", "--as", "alice")
    h.run("put", "old", "/home/alice/spoilt/later", "--as", "alice")
    h.run("cat", "/home/alice/spoilt/later", "--as", "bob", code=4)
    equal(h.run("cat", "/home/alice/spoilt/later", "--as", "carol").out, b"from before")
    sizes = {i["name"]: i["size"] for i in h.run("ls", "/home/alice/spoilt", "--as", "alice", "--json").data()["items"]}
    equal(sizes["old"], len(b"from before"))


def test_an_owner_folds_junk_folder_keys(h):
    h.run("mkdir", "/home/alice/folded", "--as", "alice")
    h.write("f", b"kept")
    h.run("put", "f", "/home/alice/folded/f", "--as", "alice")
    h.run("chmod", "bob+rw", "/home/alice/folded", "--as", "alice")
    h.write("junk", junk_key("bob"))
    for epoch in (2, 3, 4):
        h.run("call", "fs.ring", "/home/alice/folded", str(epoch), "@junk", "--as", "bob")
    h.run("call", "fs.fold", "/home/alice/folded", "2", "--as", "alice")
    h.run("put", "f", "/home/alice/folded/g", "--as", "alice")
    for name in ("f", "g"):
        equal(h.run("cat", "/home/alice/folded/" + name, "--as", "bob").out, b"kept")
