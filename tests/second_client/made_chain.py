"""A chain of its own, made and signed from the pages alone (suite classic), and proof files of it: good ones, and ones that break one rule."""
import copy
import hashlib

import primitives
from codec import encode_struct, u
from primitives import blake3, derive_key
from verify import FS, ZERO, climb_range

L = primitives._L
BASE = primitives._decoded_point((4 * pow(5, primitives._P - 2, primitives._P) % primitives._P).to_bytes(32, "little"))


def point_bytes(n):
    x, y, z, _ = primitives._times(n, BASE)
    inverse = pow(z, primitives._P - 2, primitives._P)
    return (y * inverse % primitives._P | (x * inverse % primitives._P & 1) << 255).to_bytes(32, "little")


class Signer:
    def __init__(self, seed):
        h = hashlib.sha512(seed).digest()
        self.scalar = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.public = h[32:], point_bytes(self.scalar)
        self.made = {}

    def sign(self, message):
        if message not in self.made:
            r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % L
            point = point_bytes(r)
            k = int.from_bytes(hashlib.sha512(point + self.public + message).digest(), "little") % L
            self.made[message] = point + ((r + k * self.scalar) % L).to_bytes(32, "little")
        return self.made[message]


WEIGHTS = (5, 3, 2, 1, 1)  # 8 of 12 are two thirds, and not strong; 9 are
SIGNERS = [Signer(bytes((i,)) * 32) for i in range(5)]
PARAMS = dict(vm=1, gas_price=1, byte_price=1, rent_per_mib_year=1, min_call_gas=1, block_gas=3, max_transaction_gas=2, block_bytes=4063232,
              default_rent_ms=1, faucet_per_block=0, sponsor_per_block=0)
FILE, HOME = b"\x07" * 16, b"\x08" * 16


def key(signer):
    return {"type": 4, "bytes": signer.public}


def genesis():
    members = [dict(name="v%d" % i, weight=w, vote_key=key(s), node_key=key(s), address="") for i, (w, s) in enumerate(zip(WEIGHTS, SIGNERS))]
    return dict(format="dos-3.1", name="made", kind=1, suite=2, time=1, salt=ZERO, params=PARAMS, validators={"members": members}, modules=[],
                accounts=[], faucet=0, sponsor=2**64 - 1)


def meta(kind, ident, revision):
    return encode_struct("EntryMeta", dict(type=kind, id=ident, owner="me", grants=[], revision=revision, bytes=1, hash=ZERO, is_public=True,
                                           sealed_size=b"", modified=1))


