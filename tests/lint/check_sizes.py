"""Sizes that keep a file one idea: headers, sources, functions and folder READMEs (STYLE section 2)."""

import re

import tree

HEADER_LINES_MAX = 250
SOURCE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
README_LINES_MAX = 60

TRANSPARENT = re.compile(r"\b(namespace|class|struct|union|enum)\b")
EXTERN = re.compile(r'\bextern\s*$')


def functions(text):
    """(first line, last line, name) of each function body, found by counting braces.

    A brace opens a function if its head has an argument list and it does not stand inside another
    one; namespaces and classes are looked through; everything else (data, initialisers) is skipped.
    """
    code = tree.without_comments_and_strings(text)
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), code,
                  flags=re.MULTILINE)
    found = []
    stack = []  # one entry per open brace: "through", "skip", or (start of head, head)
    head_start = 0
    i = 0
    while i < len(code):
        c = code[i]
        inside = bool(stack) and stack[-1] != "through"
        if c == "{":
            stack.append("skip" if inside else _kind(code, head_start, i))
            if not inside and stack[-1] == "through":
                head_start = i + 1
        elif c == "}" and stack:
            kind = stack.pop()
            if isinstance(kind, tuple) and not _continues(code, i + 1):
                found.append(_measure(code, kind, i))
            if not (stack and stack[-1] != "through") and not _continues(code, i + 1):
                head_start = i + 1
        elif c == ";" and not inside and _balanced(code, head_start, i):
            head_start = i + 1
        i += 1
    return found


def _balanced(code, start, end):
    return code.count("(", start, end) == code.count(")", start, end)


def _continues(code, i):
    """True if the brace that just closed belongs to a member initialiser: `: m_a{1}, m_b{2} {`."""
    rest = code[i:i + 200].lstrip()
    return rest[:1] in {",", "{", ")"}


def _kind(code, start, brace):
    head = code[start:brace]
    if EXTERN.search(head.rstrip()):
        return "through"
    if TRANSPARENT.search(head) and not re.search(r"\)\s*(const|noexcept|override|final|->.*|\s)*$", head):
        return "through"
    if ")" not in head or head.rstrip().endswith("="):
        return "skip"
    return (start, head)


def _measure(code, kind, end):
    start, head = kind
    first = start + len(head) - len(head.lstrip())
    name = re.search(r"([~\w:]+|operator\s*[^\s(]+)\s*\(", head)
    return (code.count("\n", 0, first) + 1, code.count("\n", 0, end) + 1, name.group(1) if name else "?")


def check_cpp(path, text):
    findings = []
    lines = len(text.splitlines())
    limit = HEADER_LINES_MAX if path.suffix == ".h" else SOURCE_LINES_MAX
    if lines > limit:
        findings.append(f"{path.as_posix()}: {lines} lines, at most {limit}")
    for first, last, name in functions(text):
        length = last - first + 1
        if length > FUNCTION_LINES_MAX:
            findings.append(f"{path.as_posix()}:{first}: {name} has {length} lines,"
                            f" at most {FUNCTION_LINES_MAX}")
    return findings


def lint(root):
    findings = []
    with_code = set()
    readmes = set()
    for path in tree.files(root):
        if path.suffix in tree.CPP_SUFFIXES:
            findings += check_cpp(path, tree.read(root, path) or "")
            with_code.add(path.parent)
        if path.name == "README.md" and len(path.parts) > 1:
            readmes.add(path.parent)
            lines = len((tree.read(root, path) or "").splitlines())
            if lines > README_LINES_MAX:
                findings.append(f"{path.as_posix()}: {lines} lines, at most {README_LINES_MAX}")
    for folder in sorted(with_code - readmes):
        if folder.parts[0] == "core" or folder.as_posix() in {"net", "ui", "app"}:
            findings.append(f"{folder.as_posix()}: no README.md opens this folder")
    return findings


def _function(lines, head="int f()"):
    return head + "\n{\n" + "    g();\n" * (lines - 3) + "}\n"


CASES = [
    ("a header at the limit", {"net/README.md": "x\n", "net/a.h": "\n" * 250}, 0),
    ("a header beyond the limit", {"net/README.md": "x\n", "net/a.h": "\n" * 251}, 1),
    ("a source at the limit", {"tests/a.cpp": "\n" * 500}, 0),
    ("a source beyond the limit", {"tests/a.cpp": "\n" * 501}, 1),
    ("a function at the limit", {"tests/a.cpp": "namespace n {\n" + _function(70) + "}\n"}, 0),
    ("a function beyond the limit", {"tests/a.cpp": "namespace n {\n" + _function(71) + "}\n"}, 1),
    ("a method inside a class",
     {"tests/a.h": "class A final {\npublic:\n" + _function(71, "void g(int a) const noexcept override")
      + "};\n"}, 1),
    ("a constructor with braces in its initialisers",
     {"tests/a.cpp": _function(71, "A::A(int a)\n    : m_a{a}\n    , m_b{1, 2}")}, 1),
    ("a function that returns a struct", {"tests/a.cpp": _function(71, "struct A f(int a)")}, 1),
    ("only the long one of two", {"tests/a.cpp": _function(60) + _function(75) + _function(60)}, 1),
    ("braces in literals and comments do not count",
     {"tests/a.cpp": "int f()\n{\n    char c = '{'; // {{{\n    s = \"{\\\"{\"; /* { */\n    n = 1'000;\n"
      "    t = u' ' + u'{';\n"
      "    r = R\"x({{\")x\";\n}\n" + _function(60) + _function(60)}, 0),
    ("long data is not a function",
     {"tests/a.cpp": "constexpr int a[] = {\n" + "    1,\n" * 90 + "};\n"
      "std::array<int, 90> b{\n" + "    1,\n" * 90 + "};\n"}, 0),
    ("a folder of core without README", {"core/base/a.h": "\n"}, 1),
    ("a folder README beyond the limit", {"core/base/a.h": "\n", "core/base/README.md": "x\n" * 61}, 1),
    ("the README at the top may be longer", {"README.md": "x\n" * 200}, 0),
    ("what is built does not count", {"build/a.h": "\n" * 999, "build-x/a.h": "\n" * 999}, 0),
]

if __name__ == "__main__":
    tree.run(lint, CASES)
