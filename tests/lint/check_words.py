"""Words that must not stand in the tree: unfinished work, foreign hosts, paths of one machine.

The words are put together from pieces here, so that this file passes its own check.
"""

import re

import tree

UNFINISHED = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
UNFINISHED_PHRASES = ["not " + "implemented", "not yet " + "implemented"]

HOSTS = ["npm" + "js.", "yarn" + "pkg.", "py" + "pi.", "pythonho" + "sted.", "crates" + ".io",
         "ruby" + "gems.", "maven" + ".", "docker" + ".io", "ghcr" + ".io",
         "deb." + "debian.org", "security." + "debian.org", "snapshot." + "debian.org",
         "nodesource" + "."]

PATHS = ["/wo" + "rk/", "/ro" + "ot/", "/tmp/b" + "-"]

CHECKS = [
    ("unfinished work", re.compile(r"\b(" + "|".join(UNFINISHED) + r")\b")),
    ("unfinished work", re.compile("|".join(UNFINISHED_PHRASES), re.IGNORECASE)),
    ("a package host", re.compile("|".join(re.escape(host) for host in HOSTS), re.IGNORECASE)),
    ("a path of one machine", re.compile(r"(?<![\w.}$*~-])(" + "|".join(PATHS) + ")")),
]

# Lock files and licences speak in their own words.
EXEMPT = re.compile(r"(^LICENSE$|^resources/licences/|package-lock\.json$|/corpus/|\.(svg|png|gz|bin)$)")


def lint(root):
    findings = []
    for file in tree.files(root):
        path = file.as_posix()
        if EXEMPT.search(path):
            continue
        text = tree.read(root, file)
        for number, line in enumerate((text or "").splitlines(), 1):
            for what, pattern in CHECKS:
                match = pattern.search(line)
                if match:
                    findings.append(f"{path}:{number}: {what}: {match.group()}")
    return findings


CASES = [
    ("clean text", {"a.md": "A method for nowhere, all done. See https://example.org/work/x\n"}, 0),
    ("unfinished work", {"a.cpp": "// " + UNFINISHED[0] + ": later\n", "b.sh": "# " + UNFINISHED[1] + "\n"}, 2),
    ("part of another word", {"a.cpp": "int kXX" + "XL = 1; // shacks\n"}, 0),
    ("phrases", {"a.cpp": "// Not " + "implemented\n"}, 1),
    ("package hosts", {"a.txt": "https://registry." + HOSTS[0] + "org\nhttp://" + HOSTS[9] + "/debian\n"}, 2),
    ("paths of one machine", {"a.sh": "cd " + PATHS[0] + "main\ncp x '" + PATHS[1] + "y'\n"}, 2),
    ("a path below another", {"a.sh": "cd $root" + PATHS[1] + "x; ls home" + PATHS[0] + "x\n"}, 0),
    ("binary files are passed over", {"a.dat": "\0" + UNFINISHED[0] + "\n"}, 0),
    ("what is built does not count", {"build/a.txt": UNFINISHED[0] + "\n"}, 0),
]

if __name__ == "__main__":
    tree.run(lint, CASES)
