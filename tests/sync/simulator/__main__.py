"""Runs a range of seeds, or puts the mutations in one after the other, in several processes.

python -m tests.sync.simulator --seeds 0 10000
python -m tests.sync.simulator --mutations all --within 500
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.sync.mutations import MUTATIONS
from tests.sync.simulator.tasks import mutation, part_of

_AT_ONCE = 50  # seeds of one task
_MOST_TOLD = 20


def run_seeds(first: int, last: int, processes: int) -> int:
    """Prints what was exercised and what broke; 1 if anything broke."""
    started, at = time.perf_counter(), commit()
    struck: Counter[str] = Counter()
    failed: list[tuple[int, str]] = []
    starts = range(first, last, _AT_ONCE)
    with ProcessPoolExecutor(processes) as pool:
        for part, bad in pool.map(part_of, starts, (min(start + _AT_ONCE, last) for start in starts)):
            struck += part
            for seed, words in bad:
                print(f"seed {seed}: {words}", flush=True)
            failed += bad
    print(f"commit {at}")
    print("struck: " + ", ".join(f"{name} {count}" for name, count in sorted(struck.items())))
    print(
        f"{last - first} seeds ({first}…{last - 1}), {len(failed)} violations, "
        f"{time.perf_counter() - started:.0f} s with {processes} processes"
    )
    return 1 if failed else 0


def run_mutations(names: list[str], within: int, processes: int) -> int:
    """Prints which seed caught which mutation; 1 if one was not caught."""
    missed, at = 0, commit()
    with ProcessPoolExecutor(processes, max_tasks_per_child=1) as pool:
        for name, seed, words in pool.map(mutation, names, [within] * len(names)):
            missed += seed is None
            told = f"seed {seed}: {words}" if seed is not None else "NOT CAUGHT"
            print(f"{name} ({MUTATIONS[name].breaks}): {told}", flush=True)
    print(f"commit {at}")
    print(f"{len(names)} mutations, {missed} not caught within {within} seeds")
    return 1 if missed else 0


def commit() -> str:
    """The commit of this tree, with a plus if there are uncommitted changes."""

    def git(*arguments: str) -> str:
        here = Path(__file__).parent
        done = subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain", "-uno") else "")


def _names(given: list[str]) -> Iterator[str]:
    yield from (MUTATIONS if given == ["all"] else given)


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.sync.simulator", description=__doc__)
    parser.add_argument("--seeds", nargs=2, type=int, metavar=("FIRST", "LAST"), help="FIRST … LAST-1")
    parser.add_argument("--mutations", nargs="+", metavar="NAME", help="names, or: all")
    parser.add_argument("--within", type=int, default=500, help="seeds that a mutation must be caught in")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.mutations:
        return run_mutations(list(_names(options.mutations)), options.within, options.processes)
    first, last = options.seeds or (0, 500)
    return run_seeds(first, last, options.processes)


if __name__ == "__main__":
    sys.exit(main())
