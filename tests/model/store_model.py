"""Model of the object log (docs/spec/state.md): linked records, each with the height it came at and the positions it ended.

A block is a net change {key: value, or None to delete}. Records are appended as the store does it and checked against plain
dictionaries: at every height, present and past, a reading of presence, of absence and of a complete range follows from the
records that stood there exactly when it is true. Then single rules are taken away, and every one of them must be noticed.

  python3 store_model.py [HISTORIES]      (2000; DOS_MODEL_EFFORT multiplies)
"""
import os
import random
import sys

LOW, END = "", None  # the key below all others; what follows the last record

RULES = {
    "insertion_relinks_its_neighbour": "the record before a new key goes on naming the old next key",
    "deletion_relinks_its_neighbour": "the record before a deleted key goes on naming it",
    "old_record_is_ended": "a replaced record is not named as ended",
    "deleted_record_is_ended": "a deleted record is not named as ended",
    "ended_once": "two records of one block name the same one as ended",
    "relinking_keeps_the_version": "a record that only got a new neighbour claims to be newly written",
}


class Broken(Exception):
    """A statement about the log that does not hold."""


def must(condition, what):
    if not condition:
        raise Broken(what)


class Record:
    def __init__(self, key, following, value, version, came_at, ended):
        self.key, self.following, self.value, self.version = key, following, value, version
        self.came_at, self.ended = came_at, ended


class Log:
    def __init__(self, without=None):
        self.without = without
        self.records = [Record(LOW, END, "", 0, 0, [])]
        self.newest = {LOW: 0}  # of each key that is present: position

    def apply(self, height, change):
        change = {k: v for k, v in change.items() if v is not None or k in self.newest}
        deleted = sorted(k for k, v in change.items() if v is None)
        keys = sorted((set(self.newest) | {k for k, v in change.items() if v is not None}) - set(deleted))
        follows = dict(zip(keys, keys[1:] + [END]))
        positions = dict(self.newest)
        for key in keys:  # in key order: it is part of the format
            before = self.newest.get(key)
            written, following = key in change, follows[key]
            old = self.records[before] if before is not None else None
            if not written and self.keeps_link(old, following, change):
                continue
            ended = [before] if before is not None and self.without != "old_record_is_ended" else []
            if self.without != "deleted_record_is_ended":
                ended += [self.newest[d] for d in deleted if key < d and (following is END or d < following)]
            if self.without == "ended_once" and self.records[-1].came_at == height:
                ended += self.records[-1].ended[:1]
            version = height if written or self.without == "relinking_keeps_the_version" else old.version
            self.records.append(Record(key, following, change[key] if written else old.value, version, height, ended))
            positions[key] = len(self.records) - 1
        for key in deleted:
            del positions[key]
        self.newest = positions

    def keeps_link(self, old, following, change):
        if old.following == following:
            return True
        inserted = following is not END and following in change and (old.following is END or following < old.following)
        if inserted:
            return self.without == "insertion_relinks_its_neighbour"
        return self.without == "deletion_relinks_its_neighbour"

    def ended_at(self):
        when = {}
        for record in self.records:
            for position in record.ended:
                must(position not in when, "a record is ended twice")
                when[position] = record.came_at
        must(sorted(self.newest.values()) == [p for p in range(len(self.records)) if p not in when],
             "what is not ended is what is present")
        return when


def check_height(log, when, height, truth, names):
    standing = [r for p, r in enumerate(log.records) if r.came_at <= height and when.get(p, height + 1) > height]
    must(len({r.key for r in standing}) == len(standing), "one record a key")
    must({r.key: (r.value, r.version) for r in standing if r.key != LOW} == truth, "presence, with its version")
    for name in names:
        shown_absent = any(r.key < name and (r.following is END or name < r.following) for r in standing)
        must(shown_absent == (name not in truth), "absence")
    by_key, listed, at = {r.key: r for r in standing}, [], LOW
    while by_key[at].following is not END:
        at = by_key[at].following
        must(at in by_key, "a link leads to a record that stands")
        listed.append(at)
    must(listed == sorted(truth), "a complete range")


def history(seed, without=None, heights=40, keys=12):
    """Plays one random history; returns how many records it made. Raises Broken."""
    dice = random.Random(seed)
    names = ["k%02d" % i for i in range(keys)]
    log, state, truths = Log(without), {}, [{}]
    for height in range(1, heights + 1):
        change = {k: None if dice.random() < 0.4 else "v%d.%s" % (height, k) for k in dice.sample(names, dice.randint(0, 5))}
        log.apply(height, change)
        for key, value in change.items():
            if value is None:
                state.pop(key, None)
            else:
                state[key] = (value, height)
        truths.append(dict(state))
    when = log.ended_at()
    for height, truth in enumerate(truths):
        check_height(log, when, height, truth, names)
    return len(log.records)


def main():
    histories = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    histories *= max(1, int(os.environ.get("DOS_MODEL_EFFORT", "1")))
    records = sum(history(seed) for seed in range(histories))
    print("%d histories of 40 heights, %d records: every reading at every height true, none false" % (histories, records))
    unseen = 0
    for rule, wrong in RULES.items():
        for seed in range(200):
            try:
                history(seed, without=rule)
            except (Broken, KeyError) as found:
                print("seen in history %d: %s (%s)" % (seed, wrong, found))
                break
        else:
            print("NOT SEEN: " + wrong)
            unseen += 1
    return 1 if unseen or records < 10 * histories else 0


if __name__ == "__main__":
    sys.exit(main())
