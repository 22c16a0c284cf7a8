"""The unit of everything that moves: a small immutable change, one save by one person on one root.

A *root* is a household, an interview, an assignment, a form pack or a control object. A *cell* is (root, row, field).
A *dot* (replica, seq) names a change; a write names as parents (``prev``) the dots its author saw in that cell.
Fields beginning with ``~`` are about the root itself and are no answers; the names are in ``Meta``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from sync import cbor

Dot = tuple[bytes, int]  # replica id (8 bytes), seq (from 1)
RowPath = tuple[str, ...]  # row ids, 32 hex characters each, outermost first; () is the root itself
Value = Any  # None | str | int | bool | bytes | list | dict of such: plain data, no floats
VERSION: Final = 1


class Kind(StrEnum):
    """What a change is. A kind from a newer program stays a bare string and is kept as it came."""

    EDIT = "edit"
    ROW_DEL = "row_del"
    SUBMIT = "submit"
    OPEN = "open"  # a reviewer has begun to look at it: from here the enumerator cannot recall
    RETURN = "return"
    APPROVE = "approve"
    LOCK = "lock"
    UNLOCK = "unlock"
    VOID = "void"
    RECALL = "recall"
    ARCHIVE = "archive"
    RESOLVE = "resolve"
    PARADATA = "paradata"
    ALIAS = "alias"
    ATTACH = "attach"
    ASSIGN = "assign"
    MOVE = "move"
    MIGRATE = "migrate"
    NOTE = "note"


REVIEW_KINDS: Final = frozenset(
    {
        Kind.SUBMIT, Kind.OPEN, Kind.RETURN, Kind.APPROVE, Kind.LOCK, Kind.UNLOCK, Kind.VOID, Kind.RECALL, Kind.ARCHIVE,
    }
)  # fmt: skip


class RootType(StrEnum):
    """What a root is; written into every change of it."""

    HOUSEHOLD = "household"
    INTERVIEW = "interview"
    ASSIGNMENT = "assignment"
    FORM_PACK = "form_pack"
    CONTROL = "control"  # users, devices, villages, parameters: things of the county feed
    LEAD = "lead"
    PLAN = "plan"
    DRAW = "draw"  # a sample as drawn, with its reserves: of the county office alone


class Meta:
    """Fields about a root that are no answers."""

    ROW = "~row"  # written by NewRow: [roster, order]
    GONE = "~gone"  # written by DeletedRow: the dots its author saw; False keeps the row
    ORDER = "~order"  # a moved row's order key
    REVIEW = "~review"  # [kind, level, digest of the covered content (hex) or None, status to go back to or None]
    ALIAS = "~alias"  # the row or root that this one is the same as
    HOUSEHOLD = "~household"
    ASSIGNMENT = "~assignment"
    FORM = "~form"
    FORM_HASH = "~form_hash"
    PERIOD = "~period"
    PINS = "~pins"
    CHECKED = "~checked"  # digest (hex) of the content that had no open check


@dataclass(frozen=True, slots=True)
class Write:
    """One value put into one cell.

    Args:
        row: () for a field of the root.
        field: path below the root ("qa/q_phone"); a register of several members stands under its main path.
        value: plain data; None is blank. A register's value is the list of its members, sent whole.
        prev: the heads that stood on the author's screen.
    """

    row: RowPath
    field: str
    value: Value
    prev: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row added to a roster. ``row`` ends in the row's own id; ``order`` is compared as text."""

    roster: str
    row: RowPath
    order: str


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A row taken out. It goes only if ``prev`` names every head in it (``records.dots_of_row``)."""

    row: RowPath
    roster: str
    prev: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One save. ``seal`` (codec.py) makes it bytes with a signature.

    Args:
        version: codec version; newer ones are stored and not read.
        kind: a Kind, or the bare string of a newer program's kind.
        county: area code of the county.
        replica, seq: this change's dot; seq counts 1, 2, 3 … without gaps.
        hlc: hybrid clock (clock.py).
        tz_min: the author's time zone, minutes east of UTC.
        actor: the account that saved.
        root, root_type: what it is about.
        feed: where it belongs (scope.py), as the author knew it.
        form_version: hash or version of the form the answers belong to, "" for none.
        body: what is no cell: reasons of a return, text of a note, visits of paradata.
        save_id: 8 random bytes of the open change; derives the ids of its new rows, common to the parts of one save.
        ext: from newer programs, kept as it came.
    """

    version: int
    kind: str
    county: str
    replica: bytes
    seq: int
    hlc: int
    tz_min: int
    actor: str
    root: str
    root_type: str
    form_version: str = ""
    writes: tuple[Write, ...] = ()
    new_rows: tuple[NewRow, ...] = ()
    deleted_rows: tuple[DeletedRow, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    save_id: bytes = bytes(8)
    ext: Mapping[str, Any] = field(default_factory=dict)
    feed: str = "county"

    @property
    def dot(self) -> Dot:
        """The change's name within its root's history."""
        return (self.replica, self.seq)


@dataclass(frozen=True, slots=True)
class Content:
    """What a save says, before it has its place and time; ``records`` builds these for reviews and decisions."""

    kind: str
    writes: tuple[Write, ...] = ()
    new_rows: tuple[NewRow, ...] = ()
    deleted_rows: tuple[DeletedRow, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


def change_of(content: Content, envelope: Change) -> Change:
    """``envelope`` (who, when, which root) filled with ``content``."""
    return replace(
        envelope,
        kind=content.kind,
        writes=content.writes,
        new_rows=content.new_rows,
        deleted_rows=content.deleted_rows,
        body=content.body,
    )


def same_value(a: Value, b: Value) -> bool:
    """Equal as canonical bytes: True is not 1, a tuple is a list."""
    if a is b:
        return True
    if type(a) is type(b) and type(a) in _SIMPLE:
        return bool(a == b)
    return cbor.dumps(a) == cbor.dumps(b)


_SIMPLE: Final = frozenset({str, int, bool, bytes})
