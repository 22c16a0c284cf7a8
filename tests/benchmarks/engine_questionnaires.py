"""The project's own questionnaires under random typing: what an answer and a new member cost in a household of a given size."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from forms.engine import Cell, Form, Interview, Question, Situation
from forms.engine.problems import AnswerRefused

_COLD = """
import json, sys, time
from datetime import UTC, datetime
from itertools import count
from forms.engine import Form, Interview, Situation
data = open(sys.argv[1], "rb").read()
ids = count(1)
situation = Situation(now=lambda: datetime.now(UTC), new_row_id=lambda: f"{next(ids):032x}", random=lambda: 0.5)
begun = time.perf_counter()
form = Form.from_bytes(data)
form.program
loaded = time.perf_counter()
Interview.begin(form, situation)
print(json.dumps([loaded - begun, time.perf_counter() - loaded]))
"""


def cold_s(form: Form, times: int) -> list[tuple[float, float]]:
    """Seconds from the kept form to a compiled one, and from there to an empty interview, each time in a process of its own."""
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.cbor"
        file.write_bytes(form.to_bytes())
        for _ in range(times):
            command = [sys.executable, "-c", _COLD, str(file)]
            done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
            loading, beginning = json.loads(done.stdout)
            taken.append((float(loading), float(beginning)))
    return taken


def typed(
    form: Form, situation: Callable[[], Situation], members: int, answers: int, seed: int = 1
) -> tuple[list[float], list[float]]:
    """Milliseconds of each answer and of each member added, in a household of so many members, every kind of question typed at random."""
    interview = Interview.begin(form, situation())
    chance = Random(seed)
    roster = Cell(next(node.path for node in form.walk() if node.kind == "repeat" and node.name == "member"))
    rows: list[float] = []
    while len(interview.rows(roster)) < members:
        begun = time.perf_counter()
        interview.add_row(roster)
        rows.append((time.perf_counter() - begun) * 1000)
    taken: list[float] = []
    while len(taken) < answers:
        asked = list(interview.relevant_questions())
        chance.shuffle(asked)
        for cell in asked[:400]:
            value = _value(form, interview, cell, chance)
            if value is None:
                continue
            begun = time.perf_counter()
            try:
                interview.answer(cell, value)
            except AnswerRefused:
                continue
            taken.append((time.perf_counter() - begun) * 1000)
    return taken[:answers], rows


def _value(form: Form, interview: Interview, cell: Cell, chance: Random) -> str | None:
    """Something that the question can hold; None where nothing is typed."""
    node = form.node(cell.path)
    if not isinstance(node, Question) or node.control in (None, "trigger") or not interview.is_relevant(cell):
        return None
    if interview.state(cell).readonly:
        return None
    if node.control in ("select", "select1"):
        offered = interview.choices(cell)
        return chance.choice(offered).value if offered else None
    match node.type:
        case "int":
            return str(chance.randrange(80))
        case "decimal":
            return str(chance.randrange(800) / 2)
        case "date":
            return f"2026-0{chance.randrange(1, 9)}-1{chance.randrange(9)}"
        case "time":
            return f"09:{chance.randrange(60):02d}:00.000+08:00"
        case _:
            return f"甲乙{chance.randrange(99)}"