class Proof:
    """Everything of a proof file that a case may change, before the hashes and signatures over it are made."""

    def __init__(self):
        self.genesis = genesis()
        self.path, self.opened = ["home", "f"], None
        self.header = dict(version=1, engine=1, height=9, parent=ZERO, time=5, proposer=0, payload=dict(len=0, payload_hash=ZERO, shard_root=ZERO),
                           tx_root=ZERO, parent_result=ZERO, epoch=0, view=12, parent_view=11)
        self.length = 0              # headers of the path
        self.change_path = lambda headers: None
        self.voters, self.others, self.item = [0, 1, 3], {}, {}
        self.ballot_order = lambda items: sorted(items, key=lambda i: (i["kind"], i["view"]))
        self.epoch, self.signature_type = 0, 4
        self.parts_height, self.height = 9, 9
        self.cursor = 0
        keys = [b"", FS + b"d" + bytes(16), FS + b"e" + bytes(16) + b"home", FS + b"e" + HOME + b"f", b"\xff\xff\xff"]
        metas = [b"", b"", meta(2, HOME, 0), meta(1, FILE, 1), b""]
        self.records = []
        for i, (k, m) in enumerate(zip(keys, metas)):
            following = keys[i + 1] if i + 1 < len(keys) else b""
            leaf = dict(key=k, next_key=following, version=3 << 24, at=3, ends=ZERO, lock=b"", paid_until=2**64 - 1, meta=m, data=derive_key("DOS/data/1", b""))
            self.records.append(dict(position=i, leaf=leaf, data=None, standing=("live", None)))
        self.live = {0, 1, 2, 3, 4}
        self.change_parts = self.change_proof = lambda value: None  # before and after the state root is made of them

    def revision(self, **changes):
        """The file's revision stands there too, and its content is opened."""
        salt, plain = b"\x01" * 32, b"\x02" * 32
        content = dict(where=("inline", b"x"), commit=derive_key("DOS/fs/content/1", salt + plain), is_public=False, bytes=1, sealed_size=b"", seal=b"")
        self.opened, data = dict(salt=salt, plain=plain), encode_struct("Content", content)
        leaf = dict(self.records[3]["leaf"], key=FS + b"r" + FILE + (1).to_bytes(4, "big"), version=2 << 24, data=derive_key("DOS/data/1", data),
                    meta=encode_struct("RevisionMeta", dict(op=1, by="me", time=1, bytes=1, hash=ZERO, is_public=False)))
        leaf.update(changes.pop("leaf", {}))
        self.records.insert(4, {**dict(position=4, leaf=leaf, data=data, standing=("live", None)), **changes})
        self.records[3]["leaf"]["next_key"], leaf["next_key"] = leaf["key"], self.records[5]["leaf"]["key"]
        self.records[5]["position"] = 5
        self.live.add(5)

    def retire(self, at, by_at, height):
        """Record `at` was followed by one of its own key in block `by_at`; the proof speaks of `height`."""
        old = self.records[at]
        new = copy.deepcopy(old)
        leaf = derive_key("DOS/ends/leaf/1", u(8, at))
        new["position"], new["leaf"]["at"], new["leaf"]["ends"] = len(self.records), by_at, derive_key("DOS/ends/1", u(8, 1) + leaf)
        new["standing"] = ("witness", None)
        old["standing"] = ("ended_by", dict(record=len(self.records), path=dict(index=0, count=1, siblings=[])))
        self.live = self.live - {at} | {len(self.records)}
        self.records.append(new)
        self.height = height

    def file(self):
        g = encode_struct("Genesis", self.genesis)
        chain = derive_key("DOS/genesis/1", g)
        valset = derive_key("DOS/valset/1", encode_struct("ValidatorSet", self.genesis["validators"]))
        params = derive_key("DOS/params/1", encode_struct("Params", self.genesis["params"]))
        count = len(self.records)
        leaves = [(i, derive_key("DOS/leaf/1", encode_struct("Leaf", r["leaf"]))) for i, r in enumerate(self.records)]
        bits = sum(1 << i for i in self.live).to_bytes(32, "little")
        opened = any(r["standing"][0] == "live" for r in self.records)
        bits_leaf = derive_key("DOS/bits/leaf/1", bits)
        parts = dict(count=count, mmr_root=climb_range(count, leaves, [], "DOS/node/1", "DOS/mmr/1"),
                     bits_root=climb_range(1, [(0, bits_leaf)], [], "DOS/bits/node/1", "DOS/bits/1"), compaction_cursor=self.cursor)
        self.change_parts(parts)
        proof = dict(parts=dict(parts), height=self.height, records=self.records, bits=[dict(index=0, bits=bits)] if opened else [], mmr_path=[],
                     bits_path=[] if opened else [bits_leaf])
        state_root = derive_key("DOS/state/1", encode_struct("StateParts", parts))
        self.change_proof(proof)
        result_parts = dict(height=self.parts_height, state_root=state_root, receipts_root=ZERO)
        result = derive_key("DOS/result/1", encode_struct("ResultParts", result_parts))
        same = dict(chain=chain, valset=valset, next_valset=valset, params=params)
        header = {**same, **self.header}
        headers = [header]
        for i in range(self.length):
            before = headers[-1]
            headers.append({**before, "height": before["height"] + 1, "parent": derive_key("DOS/blk/1", encode_struct("Header", before)),
                            "parent_result": result if i == 0 else ZERO, "view": before["view"] + 1})
        self.change_path(headers)
        last = headers[-1]
        own = {"kind": 3, "view": last["view"], "id": derive_key("DOS/blk/1", encode_struct("Header", last)),
               "result": b"\x01" * 32 if self.length else result, **self.item}
        entries = []
        for v in self.voters:
            others = self.others.get(v, [])
            ballot = encode_struct("Ballot", dict(epoch=self.epoch, voter=v, items=self.ballot_order(others + [own])))
            signed = b"\x0aDOS/vote/1" + chain + ballot
            signature = SIGNERS[v % 5].sign(signed) if self.signature_type == 4 else bytes(2420)
            entries.append(dict(voter=v, others=others, signature=dict(type=self.signature_type, bytes=signature)))
        certificate = dict(epoch=self.epoch, item=own, entries=entries)
        anchor = dict(header=header, parts=result_parts, path=headers[1:], certificate=certificate)
        body = b"DOSPROOF1" + encode_struct("ProofFile", dict(path=self.path, anchor=anchor, proof=proof, opened=self.opened))
        return body + blake3(body), g


