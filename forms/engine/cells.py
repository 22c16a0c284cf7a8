"""Addresses in one filling, and what an answer did: ``Cell``, the stored operations, ``Effects``.

A filling is a tree whose repeats have rows with lasting ids. A cell names one node of it by its generic path and the ids of the
rows around it, so that the name survives adding, removing and moving rows. Positions (``/data/member[2]/age``) are for display.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

RowPath: TypeAlias = tuple[str, ...]
"""Lasting ids of the enclosing repeat rows, outermost first."""

NOTE = "@note"
COMMENT = "@comment"


@dataclass(frozen=True, slots=True)
class Cell:
    """One node of one filling (spec: "Primary Instance"; rows by lasting id instead of by position).

    ``Cell("/data/member", ("<row id>",))`` is the row itself; ``Cell("/data/member", ())`` with the rows of the parents alone
    is the repeat. ``@note`` after the path of a check is its note in writing, ``@comment`` after the path of a question the
    enumerator's remark on it: both are stored like answers and unknown to other tools.
    """

    path: str
    rows: RowPath = ()


@dataclass(frozen=True, slots=True)
class SetValue:
    """A value to be kept (spec: "Primary Instance"); "" is blank. ``derived`` says that the engine computed it and would again."""

    cell: Cell
    value: str = field(repr=False)
    derived: bool = False


@dataclass(frozen=True, slots=True)
class AddRow:
    """A new row ``cell`` of a repeat (own id last; spec: "Repeats"), after the sibling with id ``after``; None puts it first."""

    cell: Cell
    after: str | None


@dataclass(frozen=True, slots=True)
class RemoveRow:
    """The row ``cell`` of a repeat goes, with all in it (spec: "Repeats")."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class MoveRow:
    """The row ``cell`` moves in front of its sibling with id ``before``; None puts it last. Beyond the specification: rosters are sorted."""

    cell: Cell
    before: str | None


StoredOp: TypeAlias = SetValue | AddRow | RemoveRow | MoveRow
"""One thing to put on disk; a whole filling is what all of them made in order."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What one step did, and nothing else: the answers of the specification's recalculation (spec: "Events"), as sets of cells.

    Attributes:
        changed: cells whose value, relevance, read-only or required state, label, hint, choices or validity changed.
        rows: repeats whose rows changed, as ``Cell(path, rows of the parents)``.
        checks: edit checks whose result changed.
        stored: to be put on disk, in this order.
        before: what undoing this step writes, in order; ``Interview.undo`` takes the whole Effects.
    """

    changed: frozenset[Cell] = frozenset()
    rows: frozenset[Cell] = frozenset()
    checks: frozenset[Cell] = frozenset()
    stored: tuple[StoredOp, ...] = ()
    before: tuple[StoredOp, ...] = ()


def _no_resource(_name: str) -> bytes | None:
    return None


@dataclass(frozen=True)
class Situation:
    """Everything from outside (spec: "Preload Attributes", "Secondary Instances - External"): the engine has no clock, chance or disk.

    Attributes:
        now: an aware time in the zone of the place.
        new_row_id: lasting id of a new repeat row, unlike any other.
        random: a number in [0, 1), for ``random()``, ``uuid()`` and unseeded ``randomize()``.
        properties: deviceid, username, phonenumber, email … for ``jr:preload="property"``.
        resource: file name ("prev.csv") to content; None means that there is no such file, and then the instance is empty.
    """

    now: Callable[[], datetime]
    new_row_id: Callable[[], str]
    random: Callable[[], float]
    properties: Mapping[str, str] = field(default_factory=dict)
    resource: Callable[[str], bytes | None] = _no_resource


@dataclass(frozen=True)
class SavedInterview:
    """One filling as kept on disk: what the specification's instance holds, and the row ids, notes and remarks that it has no place for.

    Attributes:
        rows: (repeat path, row path with the row's own id last), parents before children, siblings in display order.
        values: by cell, with hidden values, notes and comments.
    """

    rows: tuple[tuple[str, RowPath], ...] = ()
    values: Mapping[Cell, str] = field(default_factory=dict, repr=False)
