"""What checks, notes and events promise, worked out from what is seen alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from forms.engine import Cell, Effects, Form, Interview, SetValue
from forms.engine.definition import Question
from forms.engine.xpath.ast import Binary, Call, Expr, Literal, Path, walk
from forms.engine.xpath.parser import parse
from forms.engine.xpath.values import to_saved
from tests.forms.properties.looking import View, short
from tests.forms.properties.naive import plain, value_of
from tests.forms.properties.specs import Spec
from tests.forms.properties.tree import Tree

_ASKING = ("coalesce", "string-length", "boolean", "count-selected")
Marks = tuple[tuple[Any, ...], tuple[Any, ...]]


class Notes:
    """The values that each written note was about. A note stands by what is stored for it."""

    def __init__(self, form: Form) -> None:
        self._names = {check.path: _names(form.node(check.path).bind.relevant or "") for check in form.checks}
        self._written: dict[str, Marks] = {}

    def written(self, interview: Interview, seen: View, check: Cell) -> None:
        """Remembers what was seen when a note was written."""
        stored = interview.saved().values.get(Cell(f"{check.path}@note", check.rows))
        if stored:
            self._written.setdefault(stored, self._marks(seen, check))

    def _marks(self, seen: View, check: Cell) -> Marks:
        """What the check can read in its own and the outer rows, and all that has those names anywhere."""
        names = self._names[check.path]
        every = [(c, _mark(sight[0])) for c, sight in seen.cells.items() if c.path.rpartition("/")[2] in names]
        own = tuple(mark for c, mark in every if c.rows == check.rows[: len(c.rows)])
        return own, (tuple(every), tuple(seen.rows.items()))

    def broken(self, interview: Interview, seen: View) -> Iterator[str]:
        """A note falls when a value that its check reads changes, and only then."""
        saved = interview.saved().values
        for check, (state, _, note) in seen.checks.items():
            known = self._written.get(saved.get(Cell(f"{check.path}@note", check.rows), ""))
            if not note or known is None:
                continue
            own, every = self._marks(seen, check)
            if state == "noted" and own != known[0]:
                yield f"{short(check)}: noted, though values changed"
            if state == "fallen" and every == known[1]:
                yield f"{short(check)}: fallen, though nothing changed"


def _mark(state: Any) -> tuple[str, str]:
    return (
        state.value if state.relevant and state.status not in ("8", "9") else "",
        state.status if state.status in ("8", "9") else "",
    )


def _names(text: str) -> set[str]:
    return {*re.findall(r"\w+", text)}


def undecided(form: Form, seen: View) -> Iterator[str]:
    """The state of checks that read single questions alone: undecided as long as one of them is open (design 3)."""
    for check, (state, _, _) in seen.checks.items():
        expr = parse(form.node(check.path).bind.relevant or "")
        read = dict(_single(form, check, expr))
        if len(read) < sum(isinstance(one, Path) for one in walk(expr)):
            continue
        fails = seen.cells[check][0].relevant
        asked = {id(one) for one in _asked_blank(expr)} if fails else set()
        about = {cell for path, cell in read.values() if id(path) in asked}
        is_open = any(cell not in about and _open(form, seen, cell) for _, cell in read.values())
        expected = "undecided" if is_open else ("failed", "noted", "fallen") if fails else "passed"
        if state not in ((expected,) if isinstance(expected, str) else expected):
            yield f"{short(check)}: {state}, should be {expected}"


def _single(form: Form, check: Cell, expr: Expr) -> Iterator[tuple[int, tuple[Path, Cell]]]:
    """Paths that lead to one question of the own or an outer row."""
    for one in walk(expr):
        if not isinstance(one, Path) or one.start is not None or any(step.predicates for step in one.steps):
            continue
        here = [] if one.absolute else check.path.split("/")[1:]
        for step in one.steps:
            if step.axis == "parent":
                here = here[:-1]
            elif step.axis == "child":
                here = [*here, getattr(step.test, "name", "")]
        path = "/" + "/".join(here)
        if not isinstance(form.find_node(path), Question):
            continue
        depth = sum(form.node("/" + "/".join(here[:n])).kind == "repeat" for n in range(1, len(here) + 1))
        outer = [n for n in range(1, len(here) + 1) if form.node("/" + "/".join(here[:n])).kind == "repeat"]
        entered = not one.absolute and any(
            n > len(check.path.split("/")) - 1 - sum(step.axis == "parent" for step in one.steps) for n in outer
        )
        if (
            depth <= len(check.rows)
            and not entered
            and check.path.startswith("/" + "/".join(here[: outer[-1]] if outer else here[:1]) + "/")
        ):
            yield id(one), (one, Cell(path, check.rows[:depth]))


def _asked_blank(expr: Expr) -> Iterator[Path]:
    for one in walk(expr):
        if isinstance(one, Binary) and one.op in ("=", "!="):
            for side, other in ((one.left, one.right), (one.right, one.left)):
                if isinstance(side, Path) and other == Literal(""):
                    yield side
        elif isinstance(one, Call) and one.name in _ASKING and one.args and isinstance(one.args[0], Path):
            yield one.args[0]


def _open(form: Form, seen: View, cell: Cell) -> bool:
    node, state = form.node(cell.path), seen.cells[cell][0]
    asked = isinstance(node, Question) and node.control is not None and not node.is_note
    return asked and state.relevant and state.value == "" and state.status not in ("8", "9")


def events(form: Form, interview: Interview, spec: Spec, before: View, seen: View, effects: Effects) -> Iterator[str]:
    """What an answer or a row added by hand sets: the value that the expression has afterwards, since it reads nothing that follows.
    Rows that an answer brings by ``jr:count`` may read what another event of the same step writes later, and are left alone."""
    tree = Tree(form, interview, seen)
    answered = next((op.cell for op in effects.stored if isinstance(op, SetValue) and not op.derived), None)
    new = [cell for cell in seen.cells if cell not in before.cells]
    for path, one in spec.walk():
        for event in one.events:
            targets: list[Cell] = []
            if event.event == "odk-new-repeat" and answered is None:
                targets = [cell for cell in new if cell.path == event.target]
            elif event.event == "xforms-value-changed" and answered is not None and answered.path == path:
                targets = [Cell(event.target, answered.rows)]
            for target in targets:
                expected = to_saved(plain(value_of(event.value, tree, target)))
                shown = seen.cells[target][0].value
                if shown != expected:
                    yield f"{event.event} of {short(target)}: {shown!r}, should be {expected!r}"
