"""tests/house/exceptions.txt: what a house rule finds and still lets stand, with its size and a reason. It can only shrink."""
import functools
import re

import tree

PATH = "tests/house/exceptions.txt"
ROW = re.compile(r"(\w+) +(\S+)(?: +(\S+))? +(\d+)")


def read(text):
    """({(rule, file, name): (size, line)}, problems)"""
    rows, problems, reason = {}, [], ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("= "):
            reason = line[2:].strip()
            continue
        m = ROW.fullmatch(line.strip())
        if not m:
            problems.append(f"{PATH}:{number}: rule, file, name, size")
        elif not reason:
            problems.append(f"{PATH}:{number}: no reason stands above it")
        elif m.group(1, 2, 3) in rows:
            problems.append(f"{PATH}:{number}: stands twice")
        else:
            rows[m.group(1), m.group(2), m.group(3)] = (int(m.group(4)), number)
    return rows, problems


@functools.cache
def _all():
    return read(tree.text(PATH))


def judge(found, rules, rows=None):
    """found: {(rule, file, name): (size, what to say)}. Complaints of whatever those rules find that has no row, and of rows that are too large or needless."""
    if rows is None:
        rows, problems = _all()
        problems = list(problems)
    else:
        problems = []
    for key, (size, said) in sorted(found.items(), key=lambda f: tuple(map(str, f[0]))):
        if key not in rows:
            problems.append(said)
        elif size > rows[key][0]:
            problems.append(f"{said}; its exception says {rows[key][0]}")
        elif size < rows[key][0]:
            problems.append(f"{PATH}:{rows[key][1]}: it is {size} by now; lower the row")
    problems += [f"{PATH}:{line}: nothing to except any more; take the row away" for key, (_, line) in rows.items() if key[0] in rules and key not in found]
    return problems


def check_rules(known):
    return [f"{PATH}:{line}: no rule is called {rule}" for (rule, _, _), (_, line) in _all()[0].items() if rule not in known]


def check_itself():
    rows, problems = read("# words\n= because\nfunction a.cpp run 90\nfile b.cpp 500\nfile c.cpp 600\nfile d.cpp 700\n")
    found = {("function", "a.cpp", "run"): (91, "grown"), ("file", "b.cpp", None): (480, "smaller"), ("file", "e.cpp", None): (401, "new"), ("file", "d.cpp", None): (700, "same")}
    said = judge(found, {"function", "file"}, rows)
    wanted = ["new", f"{PATH}:4: it is 480 by now; lower the row", "grown; its exception says 90", f"{PATH}:5: nothing to except any more; take the row away"]
    problems += [] if sorted(said) == sorted(wanted) else [f"exceptions.judge says {said}, wanted {wanted}"]
    wrong = read("file a.cpp 500\n= why\nfile 500 lines\nfile b.cpp 500\nfile b.cpp 500\n")[1]
    return problems + ([] if len(wrong) == 3 else [f"exceptions.read says {wrong}, wanted three complaints"])
