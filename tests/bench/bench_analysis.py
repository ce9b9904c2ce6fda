"""How right and how fast the analysis is: precision and recall on the labelled samples, CPU time on a large code base.

::

    tests/analysis_samples/<group>/<file>          small realistic programs, the bad way beside the safe one
    tests/analysis_samples/<group>/labels.yaml     file: {tail path: [lines that contradict an authority]}
    tests/analysis_samples/bodies/<wrap>.yaml      bodies of handlers, bad and safe, by tail path: see `support.analysis_samples`
    tests/analysis_samples/unseen/<half>/<set>     what people wrote who had seen neither rules nor samples: see its README

A finding counts if the corpus contradicts it (FLAG or BLOCK). It is right if a line of it is labelled with its tail path; a label that no finding
met is missed. Run with ``python tests/bench/bench_analysis.py [FOLDER]``; FOLDER is what the speed is measured on, the installed
packages by default.
"""

import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from stemedb_analysis import corpus
from stemedb_analysis.judge import Judge
from stemedb_analysis.registry import shipped
from stemedb_analysis.rules import RuleSet, load
from stemedb_analysis.scan.file import scan_file

if TYPE_CHECKING:
    from bench.harness import Context, Figure
    from support.unseen_samples import Measured

SAMPLES = Path(__file__).parents[1] / "analysis_samples"
SPAN_LINES_MAX = 12
"""Of a finding, in which its label is looked for: a call with many options."""
FILES_MAX = 600
"""Of the folder for speed; every n-th, so that they come from all packages."""


def measure(ruleset: RuleSet, *, verbose: bool = False) -> dict[str, tuple[int, int, int]]:
    """Return (found rightly, found wrongly, missed) for each tail path."""
    judge = Judge(shipped(), corpus.load(shipped()))
    right, wrong, missed = Counter(), Counter(), Counter()
    for labels in sorted(SAMPLES.glob("*/labels.yaml")):
        for name, expected in yaml.safe_load(labels.read_text()).items():
            data = (labels.parent / name).read_bytes()
            left = {(path, line) for path, lines in (expected or {}).items() for line in lines}
            wanted = set(left)
            seen = set()
            for finding in judge.judge(scan_file(data, f"{labels.parent.name}/{name}", ruleset).observations):
                one = finding.observation
                if finding.verdict == "PASS" or one.path.startswith("log/"):
                    continue
                lines = range(one.span.line, min(one.span.end_line, one.span.line + SPAN_LINES_MAX) + 1)
                key = next(
                    ((one.path, line) for line in lines if (one.path, line) in wanted),
                    (one.path, one.span.line),
                )
                if key in seen:
                    continue
                seen.add(key)
                if key in wanted:
                    right[one.path] += 1
                    left.discard(key)
                else:
                    wrong[one.path] += 1
                    if verbose:
                        print(
                            f"  wrong   {name}:{one.span.line} {one.path} {one.value} by {one.rule}: {one.text.strip()[:80]}"
                        )
            for path, line in sorted(left):
                missed[path] += 1
                if verbose:
                    print(f"  missed  {name}:{line} {path}")
    _add_bodies(right, wrong, missed, verbose=verbose)
    return {path: (right[path], wrong[path], missed[path]) for path in sorted({*right, *wrong, *missed})}


def _add_bodies(right: Counter[str], wrong: Counter[str], missed: Counter[str], *, verbose: bool) -> None:
    _find_support()
    from support.analysis_samples import measure as measure_bodies  # noqa: PLC0415 - found by way of the line above

    bodies = measure_bodies()
    for path, counts in bodies.counts.items():
        right[path] += counts.found
        wrong[path] += counts.false
        missed[path] += counts.missed
    if verbose:
        print(*(f"  {'missed ' if one[0] == '-' else 'wrong  '} {one[1:]}" for one in bodies.wrong), sep="\n")


