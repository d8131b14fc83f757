"""What the house checks read: the files under version control, or about to be, and the rows of cmake/layers.cmake."""
import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def files():
    """Tracked files and new ones that no ignore rule covers, as paths relative to the repository."""
    try:
        out = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, check=True, capture_output=True).stdout
        names = [n for n in out.decode("utf-8").split("\0") if n]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*")
                 if p.is_file() and p.relative_to(ROOT).parts[0] not in (".git", "build")]
    return sorted(n for n in set(names) if (ROOT / n).is_file())


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def layers():
    """{layer: [layers it may use]} in the order of the rows."""
    rows = {}
    table = re.sub(r"#.*", "", text("cmake/layers.cmake"))
    for name, uses in re.findall(r"dos_layer\(\s*(\w+)\s+USES\s+([\w\s]*?)\s*LIBS", table):
        rows[name] = uses.split()
    return rows


@functools.cache
def folders():
    """{folder: layer} of the rows that do not lie in src/<layer>, the inner before the outer."""
    table = re.sub(r"#.*", "", text("cmake/layers.cmake"))
    found = {folder: name for name, folder in re.findall(r"dos_layer\(\s*(\w+)\s[^)]*FOLDER\s+([\w/]+)", table)}
    return dict(sorted(found.items(), key=lambda f: -len(f[0])))


def tests_use():
    table = re.sub(r"#.*", "", text("cmake/layers.cmake"))
    rows = re.findall(r"dos_layer\(\s*(\w+)\s([^)]*)\)", table)
    return {name: [word for word in row.split("TESTS_USE")[1].split() if word.islower()] for name, row in rows if "TESTS_USE" in row}


def apps():
    table = re.sub(r"#.*", "", text("cmake/layers.cmake"))
    return {name: uses.split() for name, uses in re.findall(r"dos_app\(\s*([\w-]+)\s+USES\s+([\w\s]*?)\s*(?:LIBS[^)]*)?\)", table)}


def libraries():
    """{folder of a layer or app: [third-party targets it links]}"""
    table = re.sub(r"#.*", "", text("cmake/layers.cmake"))
    rows = re.findall(r"dos_(layer|app)\(\s*([\w-]+)\s+USES[\w\s]*?LIBS((?:\s+dos::\w+)*)(?:\s+FOLDER\s+([\w/]+))?", table)
    return {folder or ("src/" if kind == "layer" else "apps/") + name: libs.split() for kind, name, libs, folder in rows}
