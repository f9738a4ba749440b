"""Draws the growth lines of bench_crdt as SVG: bench_crdt --only growth --json ... | growth.py > growth.svg

Cost of an edit against the length of the history, both on the same axes as what log n would cost: a
curve that rises no faster than the dashed one grows no faster than log n.
"""

import json
import math
import re
import sys

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 48, 56
SERIES = {"local": ("local, one by one", "#1f5fa8"), "whole": ("from another, whole", "#b4501e")}


def read(lines):
    """name of the trace, {series: {times: nanoseconds of an edit}}, edits of the trace"""
    costs = {}
    trace = ""
    edits = 0
    for line in lines:
        figure = json.loads(line)
        match = re.fullmatch(r"crdt_edit_(\w+)_x(\d+)", figure["name"])
        if match and match[1] in SERIES:
            costs.setdefault(match[1], {})[int(match[2])] = figure["value"]
            trace = figure.get("trace", "")
        if figure["name"] == "crdt_edits_x1":
            edits = figure["value"]
    return trace, costs, edits


def text(x, y, words, anchor="start", color="#333", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{words}</text>'


def curve(points, color, dashes=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dashed}/>'


def draw(trace, costs, edits):
    times = sorted(next(iter(costs.values())))
    highest = max(max(line.values()) for line in costs.values())
    step = 10 if highest < 80 else 20
    top = (math.ceil(highest * 1.3 / step)) * step
    high, wide = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def x(many):
        return LEFT + wide * math.log2(many / times[0]) / math.log2(times[-1] / times[0])

    def y(cost):
        return TOP + high * (1 - cost / top)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(LEFT, 24, f"{trace}: cost of an edit as the history grows", size=15),
    ]
    for cost in range(0, top + 1, step):
        out.append(f'<path d="M{LEFT} {y(cost):.1f}h{wide}" stroke="#ddd"/>')
        out.append(text(LEFT - 8, y(cost) + 4, str(cost), "end"))
    for many in times:
        out.append(f'<path d="M{x(many):.1f} {TOP}v{high}" stroke="#ddd"/>')
        out.append(text(x(many), TOP + high + 18, f"{edits * many / 1e6:.2f}", "middle"))
    out.append(text(LEFT + wide / 2, HEIGHT - 12, "edits in the history, millions", "middle"))
    out.append(text(LEFT, TOP - 8, "ns of CPU"))
    labels = []
    for name, line in costs.items():
        words, color = SERIES[name]
        fine = [times[0] * (times[-1] / times[0]) ** (i / 32) for i in range(33)]
        logs = [line[times[0]] * math.log(edits * many) / math.log(edits * times[0]) for many in fine]
        out.append(curve([(x(many), y(cost)) for many, cost in zip(fine, logs)], color, "3 5"))
        out.append(curve([(x(many), y(line[many])) for many in times], color))
        out += [f'<circle cx="{x(many):.1f}" cy="{y(line[many]):.1f}" r="3.5" fill="{color}"/>' for many in times]
        labels.append([y(line[times[-1]]) + 4, words, color])
        labels.append([y(logs[-1]) + 4, "as log n would", color])
    labels.sort()
    for above, below in zip(labels, labels[1:]):
        below[0] = max(below[0], above[0] + 15)
    out += [text(LEFT + wide + 10, at, words, color=color) for at, words, color in labels]
    return "\n".join(out + ["</svg>", ""])


trace_name, measured, count = read(line for line in sys.stdin if line.strip())
if not measured or not count:
    sys.exit("growth.py: no crdt_edit lines: run bench_crdt with --only growth --json")
sys.stdout.write(draw(trace_name, measured, count))
