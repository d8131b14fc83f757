#!/usr/bin/env python3
"""Functional tests over the real binaries. Usage: run.py [--quick|--whole] [-k WORD] [--list]. Last line: N passed, N failed."""
import argparse
import importlib
import os
import signal
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dosrun

AREAS = ["files", "sharing", "messages", "calls", "added", "identities", "proofs", "second_client", "network", "daemon", "bad_input", "slips", "words", "json_output", "liar", "interrupts", "nodes", "validators", "chaos", "boots", "idle"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--quick", action="store_true", help="leave out the tests marked slow")
    p.add_argument("--whole", action="store_true", help="the long ones too: 64 boots, 1,000 sends at a time of one identity")
    p.add_argument("-k", default="", help="only tests whose name has this word")
    p.add_argument("--list", action="store_true")
    a = p.parse_args()
    if not os.access(dosrun.DOS, os.X_OK):
        print("no %s: run ./dev build first" % os.path.relpath(dosrun.DOS))
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the nodes end with the tests
    passed, failed = 0, []
    for area in AREAS:
        module = importlib.import_module("area_" + area)
        tests = [(n, f) for n, f in vars(module).items() if n.startswith("test_") and callable(f)]
        tests = [(n, f) for n, f in tests if a.k in area + "." + n and not (a.quick and getattr(f, "slow", False))
                 and (a.whole or not getattr(f, "long", False))]
        if a.list:
            for n, f in tests:
                print(area + "." + n)
            continue
        if not tests:
            continue
        home = dosrun.Home(validators=getattr(module, "VALIDATORS", 1), dos=getattr(module, "DOS", dosrun.DOS))
        try:
            home.up()
            for name, test in tests:
                start = time.monotonic()
                try:
                    test(home)
                    passed += 1
                    word = "ok    "
                except Exception as e:  # a failing test must not hide the next
                    home.failed = True
                    failed.append(area + "." + name)
                    word = "FAILED"
                    if isinstance(e, dosrun.Failed):
                        print(str(e))
                    else:
                        traceback.print_exc(file=sys.stdout)
                print("%s %s.%s  %.1f s" % (word, area, name, time.monotonic() - start), flush=True)
        except dosrun.Failed as e:
            home.failed = True
            failed.append(area + " (network)")
            print(str(e))
        finally:
            home.close()
    if a.list:
        return 0
    for name in failed:
        print("failed: " + name)
    print("%d passed, %d failed" % (passed, len(failed)))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
