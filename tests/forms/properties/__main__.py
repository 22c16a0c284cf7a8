"""Runs one seed again, or many: ``python -m tests.forms.properties 123`` or ``python -m tests.forms.properties 0-9999``."""

from __future__ import annotations

import argparse
import sys

from tests.forms.properties.kinds import Tally
from tests.forms.properties.sequence import Run, walk
from tests.forms.properties.shrinking import broken, report


def main() -> int:
    """0 if all holds; the first failing run is made small and printed."""
    parser = argparse.ArgumentParser(prog="python -m tests.forms.properties", description=__doc__)
    parser.add_argument("seeds", help="a seed, or first-last")
    parser.add_argument("--steps", help="numbers of the steps to keep, with commas")
    parser.add_argument("--without", default="", help="parts of the form to leave out, with commas")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    kept = tuple(int(n) for n in options.steps.split(",") if n) if options.steps is not None else None
    dropped = frozenset(filter(None, options.without.split(",")))
    tally = Tally()
    for seed in range(int(first), int(last or first) + 1):
        run = Run(seed, dropped, kept)
        if broken(run) is not None:
            print(report(run) if kept is None else _plainly(run))
            return 1
        tally.take(run, walk(run))
    print("\n".join(tally.lines() if last else ["all holds"]))
    return 0


def _plainly(run: Run) -> str:
    try:
        walk(run)
    except Exception as error:
        return f"{run.xml}\n{type(error).__name__}: {error}"
    return "all holds"


if __name__ == "__main__":
    sys.exit(main())
