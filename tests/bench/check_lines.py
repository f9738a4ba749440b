"""Runs a bench and fails unless every line of its stdout is a figure: check_lines.py PROGRAM ARGS..."""

import json
import subprocess
import sys

KEYS = {"name": str, "value": (int, float), "unit": str}
GOALS = {"goal": (int, float, type(None)), "met": (bool, type(None))}


def wrong(line):
    try:
        figure = json.loads(line)
    except ValueError as error:
        return str(error)
    if figure.get("value") is None and figure.get("absent"):
        return None  # what there are no means for, with the reason
    for key, kind in {**KEYS, **GOALS}.items():
        if key not in figure or not isinstance(figure[key], kind):
            return f"{key} is missing or no {kind}"
    if (figure["goal"] is None) != (figure["met"] is None):
        return "a goal without a verdict, or a verdict without a goal"
    return None


result = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True, timeout=170)
lines = result.stdout.splitlines()
print(result.stdout, end="")
problems = [f"{line}: {wrong(line)}" for line in lines if wrong(line)]
if result.returncode != 0:
    problems.append(f"exit code {result.returncode}")
if not lines:
    problems.append("no figures")
print("\n".join(problems), file=sys.stderr)
sys.exit(1 if problems else 0)
