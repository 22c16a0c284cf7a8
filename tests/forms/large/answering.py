"""Answers any form: every question asked is answered by its type, rows are added where rows may be added.

What is put in comes from the form itself, so that its conditions are met now and then: the codes that are offered, numbers and
dates around those that stand in its expressions.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from forms.engine import AnswerRefused, Cell, Form, Interview, Question, Repeat, Situation
from forms.engine.running import Resources

NOW = datetime(2024, 6, 15, 10, 20, 30, tzinfo=UTC)
PASSES = 6
TRIES = 4
_NUMBER = re.compile(r"(?<![\w.'-])\d{1,6}(?![\w.'-])")
_WORDS = ("Amina", "12345", "0712345678", "other", "ABC123", "x@example.org", "7", "A-1")
Step = dict[str, Any]


def situation(resource: Resources = lambda _: None) -> Situation:
    """A still clock, chance that is always half, numbered rows."""
    drawn = iter(range(1, 10**9))
    return Situation(lambda: NOW, lambda: f"{next(drawn):032x}", lambda: 0.5, {"username": "li"}, resource)


@dataclass
class Filled:
    """One filling: the interview, the steps that made it, and which relevance conditions were met and not met."""

    interview: Interview
    steps: list[Step] = field(default_factory=list)
    branches: set[tuple[str, bool]] = field(default_factory=set)


class Answerer:
    """Answers a form as one patient person would, another way for each seed."""

    def __init__(self, form: Form, seed: int, *, rows: int = 2, resource: Resources = lambda _: None) -> None:
        self.form = form
        self.rows = rows
        self._chance = random.Random(seed)
        self._numbers = numbers_of(form)
        self._wanted: dict[Cell, int] = {}
        self.filled = Filled(Interview.begin(form, situation(resource)))

    def fill(self, see: Callable[[], None] = lambda: None) -> Filled:
        """Answers all that is asked, until nothing new is asked. ``see`` is called now and then, to look at the state."""
        done: set[Cell] = set()
        for _ in range(PASSES):
            added = self._add_rows()
            waiting = [cell for cell in self.filled.interview.relevant_questions() if cell not in done]
            self._note_branches()
            if not waiting and not added:
                break
            for cell in waiting:
                done.add(cell)
                self._answer(cell)
            see()
        return self.filled

    def _note_branches(self) -> None:
        interview = self.filled.interview
        for cell in interview.cells():
            node = self.form.find_node(cell.path)
            if node is not None and node.bind.relevant is not None:
                self.filled.branches.add((cell.path, interview.is_relevant(cell)))

    def _add_rows(self) -> bool:
        interview = self.filled.interview
        added = False
        for repeat in list(repeats_of(interview)):
            node = self.form.node(repeat.path)
            around = enclosing(self.form, repeat.path)
            assert isinstance(node, Repeat)
            if node.fixed or not interview.is_relevant(Cell(around, repeat.rows)):
                continue
            wanted = self._wanted.setdefault(repeat, self._chance.randint(1, self.rows))
            ref = interview.ref(Cell(around, repeat.rows)) + repeat.path[len(around) :]
            while len(interview.rows(repeat)) < wanted:
                self.filled.steps.append({"op": "add_repeat", "ref": ref})
                interview.add_row(repeat)
                added = True
        return added

    def _answer(self, cell: Cell) -> None:
        interview = self.filled.interview
        try:
            if not interview.is_relevant(cell):
                return
        except AnswerRefused:
            return
        state = interview.state(cell)
        node = self.form.node(cell.path)
        assert isinstance(node, Question)
        if state.readonly or (node.calculated and state.value):
            return
        for _ in range(TRIES):
            value = self._value(node, cell)
            if value is None:
                return
            self.filled.steps.append({"op": "set", "ref": interview.ref(cell), "value": value})
            try:
                effects = interview.answer(cell, value)
            except AnswerRefused:
                self.filled.steps.pop()
                continue
            if not interview.is_relevant(cell) or interview.state(cell).constraint_ok:
                return
            interview.undo(effects)
            self.filled.steps.pop()

    def _value(self, node: Question, cell: Cell) -> str | None:
        chance = self._chance
        if node.control in ("select1", "select", "rank"):
            offered = list(dict.fromkeys(choice.value for choice in self.filled.interview.choices(cell)))
            if not offered:
                return None
            if node.control == "select1":
                # The first choice is mostly the one that leads on.
                return offered[0] if chance.random() < 0.5 else chance.choice(offered)
            if node.control == "rank":
                chance.shuffle(offered)
                return " ".join(offered)
            return " ".join(chance.sample(offered, chance.randint(1, min(3, len(offered)))))
        if node.control == "trigger":
            return "OK"
        if node.control == "range" and node.range is not None:
            return self._in_range(node)
        return self._of_type(node)

    def _in_range(self, node: Question) -> str:
        assert node.range is not None
        low, high = sorted((float(node.range.start), float(node.range.end)))
        step = abs(float(node.range.step or 1)) or 1
        value = low + step * self._chance.randint(0, int((high - low) / step))
        return f"{value:g}"

    def _of_type(self, node: Question) -> str:
        chance = self._chance
        match node.type:
            case "int":
                return str(self._number(node))
            case "decimal":
                return str(self._number(node) + chance.choice((0, 0.5, 0.25)))
            case "date":
                return self._day()
            case "dateTime":
                return f"{self._day()}T{chance.randint(0, 23):02}:15:00.000+00:00"
            case "time":
                return f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:00.000+00:00"
            case "geopoint":
                return f"{chance.randint(-89, 89)}.5 {chance.randint(-179, 179)}.25 12.0 4.5"
            case "geotrace" | "geoshape":
                return "10.0 20.0 0.0 0.0;10.5 20.5 0.0 0.0;11.0 20.0 0.0 0.0;10.0 20.0 0.0 0.0"
            case "binary":
                return "file.jpg"
            case "boolean":
                return chance.choice(("true", "false"))
        return chance.choice(_WORDS)

    def _number(self, node: Question) -> int:
        own = [int(number) for number in _NUMBER.findall(node.bind.constraint or "")]
        known = own if own and self._chance.random() < 0.7 else self._numbers
        near = self._chance.choice(known) + self._chance.randint(-1, 1)
        return max(0, near if self._chance.random() < 0.6 else self._chance.choice((0, 1, 2, 3, 5, 17, 30, 64, 99)))

    def _day(self) -> str:
        back = self._chance.choice((0, 1, 5, 20, 60, 300, 400, 2000, 5000, 9000, 20000, 30000))
        found: date = NOW.date() - timedelta(days=back + self._chance.randint(0, 9))
        return found.isoformat()


def numbers_of(form: Form) -> list[int]:
    """Numbers that stand in conditions and calculations."""
    found = {1, 2}
    for node in form.walk():
        for text in (node.bind.relevant, node.bind.constraint, node.bind.calculate):
            found.update(int(number) for number in _NUMBER.findall(text or ""))
    return sorted(found)


def repeats_of(interview: Interview) -> Iterator[Cell]:
    """All repeats of the filling, each with the rows around it."""

    def below(node: Any, rows: tuple[str, ...]) -> Iterator[Cell]:
        for child in node.children:
            if isinstance(child, Repeat):
                here = Cell(child.path, rows)
                yield here
                for row in interview.rows(here):
                    yield from below(child, (*rows, row))
            elif not isinstance(child, Question):
                yield from below(child, rows)

    yield from below(interview.form.root, ())


def enclosing(form: Form, path: str) -> str:
    """Path of the repeat around a node, or of the root."""
    path = path.rpartition("/")[0]
    while path.count("/") > 1 and not isinstance(form.node(path), Repeat):
        path = path.rpartition("/")[0]
    return path


def snapshot(interview: Interview) -> dict[str, tuple[Any, ...]]:
    """All that a person could see of every node, by reference; choices and labels included."""
    shown: dict[str, tuple[Any, ...]] = {}
    for cell in interview.cells():
        state, node = interview.state(cell), interview.form.node(cell.path)
        seen: tuple[Any, ...] = (state.relevant, state.readonly, state.required, state.value, state.constraint_ok)
        if isinstance(node, Question) and node.control is not None:
            seen += (interview.label(cell), interview.choices(cell), state.required_ok, state.status)
        shown[interview.ref(cell)] = seen
    return shown
