#!/usr/bin/env python3
"""The accessible tree of the running program, as assistive technology gets it over AT-SPI.

Starts nlbd with a profile of its own on an invisible display and a message bus of its own, presses
everything that can be pressed once, and looks at every control of every window that comes up: one
without a name fails the test. Then it listens while a page says where its caret is.

    accessible_tree.py BIN_DIR [--pictures DIR] [--verbose]
    accessible_tree.py --self-test

Ends with 77 ("skipped") and the reason where a package is missing; see packaging/packages/test.txt
and display.txt. Ends only what it started itself.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
PATIENCE = 60.0  # seconds until a condition counts as missed
DEPTH_MAX = 2  # dialogs over dialogs
CLOSINGS_MAX = 6  # of one window
SECONDS_MAX = 420  # of pressing; what is left then is told, and fails
NODES_MAX = 20_000
ESCAPE = 0xFF1B  # the keysym
CONTROLS_AT_LEAST = 60  # fewer, and it was not the program that was looked at
ROWS_MAX = 30  # of a list that are looked at

LAUNCHERS = ["/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher"]

# Roles that people act on, by AT-SPI's names.
CONTROLS = {
    "push button", "toggle button", "check box", "radio button", "entry", "text", "password text",
    "combo box", "spin button", "slider", "menu", "menu item", "check menu item",
    "radio menu item", "list", "list box", "table", "tree", "tree table", "page tab", "link",
    "editbar", "terminal", "document text", "document web", "button menu",
}
# Qt's own dialogs are Qt's to name; they are looked at from outside and closed.
BORROWED = {"file chooser"}
BORROWED_TITLES = ("Import a text file", "Export this document", "Export as PDF", "Attach", "Print",
                   "Put pictures on",
                   "Save ")
MENUS = {"popup menu", "menu", "menu item", "check menu item", "radio menu item"}
PRESSED = {"push button", "toggle button", "check box", "radio button", "menu item",
           "check menu item", "radio menu item"}
CLOSERS = ("Close", "Cancel", "Back", "Not now", "OK")
# What ends the program or the window, or does nothing that a tree could show.
LEFT_ALONE = ("Close this window", "Print…", "Quit")


# ---- What is looked for: knows nothing of AT-SPI, so that it can be tested by itself ------------

class Seen:
    """A node of the tree as it was when it was looked at."""

    def __init__(self, role, name="", description="", states=(), children=(), node=None, text=None):
        self.role, self.name, self.description = role, name, description
        self.states, self.children, self.node = frozenset(states), list(children), node
        self.text = text
        self.parent = None
        for child in self.children:
            child.parent = self

    def walk(self):
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def window(self):
        node = self
        while node.parent and node.parent.parent:
            node = node.parent
        return node

    def path(self):
        parts, node = [], self
        while node:
            parts.append(f"{node.role} '{node.name}'" if node.name else node.role)
            node = node.parent
        return " / ".join(reversed(parts))


def is_borrowed(window):
    return window.role in BORROWED or window.name.startswith(BORROWED_TITLES)


def is_control(node):
    """What is hidden may get its name when it is shown; items of menus are always to be had."""
    is_met = "showing" in node.states or "menu item" in node.role or node.role == "menu"
    return is_met and (node.role in CONTROLS or "focusable" in node.states)


def unnamed(root):
    """Controls that a listener could not tell from others."""
    result = []
    for node in root.walk():
        if node.parent is None or is_borrowed(node.window()):
            continue
        is_separator = node.role in ("separator", "filler")
        if is_control(node) and not is_separator and not node.name.strip():
            result.append(node)
    return result


def self_test():
    shown = ["focusable", "showing"]
    good = Seen("push button", "Undo", states=shown)
    bare = Seen("push button", states=shown)
    hidden = Seen("push button", states=["focusable"])
    item = Seen("menu item")
    blank = Seen("entry", "  ", states=shown)
    plain = Seen("filler", children=[Seen("label", "words", states=["showing"])])
    focusable = Seen("panel", states=shown)
    window = Seen("frame", "Window", children=[good, bare, plain, Seen("panel", children=[blank]),
                                               focusable, hidden, Seen("menu", "M", children=[item])])
    borrowed = Seen("dialog", "Print", children=[Seen("push button")])
    root = Seen("application", "nlbd", children=[window, borrowed])
    found = unnamed(root)
    assert found == [bare, blank, focusable, item], [node.path() for node in found]
    assert found[0].path() == "application 'nlbd' / frame 'Window' / push button"
    assert unnamed(Seen("application", "nlbd", children=[Seen("frame", "W", children=[Seen(
        "label", "x")])])) == []
    print("self-test: controls without a name are found, and nothing else")


# ---- The session: a display, a bus, the program ------------------------------------------------

def missing():
    """Why this machine can't run the test; None if it can."""
    for program in ("Xvfb", "dbus-daemon"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not any(os.path.exists(path) for path in LAUNCHERS):
        return "at-spi2-core is not installed"
    try:
        import gi
        gi.require_version("Atspi", "2.0")
    except (ImportError, ValueError) as error:
        return f"python3-gi or gir1.2-atspi-2.0 is not installed ({error})"
    return None


class Session:
    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("DBUS_", "XDG_", "QT_", "AT_SPI", "GTK_"))
                            and key not in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")}
        for kind in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME",
                     "XDG_RUNTIME_DIR"):
            path = os.path.join(folder, kind.lower())
            os.makedirs(path, mode=0o700)
            self.environment[kind] = path

    def start(self, words, **options):
        process = subprocess.Popen(words, env=self.environment, start_new_session=True,
                                   stdin=subprocess.DEVNULL, **options)
        self.processes.append(process)
        return process

    def begin(self):
        read, write = os.pipe()
        self.start(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1200x24", "-nolisten",
                    "tcp", "-noreset"], pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            number = told.readline().strip()  # all of it: Xvfb ends if nobody listens
        if not number:
            raise RuntimeError("Xvfb did not start")
        bus = self.start(["dbus-daemon", "--session", "--nofork", "--nopidfile",
                          "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.environment["DISPLAY"] = f":{number}"  # the registry sends keys there
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        launcher = next(path for path in LAUNCHERS if os.path.exists(path))
        self.start([launcher, "--launch-immediately"], stderr=subprocess.DEVNULL)
        os.environ.pop("DISPLAY", None)  # the bus is asked for, not the display
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.environment["DBUS_SESSION_BUS_ADDRESS"]
        os.environ["XDG_RUNTIME_DIR"] = self.environment["XDG_RUNTIME_DIR"]
        self.environment.update(QT_QPA_PLATFORM="xcb", QT_SCALE_FACTOR="1",
                                QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1")

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:  # the process's own group: what it started, and nothing else
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


# ---- The tree over AT-SPI ----------------------------------------------------------------------

class Tree:
    def __init__(self):
        import gi
        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib
        self.atspi, self.glib = Atspi, GLib
        self.menus = {}
        Atspi.init()
        Atspi.set_timeout(5000, 15000)

    def turn(self, seconds=0.02):
        """Lets events in."""
        context = self.glib.MainContext.default()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while context.pending():
                context.iteration(False)
            time.sleep(0.005)

    def until(self, is_so, what):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = is_so()
            if found:
                return found
            self.turn(0.05)
        raise RuntimeError(f"In {PATIENCE:.0f} s it did not happen: {what}")

    def program(self):
        desktop = self.atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and (child.get_name() or "").lower() in ("nlbd", "no leader"):
                return child
        return None

    def windows(self, program):
        """All that are shown now, the oldest first; one that was closed may stay, hidden."""
        program.clear_cache()
        found = [program.get_child_at_index(i) for i in range(program.get_child_count())]
        return [window for window in found if window and "showing" in self.states(window)]

    def look(self, node, depth=0):
        """What is to be seen of it now, and all menus. What goes meanwhile is left out."""
        self.count = 0 if depth <= 1 else self.count + 1
        try:
            node.clear_cache()
            role, name = node.get_role_name(), node.get_name() or ""
            states = self.states(node)
            is_met = depth < 2 or "showing" in states or role in MENUS
            if role in MENUS and (role, name) in self.menus:
                return Seen(role, name, "", states, self.menus[(role, name)], node)
            children = []
            if is_met and depth < 60 and self.count < NODES_MAX:
                many = node.get_child_count()
                for i in range(min(many, ROWS_MAX) if "manages descendants" in states else many):
                    child = node.get_child_at_index(i)
                    found = self.look(child, depth + 1) if child else None
                    if found:
                        children.append(found)
            if role == "popup menu" and name:  # what it holds hardly changes, and is much
                self.menus[(role, name)] = children
            return Seen(role, name, "", states, children, node)
        except self.glib.Error:
            return None

    def states(self, node):
        kinds = self.atspi.StateType
        held = node.get_state_set()
        return [name for name, kind in (("focusable", kinds.FOCUSABLE), ("showing", kinds.SHOWING),
                                        ("enabled", kinds.ENABLED), ("focused", kinds.FOCUSED),
                                        ("checked", kinds.CHECKED),
                                        ("manages descendants", kinds.MANAGES_DESCENDANTS))
                if held.contains(kind)]

    def press_escape(self):
        """For lists that have no button to close them."""
        kind = self.atspi.KeySynthType.SYM
        try:
            return self.atspi.generate_keyboard_event(ESCAPE, None, kind)
        except self.glib.Error:
            return False

    def press(self, seen):
        try:
            action, node = self.atspi.Action, seen.node
            for i in range(action.get_n_actions(node)):
                if action.get_action_name(node, i).lower() in ("press", "toggle"):
                    return action.do_action(node, i)
        except self.glib.Error:
            pass
        return False


class Crawl:
    """Presses all that the main window and its menus hold once, and what opens something in the
    windows that come up by it; looks at every window and closes it again."""

    def __init__(self, tree, program, is_verbose):
        self.tree, self.program, self.is_verbose = tree, program, is_verbose
        self.pressed, self.windows, self.bad, self.controls = set(), set(), {}, set()
        self.end = time.monotonic() + SECONDS_MAX

    def look(self, window):
        """Collects what is in one window, as it is now."""
        seen = self.tree.look(window, 1)
        if seen is None:
            return None
        Seen("application", "nlbd", children=[seen])
        self.windows.add(seen.name)
        for node in unnamed(seen.parent):
            self.bad.setdefault(node.path(), node)
        for node in seen.walk():
            if is_control(node):
                self.controls.add(node.path())
        return seen

    def others(self, main):
        """Windows beside this one; menus that are open belong to the window they hang at."""
        return [window for window in self.tree.windows(self.program) if window != main]

    def candidates(self, seen, is_main):
        """What is pressed. In a dialog only what asks or shows more."""
        for node in seen.walk():
            if node.role not in PRESSED or not node.name or node.children:
                continue
            is_shown = "showing" in node.states or "menu item" in node.role
            if "enabled" not in node.states or not is_shown:
                continue
            if node.name.startswith(LEFT_ALONE + CLOSERS):
                continue
            if is_main or node.name.endswith("\u2026"):
                yield (seen.name.split(" — ")[-1], node.role, node.name), node

    def press(self, node):
        if time.monotonic() > self.end:
            raise RuntimeError("There is still something to press: " + node.path())
        done = self.tree.press(node)
        if self.is_verbose:
            print("pressed" if done else "NOT PRESSED", node.path(), flush=True)
        self.tree.turn(0.15)

    def close(self, window, known):
        """By its own button."""
        for _ in range(CLOSINGS_MAX):
            if window not in self.others(None):
                return
            seen = self.tree.look(window, 1)
            if seen is None:
                return
            closers = [node for word in CLOSERS for node in seen.walk()
                       if node.role == "push button" and node.name.startswith(word)
                       and "showing" in node.states and "enabled" in node.states]
            if closers:
                self.press(closers[0])
            elif self.tree.press_escape():
                self.tree.turn(0.15)
            else:
                break
        raise RuntimeError("This window has nothing that closes it: " + seen.path())

    def visit(self, window, is_main=False, depth=0):
        seen = self.look(window)
        while seen and not is_borrowed(seen):
            fresh = [(key, node) for key, node in self.candidates(seen, is_main)
                     if key not in self.pressed]
            if not fresh or depth > DEPTH_MAX:
                return
            key, node = fresh[0]
            self.pressed.add(key)
            before = self.tree.windows(self.program)
            self.press(node)
            for opened in self.tree.windows(self.program):
                if opened not in before:
                    self.visit(opened, depth=depth + 1)
                    if opened.get_role_name() != "frame":  # those have what closes them around them
                        self.close(opened, before)
            seen = self.look(window)  # a panel, a bar or a list may have come

    def run(self):
        main = next(window for window in self.tree.windows(self.program)
                    if page_in(self.tree.look(window, 1)))
        self.visit(main, is_main=True)


# ---- What is checked ---------------------------------------------------------------------------

TEXT = "Rules of the reading room\n\nWhoever arrives first lights the lamps.\n"


def prepare(session, bin_dir):
    profile = os.path.join(session.folder, "profile")
    peer = [os.path.join(bin_dir, "nlbd-peer"), "--profile", profile]
    file = os.path.join(session.folder, "rules.txt")
    with open(file, "w", encoding="utf-8") as out:
        out.write(TEXT)
    for words in (["init", "Anna"], ["found", "--name", "Notes"], ["import", file]):
        subprocess.run(peer + words, env=session.environment, check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
    return session.start([os.path.join(bin_dir, "nlbd"), "--profile", profile, "--loopback"])


def page_in(root):
    for node in root.walk():
        if node.name.startswith("Text of "):
            return node
    return None


def check_page(tree, program):
    def filled():
        page = page_in(tree.look(program))
        is_there = page and tree.atspi.Text.get_character_count(page.node) >= len(TEXT) - 1
        return page if is_there else None

    page = tree.until(filled, "the page shows the file")
    text, node = tree.atspi.Text, page.node
    whole = text.get_text(node, 0, -1)
    assert whole.strip() == TEXT.strip(), whole
    at = TEXT.index("arrives")
    kinds = tree.atspi.TextBoundaryType
    word = text.get_text_at_offset(node, at, kinds.WORD_START).content
    line = text.get_text_at_offset(node, at, kinds.LINE_START).content
    title, begin, end = text.get_attribute_run(node, 0, False)
    assert word == "arrives", word
    assert line.startswith("Whoever arrives"), line
    assert title.get("weight") == "bold" and (begin, end) == (0, TEXT.index("\n")), title
    assert text.set_caret_offset(node, at) and text.get_caret_offset(node) == at
    print(f"page: text, word, line, caret; attributes of the title: {title}")


def check_announcement(tree, program):
    """What a client hears when a page says where its caret is."""
    heard = []

    def listen(event):
        source = event.source
        heard.append((event.type, source.get_role_name(), source.get_name()))

    listener = tree.atspi.EventListener.new(listen)
    for kind in ("object:property-change", "object:announcement", "object:state-changed:showing",
                 "object:notification", "object:text-changed"):
        listener.register(kind)
    asks = next(node for node in tree.look(program).walk() if node.name == "Where am I?")
    assert tree.press(asks)
    tree.until(lambda: any("accessible-name" in kind and name.startswith("Paragraph")
                           for kind, role, name in heard),
               f"a listener hears where the caret is; it heard {heard}")
    for kind, role, name in sorted(set(heard)):
        print(f"heard: {kind} from {role} '{name}'")


def run(bin_dir, is_verbose):
    folder = tempfile.mkdtemp(prefix="nlbd-tree-")
    session = Session(folder)
    try:
        session.begin()
        tree = Tree()
        window = prepare(session, bin_dir)
        program = tree.until(tree.program, "the program appears on the bus")
        check_page(tree, program)
        check_announcement(tree, program)
        crawl = Crawl(tree, program, is_verbose)
        crawl.run()
        assert window.poll() is None, "the program ended while it was looked at"
        assert len(crawl.controls) >= CONTROLS_AT_LEAST, f"only {len(crawl.controls)} controls"
        print(f"{len(crawl.windows)} windows, {len(crawl.controls)} controls, "
              f"{len(crawl.pressed)} pressed")
        for name in sorted(crawl.windows):
            print("window:", name or "(no title)")
        for path in crawl.bad:
            print("NO NAME:", path)
        return 1 if crawl.bad else 0
    finally:
        session.end()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended then, too
    parser = argparse.ArgumentParser()
    parser.add_argument("bin_dir", nargs="?")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    reason = missing()
    if reason:
        print(f"SKIPPED: {reason}; see packaging/packages/test.txt")
        return SKIPPED
    return run(options.bin_dir, options.verbose)


if __name__ == "__main__":
    sys.exit(main())