def vote(kind, view, ident=b"\x02" * 32, result=ZERO):
    return dict(kind=kind, view=view, id=ident, result=result)


def cases():
    """(what, good, proof)"""
    def case(what, good, change):
        p = Proof()
        change(p)
        return what, good, p

    def header(i, **fields):
        return lambda p: p.__dict__.update(length=2, change_path=lambda hs: hs[i].update(fields))

    yield case("as it should be", True, lambda p: None)
    yield case("no path", True, lambda p: p.path.clear())
    yield case("below a file", True, lambda p: p.path.append("x"))
    yield case("absent", True, lambda p: p.path.__setitem__(1, "g"))
    yield case("not covered", False, lambda p: (p.records.pop(4), p.records[3]["leaf"].update(next_key=FS + b"f"), p.path.__setitem__(0, "zoo"),
                                                p.records[2]["leaf"].update(next_key=p.records[2]["leaf"]["key"] + b"a")))
    # signers
    yield case("two thirds", False, lambda p: p.__dict__.update(voters=[0, 1]))
    yield case("a little more than two thirds", True, lambda p: p.__dict__.update(voters=[0, 2, 3, 4]))
    yield case("all", True, lambda p: p.__dict__.update(voters=[0, 1, 2, 3, 4]))
    yield case("one twice", False, lambda p: p.__dict__.update(voters=[0, 0, 1]))
    yield case("signers out of order", False, lambda p: p.__dict__.update(voters=[1, 0, 3]))
    yield case("an unknown signer", False, lambda p: p.__dict__.update(voters=[0, 1, 3, 5]))
    yield case("a signature of another type", False, lambda p: p.__dict__.update(signature_type=1))
    yield case("another epoch", False, lambda p: p.__dict__.update(epoch=1))
    yield case("another epoch of both", True, lambda p: (p.__dict__.update(epoch=1), p.header.update(epoch=1)))
    # what was signed
    yield case("a certificate of NOTAR", False, lambda p: p.item.update(kind=1, result=ZERO))
    yield case("another view", False, lambda p: p.item.update(view=13))
    yield case("another id", False, lambda p: p.item.update(id=b"\x05" * 32))
    yield case("another result", False, lambda p: p.item.update(result=b"\x05" * 32))
    finals = [vote(3, view, result=b"\x03" * 32) for view in (11, 14)]
    yield case("other votes on the ballot", True, lambda p: p.others.update({0: [vote(1, 13)], 1: [vote(2, 10, ZERO), *finals]}))
    yield case("five votes", False, lambda p: p.others.update({0: [vote(1, v) for v in (1, 2, 3, 4)]}))
    yield case("two votes of one kind and view", False, lambda p: p.others.update({0: [vote(3, 12, result=b"\x03" * 32)]}))
    yield case("votes out of order", False, lambda p: (p.others.update({0: [vote(2, 2, ZERO), vote(1, 1)]}),
                                                    p.__dict__.update(ballot_order=lambda items: items)))
    yield case("a null vote with a block", False, lambda p: p.others.update({0: [vote(2, 2)]}))
    yield case("a NOTAR without", False, lambda p: p.others.update({0: [vote(1, 2, ZERO)]}))
    yield case("a NOTAR with a result", False, lambda p: p.others.update({0: [vote(1, 2, result=b"\x03" * 32)]}))
    yield case("a FINAL without result", False, lambda p: p.others.update({0: [vote(3, 2)]}))
    # header and path
    yield case("a result of another height", False, lambda p: p.__dict__.update(parts_height=8, height=8))
    yield case("other validators", False, lambda p: p.header.update(valset=ZERO))
    yield case("other parameters", False, lambda p: p.header.update(params=ZERO))
    yield case("another chain", False, lambda p: p.header.update(chain=ZERO))
    yield case("another version", True, lambda p: p.header.update(version=7, engine=9))
    for n in (1, 2, 64):
        yield case("a path of %d" % n, True, lambda p, n=n: p.__dict__.update(length=n))
    yield case("a path of 65", False, lambda p: p.__dict__.update(length=65))
    yield case("a gap on the path", False, header(1, height=11))
    yield case("a path of another epoch", False, header(1, epoch=1))
    yield case("a path of another chain", False, header(2, chain=ZERO))
    yield case("another parent", False, header(1, parent=ZERO))
    yield case("a header between is changed", False, header(1, tx_root=b"\x01" * 32))
    yield case("the last is changed", True, header(2, tx_root=b"\x01" * 32, valset=ZERO, params=ZERO))
    yield case("another result on the path", False, header(1, parent_result=ZERO))
    # state
    yield case("a height below", True, lambda p: p.__dict__.update(height=3))
    yield case("a height before the records", False, lambda p: p.__dict__.update(height=2))
    yield case("a height above", False, lambda p: p.__dict__.update(height=10))
    yield case("the past", True, lambda p: p.retire(3, 6, 5))
    yield case("retired at the height", False, lambda p: p.retire(3, 6, 6))
    yield case("retired by nothing", False, lambda p: (p.retire(3, 6, 5), p.records[5]["leaf"].update(ends=ZERO)))
    yield case("retired by a live record", False, lambda p: (p.retire(3, 6, 6), p.records[5].update(standing=("live", None))))
    yield case("a witness of nothing", False, lambda p: (p.retire(3, 6, 5), p.records[3].update(standing=("live", None)), p.live.add(3)))
    yield case("another index of the list", False, lambda p: (p.retire(3, 6, 5), p.records[3]["standing"][1]["path"].update(count=2)))
    yield case("no such record", False, lambda p: (p.retire(3, 6, 5), p.records[3]["standing"][1].update(record=6)))
    yield case("dead", False, lambda p: p.live.discard(3))
    yield case("both stood", False, lambda p: (p.retire(3, 6, 6), p.records[3].update(standing=("live", None)), p.records[5].update(standing=("live", None)),
                                               p.live.add(3)))
    yield case("a cursor", True, lambda p: p.__dict__.update(cursor=5))
    yield case("a cursor past the end", False, lambda p: p.__dict__.update(cursor=6))
    yield case("data", True, lambda p: p.records[3].update(data=b""))
    yield case("other data", False, lambda p: p.records[3].update(data=b"x"))
    yield case("a next key that does not follow", False, lambda p: p.records[4]["leaf"].update(next_key=b"\xff"))
    yield case("a long key", True, lambda p: p.records[4]["leaf"].update(key=b"\xff" * 322) or p.records[3]["leaf"].update(next_key=b"\xff" * 322))
    yield case("too long a key", False, lambda p: p.records[4]["leaf"].update(key=b"\xff" * 323) or p.records[3]["leaf"].update(next_key=b"\xff" * 323))
    yield case("another record root", False, lambda p: p.__dict__.update(change_parts=lambda parts: parts.update(mmr_root=ZERO)))
    yield case("another bits root", False, lambda p: p.__dict__.update(change_parts=lambda parts: parts.update(bits_root=ZERO)))

    def shown(what, change):
        return case(what, False, lambda p: p.__dict__.update(change_proof=change))

    yield shown("other parts", lambda proof: proof["parts"].update(compaction_cursor=1))
    yield shown("more records than there are", lambda proof: proof["parts"].update(count=4))
    yield shown("a path too long", lambda proof: proof["mmr_path"].append(ZERO))
    yield shown("a path of bits too long", lambda proof: proof["bits_path"].append(ZERO))
    yield shown("a path too short", lambda proof: proof.update(records=proof["records"][1:]))
    yield shown("records out of order", lambda proof: proof.update(records=proof["records"][::-1]))
    yield shown("a record twice", lambda proof: proof.update(records=proof["records"][:1] + proof["records"]))
    yield shown("a record past the end", lambda proof: proof.update(records=proof["records"] + [dict(proof["records"][4], position=5)]))
    yield shown("no bits", lambda proof: proof.update(bits=[]))
    yield shown("bits twice", lambda proof: proof.update(bits=proof["bits"] * 2))
    yield shown("bits for nothing", lambda proof: proof.update(bits=proof["bits"] + [dict(index=1, bits=ZERO)]))
    yield shown("other bits", lambda proof: proof.update(bits=[dict(index=0, bits=b"\xff" * 32)]))
    yield shown("8,193 records", lambda proof: proof.update(records=[proof["records"][0]] * 8193))
    yield case("a list path too long", False, lambda p: (p.retire(3, 6, 5), p.records[3]["standing"][1]["path"].update(siblings=[ZERO])))
    yield case("an index past its list", False, lambda p: (p.retire(3, 6, 5), p.records[3]["standing"][1]["path"].update(index=1)))
    yield case("of another list", False, lambda p: (p.retire(3, 6, 5), p.records[5]["leaf"].update(ends=b"\x01" * 32)))
    # records
    yield case("opened", True, lambda p: p.revision())
    yield case("not opened", True, lambda p: (p.revision(), p.__dict__.update(opened=None)))
    yield case("the revision's data left out", False, lambda p: p.revision(data=None))
    yield case("other content opened", False, lambda p: (p.revision(), p.opened.update(plain=ZERO)))
    yield case("another salt", False, lambda p: (p.revision(), p.opened.update(salt=ZERO)))
    yield case("a revision of no known kind", False, lambda p: p.revision(leaf=dict(meta=b"\x06\x02me" + bytes(49))))
    yield case("a revision without meta, not opened", False, lambda p: (p.revision(leaf=dict(meta=b"")), p.__dict__.update(opened=None)))
    yield case("64 names", True, lambda p: p.__dict__.update(path=["home", "f"] + ["x"] * 62))
    yield case("65 names", False, lambda p: p.__dict__.update(path=["home", "f"] + ["x"] * 63))
    for name, good in (("\x1f", False), ("\x7f", False), ("\x80", True), ("..", False), ("...", True), ("a/b", False), ("", False), ("x" * 255, True),
                       ("x" * 256, False), ("\u202e", True), ("\u00e9" * 127, True), ("\u00e9" * 128, False)):
        yield case("the name %r" % name, good, lambda p, name=name: p.path.append(name))
    yield case("an entry with a byte more", False, lambda p: p.records[3]["leaf"].update(meta=meta(1, FILE, 1) + b"\0"))
    yield case("an entry of no known type", False, lambda p: p.records[3]["leaf"].update(meta=b"\3" + meta(1, FILE, 1)[1:]))
    yield case("opened, and no revision", False, lambda p: p.__dict__.update(opened=dict(salt=ZERO, plain=ZERO)))
    yield case("a folder opened", True, lambda p: (p.path.pop(), p.__dict__.update(opened=dict(salt=ZERO, plain=ZERO))))
    # genesis
    for what, good, change in genesis_cases():
        yield case("genesis: " + what, good, lambda p, change=change: (change(p.genesis), p.__dict__.update(voters=[0, 1, 2, 3, 4])))


