"""Runs one variant of a model through spin and says whether it found what it must.

    run.py --list
    run.py MODEL.VARIANT --folder FOLDER [--spin PROGRAM] [--compiler PROGRAM]
    run.py --all --folder FOLDER             each in turn, then the sum
    run.py --self-test                       the judgement itself, on outputs that are known

The verifier is made and run in FOLDER/MODEL.VARIANT, where a trail stays, too. A model that must hold
passes only if the whole state space was searched and every statement was reached; one that must fail
passes only if it fails by the violation that its variant names.
"""

import argparse
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from variants import VARIANTS

MEMORY_MIB = 1536  # what a verifier may fill; with its stack it stays below the limit of the process
MEMORY_LIMIT_BYTES = 2 << 30
DEPTH_MAX = 20_000
SECONDS_MAX = 150

COMPILED_FOR = {
    "safety": ["-DSAFETY", "-DNOFAIR"],
    "fair": ["-DNFAIR=3"],
    "unfair": ["-DNOFAIR"],
}
STARTED_WITH = {"safety": [], "fair": ["-a", "-f"], "unfair": ["-a"]}
# What pan says that it looked for.
LOOKED_FOR = {
    "safety": [r"assertion violations\s+\+", r"invalid end states\s+\+"],
    "fair": [r"acceptance\s+cycles\s+\+ \(fairness enabled\)"],
    "unfair": [r"acceptance\s+cycles\s+\+ \(fairness disabled\)"],
}


class Failure(Exception):
    """What went wrong, in a sentence."""


def command(arguments, folder, **options):
    result = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False,
                            timeout=SECONDS_MAX, **options)
    return result.stdout + result.stderr, result.returncode


def build(variant, folder, spin, compiler):
    """Makes folder/pan from the model."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = f"{variant.model}.pml"
    shutil.copy(Path(__file__).resolve().parent / model, folder / model)
    defines = [f"-D{define}" for define in variant.defines.split()]
    # -o3: statements are not merged, for of merged ones only the first is ever reported as not reached.
    text, code = command([spin, "-a", "-o3", *defines, model], folder)
    if code != 0 or "Error" in text or not (folder / "pan.c").exists():
        raise Failure(f"spin refuses the model:\n{text}")
    # A search that must fail is short: compiling it takes longer.
    optimised = "-O1" if variant.fails_by else "-O2"
    text, code = command([compiler, optimised, "-w", "-DCOLLAPSE", f"-DMEMLIM={MEMORY_MIB}",
                          *COMPILED_FOR[variant.search], "-o", "pan", "pan.c"], folder)
    if code != 0:
        raise Failure(f"the verifier does not compile:\n{text}")


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))


def unreached(output):
    """Statements that no run came to. Processes that run for ever never come to their end."""
    return re.findall(r"^\t\S+:\d+, state \d+, \"(?!-end-)(.*)\"$", output, re.MULTILINE)


def judge(variant, output):
    """What speaks against the variant's expectation, or None."""
    errors = re.search(r"errors: (\d+)", output)
    if not errors or any(not re.search(sign, output) for sign in LOOKED_FOR[variant.search]):
        return "the verifier did not search as it should"
    if variant.fails_by:
        if errors.group(1) == "0":
            return "this must fail, and it holds"
        if not re.search(variant.fails_by, output):
            return f"it fails, but not by {variant.fails_by}"
        return None
    if errors.group(1) != "0":
        return "this must hold, and it fails"
    if re.search(r"Search not completed|depth too small|out of memory|memory limit", output):
        return "only a part of the states was searched"
    if "unreached in" not in output:
        return "the verifier does not say what was reached"
    if sorted(unreached(output)) != sorted(variant.never):
        return "not reached: " + "; ".join(unreached(output))
    return None


def number(pattern, output):
    found = re.search(pattern, output)
    return int(float(found.group(1))) if found else 0