def unseen(ruleset: RuleSet, *, verbose: bool = False) -> "dict[str, Measured]":
    """Return what is found in the samples of strangers, by half."""
    _find_support()
    from support import unseen_samples  # noqa: PLC0415 - found by way of the line above

    found = {half: unseen_samples.measure(ruleset, half) for half in unseen_samples.HALVES}
    if verbose:
        print(*(f"  {fault}" for one in found.values() for fault in one.faults), sep="\n")
    return found


def _find_support() -> None:
    if str(SAMPLES.parent) not in sys.path:  # run by itself, not by pytest
        sys.path.append(str(SAMPLES.parent))


def speed(ruleset: RuleSet, folder: Path) -> tuple[int, float]:
    """Return lines, and CPU milliseconds for each thousand of them."""
    files = sorted(folder.rglob("*.py"))
    chosen = files[:: max(1, len(files) // FILES_MAX)]
    lines, spent = 0, 0.0
    for file in chosen:
        data = file.read_bytes()
        began = time.process_time()
        scan_file(data, file.relative_to(folder).as_posix(), ruleset)
        spent += time.process_time() - began
        lines += data.count(b"\n")
    return lines, spent * 1e6 / max(lines, 1)


def figures(_context: "Context") -> Iterator["Figure"]:
    """Measure precision and recall over all samples, and CPU time for each 1000 lines of Python."""
    from bench.harness import Figure  # noqa: PLC0415 - this file also runs by itself

    ruleset = load()
    right, wrong, missed = map(sum, zip(*measure(ruleset).values(), strict=True))
    yield Figure("linter: precision on the samples", right / (right + wrong) * 100, "%", 90, better="higher")
    yield Figure("linter: recall on the samples", right / (right + missed) * 100, "%", 80, better="higher")
    strangers = unseen(ruleset)
    for half in ("second", "third", "fifth", "sixth"):
        of_half = strangers[half].of_kind("")
        yield Figure(
            f"linter: precision on samples of strangers, {half} half",
            of_half.precision * 100,
            "%",
            90,
            better="higher",
        )
        yield Figure(
            f"linter: recall on samples of strangers, {half} half",
            of_half.recall * 100,
            "%",
            70,
            better="higher",
        )
    _, cost = speed(ruleset, Path(sysconfig.get_paths()["purelib"]))
    yield Figure(f"linter: CPU for 1000 lines of Python, {len(ruleset.rules)} rules", cost, "ms", 8)


def main() -> None:
    """Print both."""
    ruleset = load()
    table = measure(ruleset, verbose="-v" in sys.argv)
    print(f"{'tail path':34} {'right':>6} {'wrong':>6} {'missed':>6} {'precision':>10} {'recall':>7}")
    for path, (right, wrong, missed) in [
        *table.items(),
        ("all", tuple(map(sum, zip(*table.values(), strict=True)))),
    ]:
        precision = f"{right / (right + wrong):.2f}" if right + wrong else "-"
        recall = f"{right / (right + missed):.2f}" if right + missed else "-"
        print(f"{path:34} {right:6} {wrong:6} {missed:6} {precision:>10} {recall:>7}")
    print(
        f"\n{'samples of strangers':34} {'right':>6} {'wrong':>6} {'missed':>6} {'precision':>10} {'recall':>7}"
    )
    for half, found in unseen(ruleset, verbose="-v" in sys.argv).items():
        for name, counts in [
            *((f"{half} {of_set}, {kind}", counts) for (of_set, kind), counts in found.counts.items()),
            (f"{half}, all", found.of_kind("")),
        ]:
            print(
                f"{name:34} {counts.right:6} {counts.wrong:6} {counts.missed:6} {counts.precision:10.2f} {counts.recall:7.2f}"
            )
    folders = [Path(one) for one in sys.argv[1:] if not one.startswith("-")]
    lines, cost = speed(ruleset, folders[0] if folders else Path(sysconfig.get_paths()["purelib"]))
    print(
        f"\n{len(ruleset.rules)} rules over {lines} lines of Python: {cost:.1f} ms of CPU for each 1000 lines"
    )


if __name__ == "__main__":
    main()
