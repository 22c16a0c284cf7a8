"""A window is killed while somebody types: every answer that it called saved is there, and so is the place.

``FIELDAPP_KILLS`` says how often (6 by default).
"""

from __future__ import annotations

import os
import secrets
import selectors
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, select

from fieldapp.services import interviewing
from fieldapp.services.session import Laptop
from fieldapp.store.tables import InterviewRow
from fieldapp.ui.interview.saving import cell_key
from tests.journeys.at_the_window import ENUMERATOR, PASSPHRASE
from tests.journeys.typing_child import value_hash

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("FIELDAPP_KILLS", "6"))
LONGEST_TYPING_S = 4.0
LONGEST_START_S = 240
# The place is written 0.3 s after the cursor came to a cell; at 20 answers a second that is 6, and one may be on its way.
ANSWERS_BEHIND_AT_MOST = 8


@dataclass
class Heard:
    """What came through the pipe until the end."""

    reported: dict[str, str] = field(default_factory=dict)  # cell → hash of its last value called saved
    intended: dict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )  # cell → hashes of all values, in order
    cursor: list[tuple[int, str]] = field(default_factory=list)  # (answers typed before, cell)
    answers: int = 0

    def hear(self, line: str) -> None:
        what, *rest = line.split("\t")
        if what == "@will":
            self.intended[rest[0]].append(rest[1])
        elif what == "@at":
            self.cursor.append((self.answers, rest[0]))
        elif what == "@typed":
            self.answers += 1
        elif not what.startswith("@"):
            self.reported[what] = rest[0]


def type_and_be_killed(folder: Path, seed: int, delay_s: float) -> Heard:
    """Starts the typing process on the folder, kills it so long after its first saved answer."""
    reading, writing = os.pipe()
    environment = {**os.environ, "FIELDAPP_SAVED_FD": str(writing), "QT_QPA_PLATFORM": "offscreen"}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.journeys.typing_child",
            str(folder),
            str(seed),
            str(folder.with_name("plan.json")),
        ],
        cwd=ROOT,
        env=environment,
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    came: list[bytes] = []
    killer = threading.Timer(delay_s, process.kill)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            end = time.monotonic() + LONGEST_START_S
            while selector.select(max(0.0, end - time.monotonic())) and (piece := os.read(reading, 1 << 16)):
                came.append(piece)
                if not killer.is_alive() and not killer.finished.is_set() and _has_saved(b"".join(came)):
                    killer.start()
        process.kill()
        _, errors = process.communicate(timeout=30)
    finally:
        killer.cancel()
        process.kill()
        os.close(reading)
    heard = Heard()
    for line in b"".join(came).decode().split("\n")[:-1]:  # what stands after the last line end was cut off by the kill
        heard.hear(line)
    assert heard.reported, errors.decode(errors="replace")[-2000:]
    return heard


def _has_saved(text: bytes) -> bool:
    return any(line and not line.startswith(b"@") for line in text.split(b"\n")[:-1])


@dataclass(frozen=True)
class Found:
    """What a laptop's folder holds after the kill."""

    values: dict[str, str]  # cell → hash
    cursor: str
    problems: tuple[str, ...]


def reopen(folder: Path) -> Found:
    """Signs in again and opens the interview as the window does."""
    with Laptop(folder).unlock(ENUMERATOR[0], PASSPHRASE) as session:
        problems = tuple(session.database.integrity_problems())
        with session.database.reading() as reading:
            root = reading.exec(select(InterviewRow.root).order_by(col(InterviewRow.period).desc())).first()
        assert root is not None
        opened = interviewing.open_interview(session, root)
        values = {cell_key(cell): value_hash(value) for cell, value in opened.interview.saved().values.items()}
        return Found(values, cell_key(opened.cursor) if opened.cursor else "", problems)


def lost_answers(heard: Heard, found: Found) -> list[str]:
    """Cells that were called saved and do not hold that value or one typed after it."""
    lost = []
    for cell, reported in heard.reported.items():
        history = heard.intended[cell]
        since = history[len(history) - 1 - history[::-1].index(reported) :] if reported in history else [reported]
        if found.values.get(cell, value_hash("")) not in since:
            lost.append(cell)
    return lost


@pytest.mark.journey
@pytest.mark.crash
@pytest.mark.timeout(120 + 60 * KILLS)
@pytest.mark.skipif(os.name != "posix", reason="the pipe is handed down by its number")
def test_every_answer_called_saved_and_the_place_survive_a_kill(
    laptop_folder: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    start = int(os.environ.get("FIELDAPP_KILLS_SEED", secrets.randbelow(1 << 31)))
    reported, lost, astray, broken = 0, [], [], []
    for number in range(KILLS):
        seed = start + number
        chance = Random(seed)
        folder = laptop_folder(f"第 {number} 次")
        heard = type_and_be_killed(folder, seed, chance.uniform(0.0, LONGEST_TYPING_S))
        found = reopen(folder)
        reported += len(heard.reported)
        lost += [f"{seed}: {cell}" for cell in lost_answers(heard, found)]
        broken += [f"{seed}: {problem}" for problem in found.problems]
        late = [cell for typed, cell in heard.cursor if typed >= heard.answers - ANSWERS_BEHIND_AT_MOST]
        place = found.cursor or heard.cursor[0][1]  # nothing written yet: the interview opens where it opened
        if place not in late:
            astray.append(f"{seed}: at {found.cursor or 'nowhere'} instead of {late[-1]} after {heard.answers} answers")
        if os.environ.get("FIELDAPP_KILLS_TOLD"):
            with capsys.disabled():
                print(
                    f"{seed}: {heard.answers} typed, {len(heard.reported)} reported, left {late[-1]}, back at {place}"
                )
    with capsys.disabled():
        print(f"\nkills: {KILLS}, answers reported: {reported}, lost: {len(lost)}")
    assert lost == []
    assert broken == []
    assert astray == []
