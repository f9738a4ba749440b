"""Every C++ file is laid out as .clang-format says; packaging/format.sh lays them out."""

import concurrent.futures
import os
import re
import shutil
import subprocess
from pathlib import Path

import tree

FILES_AT_ONCE = 40
STYLE = Path(__file__).resolve().parents[2] / ".clang-format"


def clang_format():
    """Version 14, Debian 12's own: other versions lay out a few lines differently."""
    for name in ("clang-format-14", "clang-format"):
        program = shutil.which(name)
        if program and "version 14." in subprocess.run([program, "--version"], capture_output=True,
                                                       text=True, check=True).stdout:
            return program
    return None


def check_files(program, root, paths):
    """Many at once: the program takes longer to start than to read a file."""
    result = subprocess.run([program, f"--style=file:{STYLE}", "--dry-run", *(str(root / path) for path in paths)],
                            capture_output=True, text=True, check=False)
    findings = []
    for path in paths:
        places = re.findall(rf"^{re.escape(str(root / path))}:(\d+):\d+: \w+: .*clang-format-violations",
                            result.stderr, re.MULTILINE)
        if places:
            findings.append(f"{path.as_posix()}: {len(places)} place(s), first at line {places[0]}")
    if result.returncode != 0 and not findings:
        findings.append(result.stderr.strip() or f"{program} ended with {result.returncode}")
    return findings


def lint(root):
    program = clang_format()
    if program is None:
        return ["clang-format 14 is missing: packaging/test.sh installs it"]
    paths = list(tree.cpp_files(root))
    batches = [paths[i:i + FILES_AT_ONCE] for i in range(0, len(paths), FILES_AT_ONCE)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda batch: check_files(program, root, batch), batches)
        return [finding for findings in found for finding in findings]


CASES = [
    ("a formatted file", {"a.cpp": "int f()\n{\n    return 1;\n}\n"}, 0),
    ("another indentation", {"a.cpp": "int f()\n{\n  return 1;\n}\n"}, 1),
    ("a line beyond 100 columns", {"a.h": "int f(" + ", ".join(f"int argument{i}" for i in range(9)) + ");\n"}, 1),
    ("other files are passed over", {"a.py": "if 1 :  pass\n"}, 0),
]

if __name__ == "__main__":
    tree.run(lint, CASES)
