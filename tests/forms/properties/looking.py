"""Everything that can be seen of a filling, and a disk that knows nothing but stored operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from forms.engine import (
    AddRow,
    Cell,
    Effects,
    Form,
    Interview,
    MoveRow,
    NodeState,
    SavedInterview,
    SetValue,
    Situation,
    StoredOp,
)
from forms.engine.definition import Question, Repeat

PEOPLE = "name,label,k\n" + "".join(f"{n},Person {n},{n % 3}\n" for n in range(7))
NOW = datetime(2024, 6, 15, 10, 20, 30, tzinfo=UTC)
NOTHING = ("passed", "", "")


class Ids:
    """Row ids that count up from where they are told to."""

    def __init__(self, start: int = 0) -> None:
        self.next = start

    def __call__(self) -> str:
        self.next += 1
        return f"{self.next:032x}"


def situation(ids: Ids | None = None) -> Situation:
    """A still clock and chance, and the list of people."""
    return Situation(
        lambda: NOW,
        ids or Ids(),
        lambda: 0.5,
        {"username": "li"},
        lambda name: PEOPLE.encode() if name == "people.csv" else None,
    )


@dataclass
class View:
    """All that can be seen. ``cells`` maps every cell to what is seen of it, ``rows`` every repeat to its rows, ``checks`` every
    check that shows itself to its result."""

    cells: dict[Cell, tuple[Any, ...]] = field(default_factory=dict)
    rows: dict[Cell, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[Cell, tuple[Any, ...]] = field(default_factory=dict)
    about: list[tuple[Cell, ...]] = field(default_factory=list)
    violations: tuple[Any, ...] = ()
    asked: tuple[Cell, ...] = ()
    xml: str = ""
    hidden: int = 0


@dataclass(frozen=True, eq=False)
class _Node:
    """What there is to see of one node of a form."""

    path: str
    is_repeat: bool
    label: bool
    hint: bool
    choices: bool
    asked: bool
    confirmed: bool
    children: tuple[_Node, ...]


@lru_cache(maxsize=8)
def _plan(form: Form) -> _Node:
    def of(node: Any) -> _Node:
        control = getattr(node, "control", None)
        return _Node(
            path=node.path,
            is_repeat=isinstance(node, Repeat),
            label=node.label is not None,
            hint=node.hint is not None,
            choices=control in ("select", "select1", "rank"),
            asked=control is not None,
            confirmed=form.find_node(node.path + "__ok") is not None,
            children=() if isinstance(node, Question) else tuple(of(child) for child in node.children),
        )

    return of(form.root)


def view(form: Form, interview: Interview) -> View:
    """Looks at everything."""
    seen = View()
    _look(_plan(form), (), interview, seen)
    for result in interview.checks():
        words = result.message if interview.is_relevant(result.cell) else ""
        seen.checks[result.cell] = (result.state, words, result.note)
        seen.about.append(result.about)
    seen.violations = interview.violations()
    seen.asked = tuple(interview.relevant_questions())
    seen.xml = interview.submission_xml()
    seen.hidden = interview.hidden_count
    return seen


def _look(node: _Node, rows: tuple[str, ...], interview: Interview, seen: View) -> None:
    if node.is_repeat:
        ids = seen.rows[Cell(node.path, rows)] = interview.rows(Cell(node.path, rows))
        for row in ids:
            _see(node, Cell(node.path, (*rows, row)), interview, seen)
            for child in node.children:
                _look(child, (*rows, row), interview, seen)
        return
    _see(node, Cell(node.path, rows), interview, seen)
    for child in node.children:
        _look(child, rows, interview, seen)


def _see(node: _Node, cell: Cell, interview: Interview, seen: View) -> None:
    """State, label, hint, choices, remark, confirmation; what a node does not have is None."""
    seen.cells[cell] = (
        interview.state(cell),
        interview.label(cell) if node.label else None,
        interview.hint(cell) if node.hint else None,
        interview.choices(cell) if node.choices else None,
        interview.comment(cell) if node.asked else None,
        interview.confirmed(cell) if node.confirmed else None,
    )


def situations(form: Form, interview: Interview, seen: View) -> set[str]:
    """What a filling has to show, by the names of ``kinds.REQUIRED``."""
    met = {f"check {state}" for state, _, _ in seen.checks.values()}
    met |= {
        f"{violation.condition} {'broken' if violation.condition == 'constraint' else 'missing'}"
        for violation in seen.violations
    }
    if seen.hidden:
        met.add("answer hidden")
    statuses = {"8": "state 8", "9": "state 9", "0": "set to zero", "7": "not asked"}
    for sight in seen.cells.values():
        state = sight[0]
        if state.status in statuses:
            met.add(statuses[state.status])
        if state.kind == "repeat" and not state.relevant:
            met.add("roster hidden")
    saved = interview.saved().values
    if any(
        value and cell.path.rfind("@") < 0 and seen.cells[cell][0].value != value
        for cell, value in saved.items()
        if cell in seen.cells
    ):
        met.add("choice vanished")
    for cell, ids in seen.rows.items():
        node = form.node(cell.path)
        if ids and isinstance(node, Repeat) and node.count:
            met.add("rows by count")
    return met


def differences(one: View, other: View) -> str:
    """The first things that differ, "" if nothing does."""
    told = []
    for name in ("rows", "cells", "checks"):
        left, right = getattr(one, name), getattr(other, name)
        told += [
            f"{name} {short(cell)}: {apart(left.get(cell), right.get(cell))}"
            for cell in {**left, **right}
            if left.get(cell) != right.get(cell)
        ]
        if not told and list(left) != list(right):
            told.append(f"order of {name}")
    told += [
        f"{name}: {getattr(one, name)} / {getattr(other, name)}"
        for name in ("about", "violations", "asked", "xml", "hidden")
        if getattr(one, name) != getattr(other, name)
    ]
    return "\n".join(told[:6])


def short(cell: Cell) -> str:
    """A cell as it is read best."""
    return f"{cell.path}{[row.lstrip('0') for row in cell.rows] or ''}"


def apart(one: Any, other: Any) -> str:
    """Where two sights of a cell differ."""
    if not isinstance(one, tuple) or not isinstance(other, tuple) or len(one) != len(other):
        return f"{one} / {other}"
    told = []
    for left, right in zip(one, other, strict=True):
        if left == right:
            continue
        if isinstance(left, NodeState):
            names = [name for name in NodeState.__slots__ if getattr(left, name) != getattr(right, name)]
            told += [f"{name} {getattr(left, name)!r} / {getattr(right, name)!r}" for name in names]
        else:
            told.append(f"{left!r} / {right!r}")
    return ", ".join(told)


def honest(before: View, after: View, effects: Effects) -> str:
    """What effects leave out or say too much, "" for neither.

    ``changed`` are the cells seen before and after that look different; cells of rows that came or went are told by ``rows``;
    ``rows`` the repeats that stood before and after with other rows; ``checks`` the results that differ, where a check of a
    new row counts as one that had passed.
    """
    changed = {c for c, seen in after.cells.items() if c in before.cells and seen != before.cells[c]}
    rows = {c for c, ids in after.rows.items() if c in before.rows and ids != before.rows[c]}
    alive = after.cells.keys()
    checks = {
        c
        for c in {**before.checks, **after.checks}
        if c in alive and before.checks.get(c, NOTHING) != after.checks.get(c, NOTHING)
    }
    told = []
    for name, really, said in (
        ("changed", changed, effects.changed), ("rows", rows, effects.rows), ("checks", checks, effects.checks)
    ):  # fmt: skip
        told += [f"{name} leaves out {short(c)}: {_both(before, after, c)}" for c in sorted(really - said, key=str)]
        told += [
            f"{name} names {short(c)} for nothing: {_both(before, after, c)}" for c in sorted(said - really, key=str)
        ]
    return "\n".join(told[:6])


def _both(before: View, after: View, cell: Cell) -> str:
    return "; ".join(
        apart(getattr(before, name).get(cell), getattr(after, name).get(cell))
        for name in ("cells", "rows", "checks")
        if cell in getattr(before, name) or cell in getattr(after, name)
    )


class Disk:
    """A filling kept by nothing but the stored operations."""

    def __init__(self, saved: SavedInterview | None = None) -> None:
        self.rows: dict[Cell, list[str]] = {}
        self.values = dict(saved.values) if saved else {}
        for path, rows in saved.rows if saved else ():
            self.rows.setdefault(Cell(path, rows[:-1]), []).append(rows[-1])

    def write(self, operations: tuple[StoredOp, ...]) -> None:
        """Does what a store would do."""
        for operation in operations:
            if isinstance(operation, SetValue):
                self.values[operation.cell] = operation.value
                continue
            row = operation.cell
            siblings = self.rows.setdefault(Cell(row.path, row.rows[:-1]), [])
            if isinstance(operation, AddRow):
                siblings.insert(0 if operation.after is None else siblings.index(operation.after) + 1, row.rows[-1])
                continue
            siblings.remove(row.rows[-1])
            if isinstance(operation, MoveRow):
                place = len(siblings) if operation.before is None else siblings.index(operation.before)
                siblings.insert(place, row.rows[-1])
            else:
                depth = len(row.rows)
                for cell in [c for c in (*self.values, *self.rows) if c.rows[:depth] == row.rows]:
                    self.values.pop(cell, None)
                    self.rows.pop(cell, None)

    def saved(self) -> SavedInterview:
        """What the store would give back."""
        ordered = sorted(self.rows.items(), key=lambda item: len(item[0].rows))
        rows = tuple((cell.path, (*cell.rows, own)) for cell, siblings in ordered for own in siblings)
        return SavedInterview(rows, self.values)


def kept(saved: SavedInterview) -> tuple[Any, ...]:
    """What two saved fillings have to have alike: rows in the order of each repeat, and values that are not blank."""
    lists: dict[Cell, list[str]] = {}
    for path, rows in saved.rows:
        lists.setdefault(Cell(path, rows[:-1]), []).append(rows[-1])
    return lists, {cell: value for cell, value in saved.values.items() if value}
