"""dos call: every module's calls from the command line, with typed arguments, clear errors, and dry runs."""
import json

from dosrun import check, equal

SALT = "5a" * 32


def call(h, *args, **kw):
    return h.data("call", *args, **kw)


def test_list_has_every_call_with_its_types(h):
    items = h.data("call", "--list")["items"]
    names = {i["module"] + "." + i["name"] for i in items}
    for name in ("fs.create", "fs.rename", "id.new", "msg.take", "credit.pay"):
        check(name in names, name)
    equal({i["module"] for i in h.data("call", "--list", "msg")["items"]}, {"msg"})
    one = h.run("call", "--list", "fs.create").text
    for word in ("struct Content", "sealed_size:bytes", "accesses", "struct BlobRef", "root:hash"):
        check(word in one, word + " in " + one)
    h.run("call", "--list", "nothing", code=9)
    h.run("call", code=2)


def test_credits_move(h):
    before = float(h.data("balance", "bob")["credits"])
    d = call(h, "credit.pay", "me", "bob", "2.5")
    equal(d["call"], "credit.pay")
    equal(float(h.data("balance", "bob")["credits"]), before + 2.5)
    h.run("call", "C1", "me", "3")


def test_a_dry_run_changes_nothing_and_says_what_it_is(h):
    before, height = h.data("balance", "bob")["credits"], h.data("status")["height"]
    r = h.run("call", "credit.pay", "me", "bob", "7", "--dry-run", "--json").json()
    equal((r["data"]["dry_run"], r["data"]["claim"]), (True, True))
    check("at" not in r, "a claim is of no proved height")
    check(r["warnings"] and "not a proof" in r["warnings"][0], "it warns: %s" % r["warnings"])
    equal(r["data"]["receipt"]["status"], "ok")
    equal((h.data("balance", "bob")["credits"], h.data("status")["height"]), (before, height))
    d = h.data("call", "fs.mkdir", "~", "not yet", "66" * 32, "none", "--dry-run")
    check(d["receipt"]["writes"] and len(d["result"]["id"]) == 32, "it tells what would be written and returned")
    h.run("ls", "~/not yet", code=3)
    h.run("call", "credit.pay", "bob", "me", "1", "--dry-run", code=4)
    h.run("call", "credit.pay", "me", "nobody-there", "1", "--dry-run", code=3)


def test_folders_and_files(h):
    made = call(h, "fs.mkdir", "/home/me", "by call", SALT, "none")
    folder = made["result"]["id"]
    equal(len(folder), 32)
    check("by call" in [i["name"] for i in h.data("ls", "~")["items"]], "ls shows it")
    h.run("call", "fs.mkdir", "~", "by call", "77" * 32, "none", code=5)
    h.run("mkdir", "~/sealed")
    h.write("f", b"content")
    h.run("put", "f", "~/sealed/")
    call(h, "fs.rename", "~/sealed", "f", "~/sealed", "g", "none")
    version = h.data("stat", "~/sealed/g")["version"]
    call(h, "fs.delete", "~/sealed", "g")
    h.run("cat", "~/sealed/g", code=3)
    call(h, "fs.undelete", "~/sealed", "g", version)
    equal(h.run("cat", "~/sealed/g").out, b"content")
    call(h, "fs.chmod", "/home/me", "sealed", "bob", "4", "")
    call(h, "fs.chmod", "/home/me", "sealed", "bob", "0", "")
    call(h, "fs.rmdir", "~", "by call")
    h.run("ls", "~/by call", code=3)


