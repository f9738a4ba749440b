"""Draws lines of nlbd-dissemination as SVG: dissemination.py rounds|copies|time < lines.jsonl > picture.svg

rounds: frames one after the other until the last one has a change, against how long one call per round
and peer takes (log2 n + ln n). copies: payloads that a peer gets of one change. time: milliseconds.
"""

import json
import math
import re
import sys

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 48, 56
COLORS = {"0_silent_0": "#1f5fa8", "10_silent_0": "#2f8f5b", "30_silent_0": "#b4501e", "30_silent_33": "#8a2f8f"}
WORDS = {
    "0_silent_0": "nothing lost",
    "10_silent_0": "10 % lost",
    "30_silent_0": "30 % lost",
    "30_silent_33": "30 % lost, a third silent",
}
PICTURES = {
    "rounds": ("rounds_all_p50", "Until all have it: frames one after the other", "frames", ("stubs",)),
    "copies": ("copies", "Payloads that a peer gets of one change", "copies", ("stubs", "engines")),
    "time": ("p99", "Until 99 % have it (10 to 50 ms for a frame)", "ms", ("stubs", "engines")),
}


def read(lines, suffix):
    """{(what, case): {peers: value}}, {peers: rounds of the classic one}"""
    series = {}
    classic = {}
    for line in lines:
        figure = json.loads(line)
        name = figure["name"]
        match = re.fullmatch(r"news_(stubs|engines)_of_(\d+)_loss_(\d+_silent_\d+)_" + suffix, name)
        if match and match[3] in COLORS:
            series.setdefault((match[1], match[3]), {})[int(match[2])] = figure["value"]
        match = re.fullmatch(r"news_classic_of_(\d+)_rounds", name)
        if match:
            classic[int(match[1])] = figure["value"]
    return series, classic


def text(x, y, words, anchor="start", color="#333", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{words}</text>'


def curve(points, color, dashes=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dashed}/>'


def steps(highest):
    for step in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
        if highest / step <= 8:
            return step
    return 10_000


def theory(peers):
    return math.log2(peers) + math.log(peers)


def draw(picture, series, classic):
    suffix, title, unit, kinds = PICTURES[picture]
    series = {key: line for key, line in series.items() if key[0] in kinds}
    peers = sorted({n for line in series.values() for n in line} | {4})
    highest = max(max(line.values()) for line in series.values())
    if picture == "rounds":
        highest = max(highest, theory(peers[-1]))
    if picture == "copies":
        highest = max(highest, 4)
    step = steps(highest * 1.1)
    top = math.ceil(highest * 1.1 / step) * step
    high, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def x(many):
        return LEFT + wide * math.log(many / peers[0]) / math.log(peers[-1] / peers[0])

    def y(value):
        return TOP + high * (1 - value / top)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(LEFT, 24, title, size=15),
        text(LEFT, TOP - 8, unit),
        text(LEFT + wide / 2, HEIGHT - 12, "peers", "middle"),
    ]
    for i in range(round(top / step) + 1):
        out.append(f'<path d="M{LEFT} {y(i * step):.1f}h{wide}" stroke="#ddd"/>')
        out.append(text(LEFT - 8, y(i * step) + 4, f"{i * step:g}", "end"))
    for many in (4, 16, 100, 1000, 10_000):
        if many <= peers[-1]:
            out.append(f'<path d="M{x(many):.1f} {TOP}v{high}" stroke="#ddd"/>')
            out.append(text(x(many), TOP + high + 18, f"{many:,}", "middle"))
    labels = []
    if picture == "rounds":
        fine = [peers[0] * (peers[-1] / peers[0]) ** (i / 64) for i in range(65)]
        out.append(curve([(x(n), y(theory(n))) for n in fine], "#666", "3 5"))
        labels.append([y(theory(peers[-1])) + 4, "theory: log2 n + ln n", "#666"])
        for many, value in classic.items():
            out.append(f'<path d="M{x(many) - 4:.1f} {y(value):.1f}h8m-4 -4v8" stroke="#666"/>')
    if picture == "copies":
        out.append(curve([(x(peers[0]), y(4)), (x(peers[-1]), y(4))], "#666", "3 5"))
        labels.append([y(4) + 4, "goal: at most 4", "#666"])
    for (what, case), line in sorted(series.items()):
        points = [(x(many), y(value)) for many, value in sorted(line.items())]
        if what == "stubs":
            out.append(curve(points, COLORS[case]))
            labels.append([points[-1][1] + 4, WORDS[case], COLORS[case]])
        for at, height in points:
            fill = COLORS[case] if what == "stubs" else "white"
            out.append(f'<circle cx="{at:.1f}" cy="{height:.1f}" r="3.5" fill="{fill}" stroke="{COLORS[case]}"/>')
    labels.sort()
    for above, below in zip(labels, labels[1:]):
        below[0] = max(below[0], above[0] + 15)
    out += [text(LEFT + wide + 8, at, words, color=color) for at, words, color in labels]
    if len(kinds) > 1 and any(what == "engines" for what, _ in series):
        out.append(text(WIDTH - 8, HEIGHT - 12, "filled: decisions alone; open: whole engines", "end", size=11))
    return "\n".join(out + ["</svg>", ""])


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in PICTURES:
        sys.exit(__doc__)
    figures, others = read(sys.stdin, PICTURES[sys.argv[1]][0])
    if not figures:
        sys.exit("no lines of nlbd-dissemination came in")
    print(draw(sys.argv[1], figures, others), end="")