def genesis_cases():
    def permission(name, weight=1, threshold=1):
        return dict(name=name, threshold=threshold, keys=[dict(key=key(SIGNERS[0]), weight=weight)], accounts=[])

    def account(name, **changes):
        return dict(name=name, credits=0, account={**dict(permissions=[permission("owner"), permission("active")], encryption=[], development=True), **changes})

    def module(number, name="fs", **changes):
        return dict(number=number, record={**dict(name=name, code=b"\1" * 32, code_bytes=1, abi=1, table=b""), **changes})

    def members(change):
        return lambda g: change(g["validators"]["members"])

    yield "of another release", False, lambda g: g.update(format="dos-3.2")
    yield "no format", False, lambda g: g.update(format="")
    yield "no name", False, lambda g: g.update(name="Made")
    yield "metering", False, lambda g: g.update(params={**PARAMS, "vm": 2})
    yield "large blocks", False, lambda g: g.update(params={**PARAMS, "block_bytes": 4063233})
    yield "gas out of order", False, lambda g: g.update(params={**PARAMS, "min_call_gas": 3})
    yield "suite pq with such keys", False, lambda g: g.update(suite=1)
    yield "validators out of order", False, members(lambda m: m.reverse())
    yield "names out of order", False, members(lambda m: m[3].update(name="v9"))
    yield "a name twice", False, members(lambda m: m[1].update(name="v0"))
    yield "a key twice", False, members(lambda m: m[1].update(vote_key=m[0]["vote_key"]))
    yield "a node key twice", True, members(lambda m: m[1].update(node_key=m[0]["node_key"]))
    yield "a short key", False, members(lambda m: m[4].update(node_key=dict(type=4, bytes=bytes(31))))
    yield "no weight", False, members(lambda m: m[4].update(weight=0))
    yield "much weight", True, members(lambda m: [v.update(weight=(2**64 - 1) // 255) for v in m])
    yield "too much weight", False, members(lambda m: m[0].update(weight=(2**64 - 1) // 255 + 1))
    yield "modules", True, lambda g: g.update(modules=[module(1), module(4)])
    yield "modules out of order", False, lambda g: g.update(modules=[module(4), module(1)])
    yield "module 0", False, lambda g: g.update(modules=[module(0)])
    yield "no code", False, lambda g: g.update(modules=[module(1, code=ZERO)])
    yield "a long table", False, lambda g: g.update(modules=[module(1, table=bytes(32769))])
    yield "accounts", True, lambda g: g.update(accounts=[account("a"), account("b", development=False)])
    yield "accounts out of order", False, lambda g: g.update(accounts=[account("b"), account("a")])
    yield "development elsewhere", False, lambda g: g.update(accounts=[account("a")], kind=3)
    yield "no active", False, lambda g: g.update(accounts=[account("a", permissions=[permission("owner")])])
    nine = [permission("owner"), permission("active"), *(permission("p%d" % i) for i in range(7))]
    yield "eight permissions", True, lambda g: g.update(accounts=[account("a", permissions=nine[:8])])
    yield "nine permissions", False, lambda g: g.update(accounts=[account("a", permissions=nine)])
    yield "out of reach", False, lambda g: g.update(accounts=[account("a", permissions=[permission("owner"), permission("active", 1, 2)])])
    yield "weightless", False, lambda g: g.update(accounts=[account("a", permissions=[permission("owner"), permission("active", 0, 1)])])
    def with_permission(change):
        def apply(g):
            p = permission("active", 1, 1)
            change(p)
            g.update(accounts=[account("a", permissions=[permission("owner"), p, permission("post")])])
        return apply

    member = dict(account="b", permission="active", weight=1)
    yield "members", True, with_permission(lambda p: p.update(accounts=[member, dict(member, permission="owner")], threshold=3))
    yield "a member twice", False, with_permission(lambda p: p.update(accounts=[member, member]))
    yield "a member without name", False, with_permission(lambda p: p.update(accounts=[dict(member, account="")]))
    yield "a weightless member", False, with_permission(lambda p: p.update(accounts=[dict(member, weight=0)]))
    yield "17 members", False, with_permission(lambda p: p.update(accounts=[dict(member, account="b%d" % i) for i in range(16)]))
    yield "16 members", True, with_permission(lambda p: p.update(accounts=[dict(member, account="b%d" % i) for i in range(15)]))
    yield "a permission's key twice", False, with_permission(lambda p: p.update(keys=p["keys"] * 2))
    yield "a weightless key", False, with_permission(lambda p: p["keys"].append(dict(key=key(SIGNERS[1]), weight=0)))
    yield "a permission's short key", False, with_permission(lambda p: p.update(keys=[dict(key=dict(type=4, bytes=b"x"), weight=1)]))
    unnamed = [permission("owner"), permission("active"), permission("Post")]
    yield "a permission without name", False, lambda g: g.update(accounts=[account("a", permissions=unnamed)])
    yield "no threshold", False, with_permission(lambda p: p.update(threshold=0))
    yield "one permission twice", False, with_permission(lambda p: p.update(name="post"))
    yield "an account without name", False, lambda g: g.update(accounts=[account("a-")])
    yield "a validator without name", False, members(lambda m: m[4].update(name="v4."))
    yield "an encryption key", True, lambda g: g.update(accounts=[account("a", encryption=[dict(epoch=2, key=dict(type=2, bytes=bytes(32)))])])
    yield "a short encryption key", False, lambda g: g.update(accounts=[account("a", encryption=[dict(epoch=1, key=dict(type=1, bytes=bytes(32)))])])
    keys = [dict(epoch=i + 1, key=dict(type=2, bytes=bytes(32))) for i in range(17)]
    yield "16 encryption keys", True, lambda g: g.update(accounts=[account("a", encryption=keys[:16])])
    yield "17 encryption keys", False, lambda g: g.update(accounts=[account("a", encryption=keys)])
    yield "no validators", False, members(lambda m: m.clear())
    more = [dict(name="w%03d" % i, weight=1, vote_key=dict(type=4, bytes=bytes((i, 1)) * 16), node_key=key(SIGNERS[0]), address="") for i in range(251)]
    yield "256 validators", False, members(lambda m: (m[0].update(weight=4000), m.extend(more)))
    yield "255 validators", True, members(lambda m: (m[0].update(weight=4000), m.extend(more[:250])))
    yield "epochs", False, lambda g: g.update(accounts=[account("a", encryption=[dict(epoch=0, key=dict(type=2, bytes=bytes(32)))])])
    yield "too many credits", False, lambda g: g.update(faucet=1)
