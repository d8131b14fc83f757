"""Refuses an #include that the layer table does not allow, and what pure layers may not use. Reads cmake/layers.cmake."""
import re

import tree

PURE = ["base", "codec", "abi", "crypto", "fakes", "ledger", "syscalls", "proof", "store", "vm", "kernel", "verify", "consensus", "net", "chain", "replica"]
# Threads, clocks, sockets, files, ambient randomness: the edge interfaces of base/edge.hpp stand for them.
PURE_FORBIDS = {"thread", "mutex", "shared_mutex", "condition_variable", "future", "chrono", "ctime", "time.h", "filesystem",
                "fstream", "iostream", "random", "unistd.h", "fcntl.h", "pthread.h", "semaphore", "stop_token", "atomic", "latch", "barrier"}
PURE_FORBIDS_FOLDERS = ("sys/", "boost/", "openssl/")
LIBRARY_OF = {"crypto": "openssl/"}  # wraps it
# Where a pure layer wraps a library or stops the process, one file each, with its reason.
EXCUSED = {"src/store/shared_reads.hpp": "many readers of one store share what it has opened",
           "src/fakes/disk.hpp": "counts the reads of files that several threads may read at once"}
# Who may include modules/: what makes calls or shows what modules keep. The kernel and what runs it know no module: they are handed
# rules (src/ledger/module_rules.hpp), which syscalls puts together.
MODULE_USERS = {"syscalls", "client", "cli", "sim"}
MODULE_USERS_BY_FILE = {"api": re.compile(r"src/api/\w+_views\.cpp$")}  # views alone
# Tests and fuzz targets of these make calls of the modules that are shipped, and look at what becomes of them; below the kernel nothing runs one.
MODULE_TESTERS = {"kernel", "chain", "replica", "node", "api"}


def forbidden_in_pure(layer, path):
    """Of an #include in a file of that layer that is no test."""
    return layer in PURE and (path in PURE_FORBIDS or (path.startswith(PURE_FORBIDS_FOLDERS) and not path.startswith(LIBRARY_OF.get(layer, "//"))))


def may_include_modules(layer, name, test):
    by_file = MODULE_USERS_BY_FILE.get(layer)
    return layer in MODULE_USERS or (test and layer in MODULE_TESTERS) or bool(by_file and by_file.match(name))


def check_itself():
    """What must be refused is, and what may stand is not: a list that lost a row would pass everything."""
    refused = [(layer, path) for layer in PURE for path in ("mutex", "atomic", "chrono", "fstream", "sys/socket.h", "boost/asio.hpp", "thread")]
    refused += [("chain", "openssl/evp.h"), ("replica", "shared_mutex")]
    allowed = [("node", "mutex"), ("os", "sys/socket.h"), ("crypto", "openssl/evp.h"), ("chain", "map"), ("replica", "functional")]
    rows = {"src/consensus/verify/verifier.cpp": "verify", "consensus/verify/verifier.hpp": "verify", "src/consensus/engine.hpp": "consensus",
            "consensus/engine.hpp": "consensus", "sim/run.cpp": "sim", "sim/run.hpp": "sim"}
    know_none = PURE + ["os", "serve", "links", "node", "daemon", "api"]
    without_modules = [(layer, f"src/{layer}/x.cpp", False) for layer in know_none if layer != "syscalls"]
    without_modules += [(layer, f"src/{layer}/x_test.cpp", True) for layer in ("base", "ledger", "store", "vm", "consensus", "net", "os", "serve", "links")]
    without_modules += [("api", "src/api/state_routes.cpp", False)]
    with_modules = [(layer, f"src/{layer}/x.cpp", False) for layer in MODULE_USERS] + [("api", "src/api/object_views.cpp", False)]
    with_modules += [(layer, f"src/{layer}/x_test.cpp", True) for layer in MODULE_TESTERS]
    return [f"modules/ in {name} is not refused" for layer, name, test in without_modules if may_include_modules(layer, name, test)] + \
           [f"modules/ in {name} is refused" for layer, name, test in with_modules if not may_include_modules(layer, name, test)] + \
           [f"{layer} may include modules/ and has no row" for layer in MODULE_USERS | MODULE_TESTERS if layer not in tree.layers()] + \
           [f"{p} is not of {layer}" for p, layer in rows.items() if layer_of(p) != layer] + \
           [f"<{p}> in {layer} is not refused" for layer, p in refused if not forbidden_in_pure(layer, p)] + \
           [f"<{p}> in {layer} is refused" for layer, p in allowed if forbidden_in_pure(layer, p)] + \
           [f"{layer} is said to be pure and has no row" for layer in PURE if layer not in tree.layers()]


