#!/usr/bin/env python3
"""Adds up what ./dev test left in a folder and prints "N passed, N failed" last. Exit 1 when something failed or nothing ran."""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml


def from_ctest(path, gtest):
    good = bad = 0
    for case in xml.parse(path).getroot().iter("testcase"):
        ok = case.get("status") == "run"
        detail = gtest / (case.get("name") + ".xml")
        counted = False
        if detail.exists():
            try:
                suites = xml.parse(detail).getroot()
                failed = int(suites.get("failures", 0)) + int(suites.get("errors", 0))
                good += int(suites.get("tests", 0)) - failed - int(suites.get("disabled", 0))
                bad += failed
                counted = failed > 0
                if ok:
                    continue
            except xml.ParseError:
                pass  # the test died while writing: counted as one failure below
        if not ok:
            if not counted:
                bad += 1
            print(f"failed: {case.get('name')}")
        elif not detail.exists():
            good += 1
    return good, bad


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = []
    if (folder / "ctest.xml").exists():
        rows.append(("unit and links", *from_ctest(folder / "ctest.xml", folder / "gtest")))
    for path in sorted(folder.glob("*.txt")):
        m = re.search(r"(\d+) passed, (\d+) failed", path.read_text(encoding="utf-8", errors="replace"))
        rows.append((path.stem, *(map(int, m.groups()) if m else (0, 1))))
    print()
    for name, good, bad in rows:
        print(f"{name:16} {good:6} passed {bad:4} failed")
    good, bad = sum(r[1] for r in rows), sum(r[2] for r in rows)
    print(f"{good} passed, {bad} failed")
    return 0 if bad == 0 and good > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
