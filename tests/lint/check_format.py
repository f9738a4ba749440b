"""Every C++ file is laid out as .clang-format says; packaging/format.sh lays them out."""

import concurrent.futures
import os
import re
import shutil
import subprocess
from pathlib import Path

import tree

STYLE = Path(__file__).resolve().parents[2] / ".clang-format"


def clang_format():
    """Version 14, Debian 12's own: other versions lay out a few lines differently."""
    for name in ("clang-format-14", "clang-format"):
        program = shutil.which(name)
        if program and "version 14." in subprocess.run([program, "--version"], capture_output=True,
                                                       text=True, check=True).stdout:
            return program
    return None


def check_file(program, root, path):
    result = subprocess.run([program, f"--style=file:{STYLE}", "--dry-run", str(root / path)],
                            capture_output=True, text=True, check=False)
    places = re.findall(r":(\d+):\d+: \w+: .*clang-format-violations", result.stderr)
    if result.returncode != 0 or places:
        return f"{path.as_posix()}: {len(places)} place(s), first at line {places[0] if places else '?'}"
    return None


def lint(root):
    program = clang_format()
    if program is None:
        return ["clang-format 14 is missing: packaging/test.sh installs it"]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda path: check_file(program, root, path), tree.cpp_files(root))
        return [finding for finding in found if finding]


CASES = [
    ("a formatted file", {"a.cpp": "int f()\n{\n    return 1;\n}\n"}, 0),
    ("another indentation", {"a.cpp": "int f()\n{\n  return 1;\n}\n"}, 1),
    ("a line beyond 100 columns", {"a.h": "int f(" + ", ".join(f"int argument{i}" for i in range(9)) + ");\n"}, 1),
    ("other files are passed over", {"a.py": "if 1 :  pass\n"}, 0),
]

if __name__ == "__main__":
    tree.run(lint, CASES)
