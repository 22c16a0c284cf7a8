"""What a person sees of one cell: frozen answers to questions put to an Interview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.engine.cells import Cell


@dataclass(frozen=True, slots=True)
class NodeState:
    """One cell now (spec: "Bindings").

    Attributes:
        kind: "root", "group", "repeat" (a row) or "question".
        type: XForm data type ("string", "int", "date" …); "" for groups.
        value: as saved, kept even while not relevant; "" is blank.
        constraint_ok, required_ok: True where nothing is broken. A blank answer never breaks a constraint, a required one is
            broken by blank, an irrelevant one breaks nothing, and a state of 8 or 9 satisfies both.
        message: the form's own words for the condition that is broken, "" if none or none given.
        status: "1" answered, "0" set to zero, "7" not applicable, "8" 不清楚, "9" 拒答, "" open.
    """

    cell: Cell
    kind: str
    relevant: bool
    readonly: bool
    required: bool
    type: str = ""
    value: str = field(default="", repr=False)
    constraint_ok: bool = True
    required_ok: bool = True
    message: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice as offered now (spec: "Body Elements", item): what is saved, what is read, and media by form ("image", "audio", "video", "big-image")."""

    value: str
    label: str
    media: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken condition (spec: "Bindings"): "required" or "constraint"."""

    cell: Cell
    condition: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """An edit check (``fa:check``, this project's extension; table in ``checks.py``) in one row.

    Attributes:
        cell: the note's cell.
        id: printed number, "W-Q06".
        kind: "hard" or "soft".
        level: question, interview, laptop, township or county; the engine runs the first two.
        state: "passed"; "failed"; "undecided" (a relevant node that it reads is blank without a state); "noted" (soft, failed,
            explained in writing); "fallen" (noted once, but the values changed since).
        message: the note's label in the active language, with its outputs.
        about: the cells to go to.
        note: the explanation, "" if none.
    """

    cell: Cell
    id: str
    kind: str
    level: str
    state: str
    message: str
    about: tuple[Cell, ...] = ()
    note: str = field(default="", repr=False)
