"""The crash laboratory: every I/O call of a laptop's day and of a county's day struck once, by each fault.

    python -m tests.crash [--side laptop|county] [--fault kill|ENOSPC|EIO] [--every 1] [--offset 0] [--folder FOLDER]

``--every 25`` takes a sample, each 25th place. Prints strikes by operation; 0 when nothing was lost and both ends agree each time.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.crash import county_day, laptop_day
from tests.crash.struck import CALLS, FAULTS, Line, Process, Strike, calls_counted

Run = Callable[[Path, Strike | None, Path | None], list[str]]


def _prepared(side: str, base: Path) -> Run:
    if side == "laptop":
        laptop_day.prepare(base / side)
        return laptop_day.struck_day
    people = county_day.prepare(base / side)

    def county(folder: Path, strike: Strike | None, count: Path | None) -> list[str]:
        return county_day.Day(folder, people, strike, count).run()

    return county


def _once(run: Run, base: Path, strike: Strike | None, count: Path | None = None) -> list[str]:
    """One run on a copy of the folder, in a process of its own, so that each begins alike."""
    folder = base.parent / "run"
    shutil.copytree(base, folder)

    def work(line: Line) -> None:
        for problem in run(folder, strike, count):
            line.say(problem.replace("\n", "\\n"))

    process = Process(work)
    try:
        wrong = []
        while text := process.line.hear():
            wrong.append(text)
        return wrong
    finally:
        process.end(kill=False)
        shutil.rmtree(folder)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", choices=("laptop", "county"), action="append")
    parser.add_argument("--fault", choices=tuple(FAULTS), action="append")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where the folders lie; a disk in memory is quickest")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    started = time.monotonic()
    strikes: Counter[tuple[str, str, str]] = Counter()
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="fieldapp-crash-", dir=options.folder) as name,
        contextlib.suppress(KeyboardInterrupt),  # the table so far is worth reading
    ):
        for side, strike, wrong in _struck_all(Path(name), options):
            strikes[side, strike.call, strike.fault] += 1
            if wrong:
                failed += 1
                print(f"{side}: {strike.fault} at {strike.call} {strike.when}: {wrong}", flush=True)
    _print_table(strikes)
    print(f"{sum(strikes.values())} strikes, {failed} with something wrong, {time.monotonic() - started:.0f} s")
    return 1 if failed or not strikes else 0


def _struck_all(base: Path, options: argparse.Namespace) -> Iterator[tuple[str, Strike, list[str]]]:
    log = base / "calls"
    for side in options.side or ("laptop", "county"):
        run = _prepared(side, base)
        if side == "laptop" and options.every == 1:
            laptop_day.warm_up(base / side, base / "warm")
        clean = _once(run, base / side, None, log)
        if clean:
            raise SystemExit(f"{side}: not even a day without a strike: {clean}")
        places = calls_counted(log)
        print(f"{side}: " + ", ".join(f"{count} {call}" for call, count in places.items()), flush=True)
        planned = [
            Strike(call, when, fault)
            for fault in options.fault or FAULTS
            for call in CALLS
            for when in range(1, places[call] + 1)
        ]
        for strike in planned[options.offset % options.every :: options.every]:
            yield side, strike, _once(run, base / side, strike)


def _print_table(strikes: Counter[tuple[str, str, str]]) -> None:
    print(f"{'operation':<24}" + "".join(f"{fault:>8}" for fault in FAULTS))
    for side in dict.fromkeys(side for side, _, _ in strikes):
        for call in CALLS:
            counts = [strikes[side, call, fault] for fault in FAULTS]
            if any(counts):
                print(f"{side + ' ' + call:<24}" + "".join(f"{count:>8}" for count in counts))


if __name__ == "__main__":
    if not hasattr(os, "fork") or shutil.which("strace") is None:
        sys.exit("strace is missing (apt-get install strace)")
    sys.exit(main())
