"""The process that is killed: a script at the real window types answers at 20 a second until somebody ends it.

    python -m tests.journeys.typing_child FOLDER SEED PLAN

The window itself reports every answer on disk to the pipe of ``FIELDAPP_SAVED_FD``: ``cell<TAB>hash``. This script adds, to the same
pipe, ``@will<TAB>cell<TAB>hash`` when an answer has been typed (before it is on disk), ``@at<TAB>cell`` wherever the cursor comes to
stand, and ``@typed`` after each answer. What to answer is thought out once and kept in the file PLAN for the processes after it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from random import Random

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from fieldapp.demo.hands import Hands
from fieldapp.demo.typist import Typist
from fieldapp.ui.interview.saving import cell_key, saved_pipe_of_environment
from fieldapp.ui.interview.view import InterviewView
from forms.engine import Cell, Effects, SetValue
from tests.journeys.at_the_window import open_first_household, planned, sign_in

ANSWERS_PER_SECOND = 20
SECTIONS_SKIPPED_AT_MOST = 8


def value_hash(value: str) -> str:
    """As in the pipe of the window."""
    return hashlib.sha256(value.encode()).hexdigest()[:16]


class Reporter:
    """Writes what was typed, and where the cursor stands, into the pipe."""

    def __init__(self, view: InterviewView, pipe: int) -> None:
        self._pipe = pipe
        self._next_at = 0.0
        view.presenter.changed.connect(self._changed)
        view.body.entered.connect(lambda cell, _panel: self._at(cell))
        if view.cell is not None:
            self._at(view.cell)

    def say(self, line: str) -> None:
        os.write(self._pipe, f"{line}\n".encode())

    def _changed(self, effects: Effects) -> None:
        for op in effects.stored:
            if isinstance(op, SetValue):
                self.say(f"@will\t{cell_key(op.cell)}\t{value_hash(op.value)}")

    def _at(self, cell: Cell) -> None:
        self.say(f"@at\t{cell_key(cell)}")

    def pause(self, _section: str) -> None:
        """After an answer: waits for the next beat. A beat missed is not caught up."""
        self.say("@typed")
        left = self._next_at - time.monotonic()
        if left > 0:
            QTest.qWait(round(left * 1000))
        self._next_at = time.monotonic() + 1 / ANSWERS_PER_SECOND


def go_somewhere(view: InterviewView, hands: Hands, chance: Random) -> None:
    """To the first place of some section, so that rounds do not all type the same answers."""
    hands.press(
        Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier, times=chance.randrange(SECTIONS_SKIPPED_AT_MOST)
    )
    if view.stack.currentWidget() is view.summary:
        hands.press(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)


def plan_of(view: InterviewView, seed: int, file: Path) -> dict[Cell, str]:
    """What to answer, from the file, or thought out and written there."""
    if file.exists():
        known = json.loads(file.read_text(encoding="utf-8"))
        return {Cell(path, tuple(rows)): value for path, rows, value in known}
    plan = dict(planned(view, seed))
    listed = [(cell.path, cell.rows, value) for cell, value in plan.items()]
    file.write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    return plan


def main(folder: Path, seed: int, plan_file: Path) -> None:
    """Signs in, opens the household, types for ever."""
    pipe = saved_pipe_of_environment()
    if pipe is None:
        raise SystemExit("FIELDAPP_SAVED_FD names no pipe")
    chance = Random(seed)
    window, hands = sign_in(folder)
    view = open_first_household(window, hands)
    plan = plan_of(view, seed, plan_file)
    reporter = Reporter(view, pipe)
    go_somewhere(view, hands, chance)
    Typist(hands, view, plan, reporter.pause).fill()
    reporter.say("@done")
    while True:  # everything is typed: waits for its end like any open window
        QTest.qWait(50)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
