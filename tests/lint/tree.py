"""What every lint shares: the files of the tree, findings in one form, and the self-test's frame.

A lint is a function from a root folder to findings. Its self-test writes small trees, good and bad
ones, and demands that exactly the bad ones are found: a lint that cannot fail proves nothing.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

SKIPPED_FOLDERS = {".git", ".cache", "build", "node_modules", "__pycache__"}
CPP_SUFFIXES = {".h", ".cpp"}


def files(root):
    """Paths below root, relative and sorted, without what is built or fetched."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("build-"))
        for name in names:
            found.append((Path(folder) / name).relative_to(root))
    return sorted(found)


def cpp_files(root):
    return [path for path in files(root) if path.suffix in CPP_SUFFIXES]


def read(root, path):
    """The file's text, or None if it is binary."""
    data = (Path(root) / path).read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")


def without_comments_and_strings(text):
    """The same text with comments and literals blanked: lines and columns stay."""
    out = []
    i = 0
    while i < len(text):
        end = _literal_end(text, i)
        if end == i:
            out.append(text[i])
            i += 1
            continue
        out.append("".join("\n" if c == "\n" else " " for c in text[i:end]))
        i = end
    return "".join(out)


def _literal_end(text, i):
    """Where the comment or literal that starts at i ends; i itself if none does."""
    if text.startswith("//", i):
        end = text.find("\n", i)
        return len(text) if end < 0 else end
    if text.startswith("/*", i):
        end = text.find("*/", i + 2)
        return len(text) if end < 0 else end + 2
    if text.startswith('R"', i) and not (i > 0 and text[i - 1].isalnum() and text[i - 1] not in "uUL8"):
        bracket = text.find("(", i)
        closing = ")" + text[i + 2:bracket] + '"'
        end = text.find(closing, bracket)
        return len(text) if bracket < 0 or end < 0 else end + len(closing)
    if text[i] == '"' or (text[i] == "'" and not _is_separator(text, i)):
        end = i + 1
        while end < len(text) and text[end] != text[i] and text[end] != "\n":
            end += 2 if text[end] == "\\" else 1
        return min(end + 1, len(text))
    return i


def _is_separator(text, i):
    """Whether an apostrophe stands within a number, as in 1'000, and opens no letter, as in u'a'."""
    before = re.search(r"\w*$", text[max(0, i - 64):i]).group()
    return before != "" and before not in {"u8", "u", "U", "L"}


def run(lint, cases):
    """Entry point of every lint: `SCRIPT ROOT`, or `SCRIPT --self-test`.

    `cases` is a list of (what it shows, {path: text}, number of findings expected).
    """
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(_self_test(lint, cases))
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT | --self-test")
    findings = lint(Path(sys.argv[1]))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding(s)")
    sys.exit(1 if findings else 0)


def _self_test(lint, cases):
    failed = 0
    for shows, tree, expected in cases:
        with tempfile.TemporaryDirectory() as root:
            for path, text in tree.items():
                full = Path(root) / path
                full.parent.mkdir(parents=True, exist_ok=True)
                full.write_text(text, encoding="utf-8")
            findings = lint(Path(root))
        good = len(findings) == expected
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {shows}: {len(findings)} of {expected} finding(s)")
        for finding in findings if not good else []:
            print("     " + finding)
    return 1 if failed else 0