def processor_seconds():
    """What spin, the compiler and the verifiers have used: another load on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(variant, arguments):
    """True if the variant's expectation is met; prints one line."""
    folder = Path(arguments.folder) / variant.full_name
    start = processor_seconds()
    output = ""
    try:
        build(variant, folder, arguments.spin, arguments.compiler)
        output, _ = command(["./pan", f"-m{DEPTH_MAX}", *STARTED_WITH[variant.search]], folder,
                            preexec_fn=limit_memory)
        complaint = judge(variant, output)
    except subprocess.TimeoutExpired:
        complaint = f"not done within {SECONDS_MAX} seconds"
    except (Failure, OSError) as failure:
        complaint = str(failure)
    states, depth = number(r"(\S+) states, stored", output), number(r"depth reached (\d+)", output)
    verdict = ("fails" if variant.fails_by else "holds") + " as it must"
    if complaint is not None:
        verdict = f"NOT AS EXPECTED: {complaint}"
    print(f"{variant.model} {variant.name}: {states} states, depth {depth}, "
          f"{processor_seconds() - start:.1f} s, {verdict}", flush=True)
    if complaint is not None:
        explain(variant, folder, output)
    return complaint is None


def explain(variant, folder, output):
    print(output)
    if (folder / f"{variant.model}.pml.trail").exists():
        defines = " ".join(f"-D{define}" for define in variant.defines.split())
        print(f"The way there: cd {folder} && spin -t -p {defines} {variant.model}.pml")


SEARCHED = "assertion violations\t+\ninvalid end states\t+\n"
REACHED = "unreached in proctype A\n\t(0 of 3 states)\n"
HOLDS, FAILS = next(v for v in VARIANTS if not v.fails_by), next(v for v in VARIANTS if v.fails_by)
VIOLATED = "pan:1: assertion violated  !((decided1&&decided2)) (at depth 3)\n"

# What it shows, the variant, pan's output, whether that is as it must be.
CASES = [
    ("a full search", HOLDS, SEARCHED + "errors: 0\n" + REACHED, True),
    ("a process that never ends", HOLDS,
     SEARCHED + "errors: 0\nunreached in proctype A\n\ta.pml:3, state 9, \"-end-\"\n", True),
    ("a violation", HOLDS, VIOLATED + SEARCHED + "errors: 1\n" + REACHED, False),
    ("a search cut short", HOLDS, SEARCHED + "errors: 0\nWarning: Search not completed\n" + REACHED, False),
    ("too deep", HOLDS, "error: max search depth too small\n" + SEARCHED + "errors: 0\n" + REACHED, False),
    ("no memory", HOLDS, "pan: reached -DMEMLIM bound, out of memory\n" + SEARCHED + "errors: 0\n" + REACHED,
     False),
    ("dead code", HOLDS, SEARCHED + "errors: 0\nunreached in proctype A\n\ta.pml:3, state 9, \"x = 1\"\n", False),
    ("no word about what was reached", HOLDS, SEARCHED + "errors: 0\n", False),
    ("assertions switched off", HOLDS, "assertion violations\t- (disabled by -A flag)\nerrors: 0\n" + REACHED,
     False),
    ("nothing at all", HOLDS, "", False),
    ("the violation that is named", FAILS, VIOLATED + SEARCHED + "errors: 1\n", True),
    ("another violation", FAILS, "pan:1: invalid end state\n" + SEARCHED + "errors: 1\n", False),
    ("no violation", FAILS, SEARCHED + "errors: 0\n" + REACHED, False),
]


def self_test():
    wrong = 0
    for shows, variant, output, good in CASES:
        right = (judge(variant, output) is None) == good
        wrong += not right
        print(f"{'ok  ' if right else 'FAIL'} {shows}")
    return wrong == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", nargs="?")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--folder")
    parser.add_argument("--spin", default="spin")
    parser.add_argument("--compiler", default="gcc")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(variant.full_name for variant in VARIANTS))
        return 0
    if arguments.self_test:
        return 0 if self_test() else 1
    chosen = [v for v in VARIANTS if arguments.all or v.full_name == arguments.name]
    if not chosen or not arguments.folder:
        parser.error("name a variant of --list, and a folder to build in")
    start = processor_seconds()
    met = [run(variant, arguments) for variant in chosen]
    if arguments.all:
        print(f"{sum(met)} of {len(met)} as expected, {processor_seconds() - start:.0f} s")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
