"""Every include stays inside what STYLE section 1 lets its layer see.

zmq.h and sqlite3.h sit in /usr/include, so linking alone proves nothing: this reads the includes.
"""

import re

import tree

# Layer -> the layers of core whose headers it may include besides its own.
CORE = {
    "base": set(),
    "identity": {"base"},
    "crdt": {"base", "identity"},
    "blobs": {"base"},
    "keys": {"base", "identity"},
    "history": {"base", "identity", "crdt", "keys"},
    "trust": {"base", "identity", "crdt", "keys", "history"},
    "consensus": {"base", "identity", "crdt", "keys", "history", "trust"},
    "gossip": {"base"},
    "store": {"base", "identity", "blobs", "crdt", "keys", "history", "trust", "consensus"},
    "api": {"base"},
}
CORE["engine"] = set(CORE)

OUTSIDE = {
    "net": {"net", "core/base", "core/identity"},
    "ui": {"ui", "core/api", "core/base"},
    "app": {"app", "ui", "net"} | {f"core/{name}" for name in CORE},
}

# Third-party headers and the only folders that may include them; tests attack from outside and may
# include anything.
HOMES = [
    ("libsodium", re.compile(r"sodium(\.h|/)"), ("core/base", "core/identity", "core/keys")),
    ("ICU", re.compile(r"unicode/"), ("core/identity",)),
    ("md4c", re.compile(r"md4c"), ("ui/clipboard",)),
    ("Hunspell", re.compile(r"hunspell/"), ("ui/spelling",)),
    ("SQLite", re.compile(r"sqlite3(ext)?\.h$"), ("core/store",)),
    ("zstd", re.compile(r"zstd\.h$"), ("core/crdt",)),
    ("ZeroMQ", re.compile(r"zmq(_addon|_utils)?\.hp?p?$"), ("net",)),
    ("Qt", re.compile(r"(Q[A-Z]\w*(\.h)?$|Qt[A-Z]\w*/|q[a-z]+\.h$)"), ("ui", "app")),
    ("sockets", re.compile(r"(sys/socket|netinet/|arpa/|ifaddrs|netdb|net/if)"), ("net", "app")),
    ("threads", re.compile(r"(thread|mutex|shared_mutex|condition_variable|future|semaphore)$"),
     ("net", "ui", "app")),
]