def includes(name):
    for number, line in enumerate(tree.text(name).splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if m:
            yield number, m.group(1), m.group(2)


def code_only(text):
    """The text with comments and string literals blanked, line for line."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def layer_of(path):
    """The row that a source or an #include belongs to."""
    parts = path.split("/")
    for folder, layer in tree.folders().items():
        if path.startswith((folder + "/", folder.removeprefix("src/") + "/")):
            return layer
    return parts[1] if parts[0] == "src" and len(parts) > 2 else parts[0]


def check():
    rows = tree.layers()
    order = list(rows)
    problems = []
    if len(rows) < 13:
        problems.append(f"cmake/layers.cmake: only {len(rows)} rows could be read")
    for layer, uses in rows.items():
        for used in uses:
            if used not in order[:order.index(layer)]:
                problems.append(f"cmake/layers.cmake: {layer} uses {used}, which is not above it")
    for name in tree.files():
        parts = name.split("/")
        if not name.endswith((".cpp", ".hpp", ".h")):
            continue
        if (parts[0] == "src" and len(parts) > 2) or parts[0] == "sim":
            layer = layer_of(name)
            if layer not in rows:
                problems.append(f"{name}: src/{layer} has no row in cmake/layers.cmake")
                continue
            allowed = {layer, *rows[layer]}
            if re.search(r"(_(test|fuzz)\.[ch]pp|/test_\w+\.hpp)$", name):
                allowed |= set(tree.tests_use().get(layer, []))
        elif parts[0] == "apps":
            direct = tree.apps().get(parts[1], [])
            allowed = set(direct)
            for used in direct:
                allowed |= set(rows.get(used, []))
            layer = None
        elif parts[:2] == ["modules", "tests"]:
            continue  # runs on the host, over the whole kernel
        elif parts[0] == "modules" or parts[:2] == ["sdk", "cpp"]:
            allowed = {"base", "codec", "ledger", "crypto", "abi"}  # headers without a library behind them
            layer = None
        else:
            continue
        test = re.search(r"(_(test|fuzz|bench)\.[ch]pp|/test_\w+\.hpp)$", name)
        for number, quote, path in includes(name):
            first = layer_of(path)
            if quote == '"' and first in rows and "/" in path and first not in allowed:
                problems.append(f"{name}:{number}: {parts[1]} may not include {path}")
            if quote == '"' and first == "modules" and layer and not may_include_modules(layer, name, bool(test)):
                problems.append(f"{name}:{number}: {layer} may not include {path}")
            if forbidden_in_pure(layer, path) and not test and name not in EXCUSED:
                problems.append(f"{name}:{number}: a pure layer may not use <{path}>")
        if layer in PURE and not test and name not in EXCUSED:
            for number, line in enumerate(code_only(tree.text(name)).splitlines(), 1):
                if re.search(r"\b(float|double)\b", line):
                    problems.append(f"{name}:{number}: no floating point in a pure layer")
                if re.match(r"\s*(static|thread_local)\s+(?!const\b|constexpr\b|inline\s+const)[\w:<>, ]+\s+\w+\s*(=|;|\{)", line) \
                        and "(" not in line.split("=")[0]:
                    problems.append(f"{name}:{number}: no mutable static in a pure layer")
                if re.search(r"\bthrow\b", line):
                    problems.append(f"{name}:{number}: no exceptions in a pure layer")
    return problems
