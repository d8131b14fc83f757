#!/usr/bin/env python3
"""A second client of DOS, written from docs/spec alone: verifies proof files, answers of state and receipts, offline.

  verify.py FILE --genesis GENESIS [--content FILE] [--json]     a proof file (docs/spec/proof-file.md)
  verify.py --state FILE --key HEX --genesis GENESIS             an answer of POST /v1/state: what stood under a key
  verify.py --state FILE --range HEX --genesis GENESIS           ... and all that stood under a prefix
  verify.py --receipt FILE --genesis GENESIS                     an answer of GET /v1/transactions/{txid}

Ends with 0 and what is proved, or with 8 and why it is refused. Needs Python 3.9 and nothing else.
"""
import argparse
import json
import sys

from codec import Decoder, Malformed, decode, u, uleb, with_length
from primitives import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, blake3, derive_key, verifies

ZERO = bytes(32)
MAX_FILE_BYTES = 32 << 20
MAX_DEPTH, MAX_FINAL_PATH, MAX_KEY_BYTES, MAX_RECORDS = 64, 64, 322, 8192
FS = (3).to_bytes(2, "big")  # modules/fs: its number, which starts its keys


class Refused(Exception):
    """`code`: not_a_proof, other_format, malformed, chain_changed, proof_invalid, proof_incomplete, signature_invalid, content_mismatch."""

    def __init__(self, code, why):
        super().__init__(code + ": " + why)
        self.code = code


def need(condition, code, why):
    if not condition:
        raise Refused(code, why)


# ---- genesis (docs/spec/genesis.md)

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def is_name(text):
    return (1 <= len(text) <= 32 and text[0] in LETTERS and text[-1] not in "-."
            and all(c in LETTERS or c in "0123456789-." for c in text))


def is_key(key):
    return len(key.bytes) == PUBLIC_KEY_BYTES[key.type]


def check_permission(p, pq):
    need(is_name(p.name), "malformed", "a permission has no valid name")
    need(len(p.keys) + len(p.accounts) <= 16, "limit", "a permission has too many members")
    total = classical = 0
    for w in p.keys:
        need(is_key(w.key), "bad_key", "a key has the wrong length")
        need(w.weight > 0, "malformed", "a key has no weight")
        total += w.weight
        classical += w.weight if w.key.type == 4 else 0
    for w in p.accounts:
        need(is_name(w.account) and is_name(w.permission) and w.weight > 0, "malformed", "a member of a permission is none")
        total += w.weight
    need(len({w.key.raw for w in p.keys}) == len(p.keys), "malformed", "a permission names a key twice")
    need(len({(w.account, w.permission) for w in p.accounts}) == len(p.accounts), "malformed", "a permission names an account twice")
    need(1 <= p.threshold <= total, "malformed", "a threshold that nothing reaches, or that is nothing")
    need(not pq or classical < p.threshold, "bad_key", "a permission could do without a post-quantum key")


def check_account(account, pq):
    names = [p.name for p in account.permissions]
    need(len(names) <= 8, "limit", "an account has too many permissions")
    for p in account.permissions:
        check_permission(p, pq)
    need(len(set(names)) == len(names) and {"owner", "active"} <= set(names), "malformed", "an account has owner and active, and each once")
    need(len(account.encryption) <= 16, "limit", "an account has too many encryption keys")
    last = 0
    for e in account.encryption:
        need(e.epoch > last, "malformed", "encryption keys stand in ascending epochs")
        need(len(e.key.bytes) == (1216 if e.key.type == 1 else 32), "bad_key", "an encryption key has the wrong length")
        need(not pq or e.key.type == 1, "bad_key", "encryption keys of this suite are X-Wing keys")
        last = e.epoch


