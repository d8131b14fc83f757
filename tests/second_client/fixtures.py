#!/usr/bin/env python3
"""Decodes every pinned encoding (tests/conformance/fixtures) by the tables of docs/spec/layouts.md: each structure has one, and each is whole."""
import os
import sys

from codec import LAYOUTS, Malformed, decode

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance", "fixtures")


def main():
    wrong, seen = [], set()
    for name in sorted(os.listdir(FIXTURES)):
        if name == "forms.txt":  # frames and files, not structures
            continue
        with open(os.path.join(FIXTURES, name), encoding="utf-8") as f:
            for line in f:
                what, data = line.rstrip("\n").split(": ")
                struct = what.split()[0]
                seen.add(struct)
                try:
                    decode(struct, bytes.fromhex(data))
                except (Malformed, KeyError) as e:
                    wrong.append("%s, %s: %r" % (name, what, e))
    wrong += ["%s has no fixture" % s for s in sorted(LAYOUTS.structs.keys() ^ seen)]
    print("\n".join(wrong) or "%d structures" % len(seen))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