# The view's only QObject that holds the interface itself; all others see plain values.
DOORS = {"core/api/workspace.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
CLOCK = re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\s*::\s*now\b")


def layer_of(path):
    """`core/NAME` or the top folder."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "core" and len(parts) > 2 else parts[0]


def allowed_for(layer):
    if layer.startswith("core/"):
        name = layer.removeprefix("core/")
        return {layer} | {f"core/{other}" for other in CORE.get(name, set())}
    return OUTSIDE.get(layer)


def in_folder(path, folder):
    return path.startswith(folder + "/")


def own_include(path, header, layer, allowed):
    """The finding for one project include, or None."""
    target = layer_of(header)
    if in_folder(header, "tests"):
        return f"{header} belongs to the tests"
    if target not in allowed:
        return f"{layer} must not see {target} ({header})"
    if layer == "ui" and header in DOORS and "_bridge" not in path.rsplit("/", 1)[-1]:
        return f"only the bridges of ui include {header}"
    return None


def library_include(path, header):
    for library, pattern, homes in HOMES:
        if pattern.match(header) and not any(in_folder(path, home) for home in homes):
            return f"<{header}>: {library} lives in {', '.join(homes)} only"
    return None


def test_include(path, header):
    """A layer's test sees what its layer sees: tests/core/crdt may not need core/engine."""
    mirrored = layer_of(path.removeprefix("tests/"))
    if not mirrored.startswith("core/") and mirrored != "net":
        return None
    allowed = allowed_for(mirrored) or set()
    if in_folder(header, "tests") or layer_of(header) in allowed:
        return None
    return f"the tests of {mirrored} must not see {layer_of(header)} ({header})"


def check_line(path, line, is_project_header):
    match = INCLUDE.match(line)
    if not match:
        return None
    header = match.group(1) or match.group(2)
    is_own = match.group(1) is not None and is_project_header(header)
    if in_folder(path, "tests"):
        return test_include(path, header) if is_own else None
    layer = layer_of(path)
    allowed = allowed_for(layer)
    if allowed is None:
        return None
    if is_own:
        return own_include(path, header, layer, allowed)
    if match.group(1) is not None and header.endswith(".moc"):
        return None
    if match.group(1) is not None and "/" not in header and not library_include(path, header):
        return f'"{header}": include from the root, so that the layer shows'
    return library_include(path, header)


def lint(root):
    findings = []
    tops = {"core", "net", "ui", "app", "tests"}
    for file in tree.cpp_files(root):
        path = file.as_posix()
        text = tree.read(root, file) or ""
        for number, line in enumerate(text.splitlines(), 1):
            finding = check_line(path, line, lambda header: header.split("/")[0] in tops
                                 and "/" in header)
            if finding:
                findings.append(f"{path}:{number}: {finding}")
        if path.startswith("core/"):
            for match in CLOCK.finditer(tree.without_comments_and_strings(text)):
                number = text.count("\n", 0, match.start()) + 1
                findings.append(f"{path}:{number}: core has no clock of its own: time is an argument")
    return findings


CASES = [
    ("a layer may see those below it",
     {"core/history/a.h": '#include "core/crdt/op.h"\n#include <vector>\n'}, 0),
    ("a layer may not see those above it",
     {"core/crdt/a.h": '#include "core/history/change.h"\n'}, 1),
    ("gossip sees base only", {"core/gossip/a.cpp": '#include "core/identity/member.h"\n'}, 1),
    ("engine sees every part of core", {"core/engine/a.h": '#include "core/store/store.h"\n'}, 0),
    ("core knows no Qt", {"core/base/a.cpp": "#include <QString>\n#include <QtCore/qglobal.h>\n"}, 2),
    ("net knows no Qt and no history",
     {"net/a.cpp": '#include <QTimer>\n#include "core/history/change.h"\n'}, 2),
    ("sodium has its homes",
     {"core/keys/a.cpp": "#include <sodium.h>\n", "net/b.cpp": "#include <sodium.h>\n"}, 1),
    ("sqlite3 has its home",
     {"core/store/a.cpp": "#include <sqlite3.h>\n", "app/b.cpp": '#include "sqlite3.h"\n'}, 1),
    ("zmq has its home",
     {"net/a.cpp": "#include <zmq.hpp>\n#include <zmq.h>\n", "core/gossip/a.cpp": "#include <zmq.h>\n"}, 1),
    ("ui knows the door only",
     {"ui/a.cpp": '#include "core/api/event.h"\n#include "core/engine/engine.h"\n#include <QWidget>\n'}, 1),
    ("only bridges hold the door itself",
     {"ui/workspace_bridge.h": '#include "core/api/workspace.h"\n',
      "ui/main_window.cpp": '#include "core/api/workspace.h"\n'}, 1),
    ("app wires everything",
     {"app/a.cpp": '#include "net/mesh.h"\n#include "core/engine/engine.h"\n#include <QApplication>\n'}, 0),
    ("the product never includes tests", {"app/a.cpp": '#include "tests/support/x.h"\n'}, 1),
    ("a layer's tests see what the layer sees",
     {"tests/core/crdt/a.cpp": '#include "core/engine/engine.h"\n#include <QtTest>\n'}, 1),
    ("other tests see everything", {"tests/sim/a.cpp": '#include "core/engine/engine.h"\n'}, 0),
    ("includes start at the root", {"core/base/a.cpp": '#include "bytes.h"\n'}, 1),
    ("core starts no threads and opens no sockets",
     {"core/engine/a.cpp": "#include <thread>\n#include <sys/socket.h>\n"}, 2),
    ("core reads no clock",
     {"core/engine/a.cpp": "auto t = std::chrono::steady_clock::now(); // system_clock::now()\n"}, 1),
]

if __name__ == "__main__":
    tree.run(lint, CASES)