def check_validators(members, pq):
    need(1 <= len(members) <= 255, "malformed", "a genesis has 1 to 255 validators")
    for v in members:
        need(is_name(v.name), "malformed", "a validator has no valid name")
        need(1 <= v.weight <= (2**64 - 1) // 255, "malformed", "a validator's weight is not allowed")
        need(is_key(v.vote_key) and is_key(v.node_key), "bad_key", "a key of a validator has the wrong length")
        need(not pq or (v.vote_key.type != 4 and v.node_key.type != 4), "bad_key", "a key of a validator is not post-quantum")
    need(len({v.name for v in members}) == len(members) == len({v.vote_key.raw for v in members}), "malformed", "a validator stands twice")
    order = [(-v.weight, v.name.encode()) for v in members]
    need(order == sorted(order), "malformed", "validators stand by weight, then by name")


class Chain:
    """What a verifier takes from a genesis."""

    def __init__(self, data):
        try:
            form = Decoder(data).value(("str",))
            need(form == "dos-3.1", "other_format" if form.startswith("dos-") else "malformed", "a genesis of another format")
            g = decode("Genesis", data)
        except Malformed as e:
            raise Refused("malformed", "the genesis: %s" % e)
        need(is_name(g.name), "malformed", "the network's name is not valid")
        p, pq = g.params, g.suite == 1
        need(p.vm == 1, "other_format", "another metering")
        need(p.block_bytes <= (4 << 20) - (128 << 10), "limit", "block_bytes")
        need(p.min_call_gas <= p.max_transaction_gas <= p.block_gas, "malformed", "gas limits are not in order")
        check_validators(g.validators.members, pq)
        last = 0
        for m in g.modules:
            need(m.number > last, "malformed", "modules stand by number, from 1")
            last = m.number
            need(is_name(m.record.name) and m.record.code != ZERO and m.record.code_bytes > 0, "malformed", "a module has no name or code")
            need(len(m.record.table) <= 32768, "limit", "a module's call table is too long")
        names = [a.name.encode() for a in g.accounts]
        need(all(a < b for a, b in zip(names, names[1:])), "malformed", "accounts stand by name")
        for a in g.accounts:
            need(is_name(a.name), "malformed", "an account has no valid name")
            check_account(a.account, pq)
            need(not a.account.development or g.kind == 1, "dev_identity", "a development identity outside a local network")
        need(sum((a.credits for a in g.accounts), g.faucet + g.sponsor) < 2**64, "limit", "more credits than there can be")
        self.name, self.validators = g.name, g.validators.members
        self.id = derive_key("DOS/genesis/1", data)
        self.valset = derive_key("DOS/valset/1", g.validators.raw)
        self.params = derive_key("DOS/params/1", p.raw)
        self.weight = sum(v.weight for v in self.validators)


# ---- a final block (docs/spec/consensus.md, Certificates; wire.md, Anchor)

def check_certificate(chain, c):
    need(len(c.entries) <= len(chain.validators), "proof_invalid", "more signatures than validators")
    voters = [e.voter for e in c.entries]
    need(all(a < b for a, b in zip(voters, voters[1:])), "proof_invalid", "signers stand in order, each once")
    need(all(v < len(chain.validators) for v in voters), "proof_invalid", "an unknown validator")
    need(3 * sum(chain.validators[v].weight for v in voters) > 2 * chain.weight, "proof_invalid", "the signers are no strong set")
    for e in c.entries:
        need(len(e.others) <= 3, "proof_invalid", "a ballot has at most four votes")
        items = sorted(e.others + [c.item], key=lambda i: (i.kind, i.view))
        order = [(i.kind, i.view) for i in e.others]
        need(order == sorted(order) and len({(i.kind, i.view) for i in items}) == len(items), "proof_invalid", "votes in order, each once")
        for i in items:
            need((i.id == ZERO) == (i.kind == 2) and (i.result == ZERO) == (i.kind != 3), "proof_invalid", "a vote names what its kind has not")
        ballot = u(8, c.epoch) + u(2, e.voter) + uleb(len(items)) + b"".join(i.raw for i in items)
        signed = with_length(b"DOS/vote/1") + chain.id + ballot
        key, s = chain.validators[e.voter].vote_key, e.signature
        need(len(s.bytes) == SIGNATURE_BYTES[s.type] and s.type == key.type and verifies(key.type, key.bytes, signed, s.bytes),
             "signature_invalid", "the vote of validator %s does not verify" % chain.validators[e.voter].name)


def block_id(header):
    return derive_key("DOS/blk/1", header.raw)


def check_anchor(chain, a):
    need(a.header.chain == chain.id, "chain_changed", "a block of another chain")
    need(a.header.valset == chain.valset and a.header.params == chain.params, "proof_invalid", "validators or parameters not of the genesis")
    need(len(a.path) <= MAX_FINAL_PATH, "proof_invalid", "too many headers up to the certified one")
    need(a.parts.height == a.header.height, "proof_invalid", "a result of another height")
    last = a.header
    for h in a.path:
        need(h.chain == chain.id and h.parent == block_id(last) and h.height == last.height + 1 and h.epoch == last.epoch,
             "proof_invalid", "the headers up to the certified block are no chain")
        last = h
    item = a.certificate.item
    need(item.kind == 3 and item.id == block_id(last) and item.view == last.view and a.certificate.epoch == last.epoch,
         "proof_invalid", "the certificate is of another block")
    result = derive_key("DOS/result/1", a.parts.raw)
    need(result == (a.path[0].parent_result if a.path else item.result), "proof_invalid", "the certificate is over another result")
    check_certificate(chain, a.certificate)


# ---- trees (docs/spec/encoding.md, List trees; docs/spec/state.md)

def climb_list(node, root, leaf, path):
    need(path.index < path.count, "proof_invalid", "an index outside of its list")
    at, i, last, left = leaf, path.index, path.count - 1, list(path.siblings)
    while last:
        if i % 2 or i < last:
            need(left, "proof_invalid", "a list path is too short")
            at = derive_key(node, left.pop(0) + at if i % 2 else at + left.pop(0))
        i, last = i // 2, last // 2
    need(not left, "proof_invalid", "a list path is too long")
    return derive_key(root, u(8, path.count) + at)


def climb_range(count, leaves, path, node, root):
    """The root over a mountain range of `count` leaves, of which [(index, hash)] are opened."""
    need(all(i < count for i, _ in leaves), "proof_invalid", "an opened leaf lies past the end")
    need(all(a[0] < b[0] for a, b in zip(leaves, leaves[1:])), "proof_invalid", "opened leaves are not in order")
    path, peaks, level = list(path), {}, 0

    def next_hash():
        need(path, "proof_invalid", "a path is too short")
        return path.pop(0)

    while leaves:
        width = count >> level  # whole nodes of this level; an odd one at the end is a peak
        if width & 1 and leaves[-1][0] == width - 1:
            peaks[level] = leaves.pop()[1]
        known, above = dict(leaves), []
        for i, h in leaves:
            if i % 2 and i - 1 in known:
                continue
            sibling = known[i + 1] if i % 2 == 0 and i + 1 in known else next_hash()
            above.append((i // 2, derive_key(node, sibling + h if i % 2 else h + sibling)))
        leaves, level = above, level + 1
    tops = [peaks[n] if n in peaks else next_hash() for n in range(63, -1, -1) if count >> n & 1]
    need(not path, "proof_invalid", "a path is too long")
    return derive_key(root, u(8, count) + b"".join(tops))


# ---- state proofs (docs/spec/state.md)

class View:
    """What stood at one height, as far as the proof shows it."""

    def __init__(self, height, records):
        self.height, self.records = height, sorted(records, key=lambda r: r.leaf.key)
        for a, b in zip(self.records, self.records[1:]):
            need(a.leaf.next_key and a.leaf.next_key <= b.leaf.key, "proof_invalid", "records contradict each other")

    def covering(self, key):
        for r in self.records:
            if r.leaf.key <= key and (not r.leaf.next_key or key < r.leaf.next_key):
                return r
        raise Refused("proof_incomplete", "the proof does not cover the key " + key.hex())

    def find(self, key):
        """The record of that key, or None: it is proved absent."""
        r = self.covering(key)
        return r if r.leaf.key == key else None

    def range(self, prefix):
        """All that stood under the prefix. proof_incomplete if the proof leaves off before the end."""
        found, r = [], self.covering(prefix)
        if r.leaf.key == prefix:
            found.append(r)
        while r.leaf.next_key.startswith(prefix) and r.leaf.next_key:
            r = self.covering(r.leaf.next_key)
            found.append(r)
        return found


def check_state(p, root, root_height):
    need(p.height <= root_height, "proof_invalid", "a height above the block's")
    need(len(p.records) <= MAX_RECORDS, "limit", "too many records")
    count = p.parts.count
    need(p.parts.compaction_cursor <= count, "proof_invalid", "the cursor lies past the end")
    positions = [r.position for r in p.records]
    need(all(a < b for a, b in zip(positions, positions[1:])), "proof_invalid", "records are not in order")
    for r in p.records:
        leaf = r.leaf
        need(r.position < count, "proof_invalid", "a record past the end")
        need(len(leaf.key) <= MAX_KEY_BYTES and len(leaf.next_key) <= MAX_KEY_BYTES, "proof_invalid", "a key is too long")
        need(not leaf.next_key or leaf.key < leaf.next_key, "proof_invalid", "a next key does not follow")
        need(r.data is None or derive_key("DOS/data/1", r.data) == leaf.data, "proof_invalid", "data is not what its record commits to")
        need(r.standing.label == "witness" or leaf.at <= p.height, "proof_invalid", "a record of a later block")

    named = set()
    for r in p.records:
        if r.standing.label != "ended_by":
            continue
        ended = r.standing.value
        need(ended.record < len(p.records), "proof_invalid", "a retiring record is not there")
        by = p.records[ended.record]
        need(by.standing.label == "witness" and by.leaf.at > p.height and by.leaf.ends != ZERO, "proof_invalid", "retired by the height")
        leaf = derive_key("DOS/ends/leaf/1", u(8, r.position))
        need(climb_list("DOS/ends/node/1", "DOS/ends/1", leaf, ended.path) == by.leaf.ends, "proof_invalid", "not retired by that record")
        named.add(ended.record)
    need(all(r.standing.label != "witness" or i in named for i, r in enumerate(p.records)), "proof_invalid", "a witness of nothing")

    live = [r for r in p.records if r.standing.label == "live"]
    need([c.index for c in p.bits] == sorted({r.position // 256 for r in live}), "proof_invalid", "not the chunks of the live records")
    chunks = {c.index: c.bits for c in p.bits}
    for r in live:
        bit = r.position % 256
        need(chunks[r.position // 256][bit // 8] >> bit % 8 & 1, "proof_invalid", "a record shown as live is not")

    leaves = [(r.position, derive_key("DOS/leaf/1", r.leaf.raw)) for r in p.records]
    need(climb_range(count, leaves, p.mmr_path, "DOS/node/1", "DOS/mmr/1") == p.parts.mmr_root, "proof_invalid", "not under the record root")
    leaves = [(c.index, derive_key("DOS/bits/leaf/1", c.bits)) for c in p.bits]
    need(climb_range((count + 255) // 256, leaves, p.bits_path, "DOS/bits/node/1", "DOS/bits/1") == p.parts.bits_root,
         "proof_invalid", "not under the bits root")
    need(derive_key("DOS/state/1", p.parts.raw) == root, "proof_invalid", "not under the state root")
    return View(p.height, [r for r in p.records if r.standing.label != "witness"])


# ---- proof files (docs/spec/proof-file.md)

def is_file_name(text):
    raw = text.encode()
    return 1 <= len(raw) <= 255 and text not in (".", "..") and all(b >= 0x20 and b not in (0x2F, 0x7F) for b in raw)


def read_file(data):
    need(9 + 32 <= len(data) <= MAX_FILE_BYTES and data[:9] == b"DOSPROOF1", "not_a_proof", "no DOS proof, or cut")
    need(blake3(data[:-32]) == data[-32:], "not_a_proof", "cut or changed after it was made")
    try:
        f = decode("ProofFile", data[9:-32])
    except Malformed as e:
        raise Refused("not_a_proof", str(e))
    need(len(f.path) <= MAX_DEPTH and all(map(is_file_name, f.path)), "not_a_proof", "a path that cannot be")
    return f


def decoded(struct, data):
    try:
        return decode(struct, data)
    except Malformed as e:
        raise Refused("proof_invalid", "a record holds no %s: %s" % (struct, e))


def entry_key(directory, name):
    return FS + b"e" + directory + name.encode()


def verify_file(chain, f):
    check_anchor(chain, f.anchor)
    view = check_state(f.proof, f.anchor.parts.state_root, f.anchor.header.height)
    out = {"kind": "folder", "chain": chain.name, "genesis": chain.id.hex(), "height": str(view.height), "key": "", "valid": True,
           "signers": {"have": len(f.anchor.certificate.entries), "of": len(chain.validators)}, "claims": []}
    at = " at block %d" % view.height
    directory, entry = bytes(16), None
    for i, name in enumerate(f.path):
        shown = "/" + "/".join(f.path[:i + 1])
        if entry is not None and entry.type == 1:  # nothing lies below a file
            out.update(kind="absence", claims=[shown + " was absent" + at])
            return out, None
        if entry is not None:
            directory = entry.id
        key = entry_key(directory, name)
        out["key"] = key.hex()
        record = view.find(key)
        if record is None:
            out.update(kind="absence", claims=[shown + " was absent" + at])
            return out, None
        entry = decoded("EntryMeta", record.leaf.meta)
    if entry is None:
        out["claims"] = ["/ is the root"]
        return out, None
    if entry.type == 2:
        out["claims"] = ["%s was a folder%s, owned by %s" % (shown, at, entry.owner)]
        return out, None

    out["kind"] = "file"
    out["claims"] += ["%s stood there%s, revision %d, owned by %s" % (shown, at, entry.revision, entry.owner),
                      "its ciphertext has the hash b3:" + entry.hash.hex()]
    key = FS + b"r" + entry.id + entry.revision.to_bytes(4, "big")
    record = next((r for r in view.records if r.leaf.key == key), None)
    if record is None:
        need(f.opened is None, "proof_incomplete", "a content is opened, and not the revision that it is of")
        return out, None
    meta = decoded("RevisionMeta", record.leaf.meta)
    need(record.data is not None, "proof_incomplete", "a revision without its data")
    content = decoded("Content", record.data)
    out["claims"].append("written by %s in block %d" % (meta.by, record.leaf.version >> 24))
    if f.opened is None:
        return out, None
    need(derive_key("DOS/fs/content/1", f.opened.salt + f.opened.plain) == content.commit, "content_mismatch", "an opening of other content")
    out["claims"].append("its content has the BLAKE3 hash " + f.opened.plain.hex())
    return out, f.opened.plain


def verify(data, genesis, content=None):
    """What a proof file proves, as `dos verify --json` says it in `data`. Raises Refused."""
    f = read_file(data)
    chain = genesis if isinstance(genesis, Chain) else Chain(genesis)
    need(f.anchor.header.chain == chain.id, "chain_changed", "the proof is of another chain than this genesis")
    out, plain = verify_file(chain, f)
    if content is not None:
        need(plain is not None, "usage", "the proof says nothing about the content")
        need(blake3(content) == plain, "content_mismatch", "that is not what stood there")
    return out


# ---- answers of nodes (docs/spec/wire.md)

def answer(struct, data):
    try:
        return decode(struct, data)
    except Malformed as e:
        raise Refused("malformed", "the answer: %s" % e)


def verify_state(data, chain):
    """The view of a StateAnswer."""
    a = answer("StateAnswer", data)
    check_anchor(chain, a.anchor)
    return check_state(a.proof, a.anchor.parts.state_root, a.anchor.header.height)


def verify_receipt(data, chain):
    """[(height, receipt)] of the final outcomes of a SubmitAnswer."""
    a, out = answer("SubmitAnswer", data), []
    for anchor in a.anchors:
        check_anchor(chain, anchor)
    for outcome in a.outcomes:
        what = getattr(outcome, "is")
        need(what.label == "final", "proof_incomplete", "a word of the node, which proves nothing")
        final = what.value
        need(final.anchor < len(a.anchors), "malformed", "an outcome names no block")
        proof, block = final.proof, a.anchors[final.anchor]
        need(proof.receipt.txid == outcome.txid, "proof_invalid", "a receipt of another transaction")
        leaf = derive_key("DOS/receipt/leaf/1", proof.receipt.raw)
        tree = climb_list("DOS/receipt/node/1", "DOS/receipt/root/1", leaf, proof.path)
        root = derive_key("DOS/receipts/1", u(8, proof.path.count) + tree + proof.txids_root)
        need(root == block.parts.receipts_root, "proof_invalid", "the receipt is not under the block's result")
        out.append((block.header.height, proof.receipt))
    return out


def shown_record(r):
    return {"key": r.leaf.key.hex(), "version": str(r.leaf.version), "meta": r.leaf.meta.hex(), "data": None if r.data is None else r.data.hex()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("file", nargs="?")
    p.add_argument("--genesis", required=True)
    p.add_argument("--content")
    p.add_argument("--state")
    p.add_argument("--key")
    p.add_argument("--range")
    p.add_argument("--receipt")
    p.add_argument("--json", action="store_true")
    a = p.parse_args()

    def read(name):
        with open(name, "rb") as f:
            return f.read()

    try:
        chain = Chain(read(a.genesis))
        if a.state:
            view = verify_state(read(a.state), chain)
            if a.key is not None:
                record = view.find(bytes.fromhex(a.key))
                found = [] if record is None else [record]
            else:
                found = view.range(bytes.fromhex(a.range or ""))
            out = {"height": str(view.height), "records": [shown_record(r) for r in found]}
        elif a.receipt:
            out = {"receipts": [{"height": str(h), "tx": "tx:" + r.txid.hex(), "status": r.status, "gas": str(r.gas), "fee": str(r.fee)}
                                for h, r in verify_receipt(read(a.receipt), chain)]}
        elif a.file:
            out = verify(read(a.file), chain, read(a.content) if a.content else None)
        else:
            p.error("give a proof file, --state or --receipt")
    except Refused as e:
        print("refused: %s" % e, file=sys.stderr)
        return 2 if e.code == "usage" else 8
    if a.json or "claims" not in out:
        print(json.dumps(out))
        return 0
    print("valid   chain %s   block %s   certified by %d of %d validators" % (out["chain"], out["height"], out["signers"]["have"],
                                                                              out["signers"]["of"]))
    for claim in out["claims"]:
        print("  " + claim)
    return 0


if __name__ == "__main__":
    sys.exit(main())