def test_contents_are_given_as_records(h):
    record = {"where": {"inline": "base64:YWJj"}, "commit": "11" * 32, "public": True, "bytes": 3, "sealed_size": "", "seal": ""}
    h.run("call", "fs.mkdir", "~", "public", "33" * 32, "none")
    file = call(h, "fs.create", "~/public", "abc", SALT, "1", json.dumps(record), "none", "+8d")["result"]["id"]
    h.write("next.json", json.dumps(dict(record, where={"inline": "64656667"}, bytes=4)).encode())
    equal(call(h, "fs.write", "~/public", "abc", "1", "2", "@next.json", "none", "+8d")["result"]["revision"], 2)
    d = h.data("stat", "~/public/abc")
    equal((d["size"], d["revision"], d["public"]), (4, 2, True))
    # A copy names its source: the table's access for it is declared as well.
    call(h, "fs.create", "~/public", "copy", "44" * 32, "3", json.dumps(record), json.dumps({"file": file, "revision": 1}), "+8d")
    equal(h.data("stat", "~/public/copy")["size"], 3)
    # The commitment is not of these bytes: a reader does not take such a content.
    h.run("cat", "~/public/abc", code=8)


def test_folder_keys_and_homes(h):
    ring = {"parent_epoch": 0, "under_parent": "", "envelopes": [{"account": "me", "key_epoch": 1, "box": "ab" * 40}], "parent": "00" * 16, "prior_epoch": 0, "prior": "", "commitment": "11" * 32}
    h.run("call", "fs.mkdir", "~", "keyed", "22" * 32, json.dumps(ring))
    call(h, "fs.ring", "~/keyed", "1", json.dumps(dict(ring, envelopes=ring["envelopes"] + [{"account": "bob", "key_epoch": 1, "box": "cd" * 40}])))
    call(h, "fs.ring", "~/keyed", "2", json.dumps(ring))
    h.run("call", "fs.ring", "~/keyed", "9", json.dumps(ring), code=5)
    r = h.run("call", "fs.home", "bob", json.dumps(ring), "--as", "carol", code=5)
    check("there already (absent 'e' {home} {account})" in r.err.decode(), r.err.decode())


def test_messages(h):
    sent = call(h, "msg.send", "bob", "11" * 16, "1", "16", "ab" * 64)
    h.run("call", "msg.take", sent["result"]["key"], "--as", "carol", code=4)
    call(h, "msg.take", sent["result"]["key"], "--as", "bob")
    h.run("call", "msg.take", sent["result"]["key"], "--as", "bob", code=3)


def test_accounts(h):
    account = h.data("id", "show", "carol")["account"]
    h.write("account.json", json.dumps(account).encode())
    call(h, "id.rotate", "carol", "@account.json", "--permission", "owner", "--as", "carol")
    h.run("call", "id.rotate", "carol", "@account.json", "--as", "bob", code=4)
    account["development"] = False
    h.write("account.json", json.dumps(account).encode())
    call(h, "id.new", "carol-too", "@account.json", "--as", "carol")
    equal(h.data("id", "show", "carol-too")["account"]["permissions"], account["permissions"])


def test_errors_name_the_argument_and_its_type(h):
    for args, want in [(("credit.pay", "me", "bob", "lots"), "amount (credits): 'lots'"),
                       (("fs.write", "~", "f", "4294967296", "2", "{}", "none", "0"), "base (u32)"),
                       (("fs.delete", "zz", "f"), "dir (id)"),
                       (("fs.create", "~", "f", SALT, "1", "{}", "none", "0"), "the field 'where' is missing"),
                       (("credit.pay", "me"), "takes 3 arguments, 1 were given"),
                       (("credit.pay", "me", "bob", "1", "--access", "touch 0x00"), "starts with exact, latest")]:
        r = h.run("call", *args, code=2)
        check(want in r.err.decode(), "%s in %s" % (want, r.err.decode()))
    h.run("call", "no.such", code=9)
    h.run("call", "fs.delete", "~", "f", code=3)
    h.run("call", "fs.create", "~", "f", "@nowhere", "1", "{}", "none", "0", code=3)


def test_limits_are_flags(h):
    h.run("call", "credit.pay", "me", "bob", "1", "--gas", "1000", code=None)
    r = h.run("call", "credit.pay", "me", "bob", "1", "--gas", "3000000")
    check("final in block" in r.text, r.text)
    h.run("call", "credit.pay", "me", "bob", "1", "--gas", "much", code=2)
    h.run("call", "credit.pay", "me", "bob", "1", "--rent", "0.5")
