"""What people see of a root's state: values, rows, conflicts, status; and the contents of reviews and decisions.

Everything here is a pure function of ``RootState``. Equal states give equal screens on every laptop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from hashlib import blake2b
from typing import Any, Final

from sync import cbor
from sync.change import REVIEW_KINDS, Content, DeletedRow, Dot, Kind, Meta, RowPath, Value, Write, same_value
from sync.merge import CellKey, Event, Head, Register, RootState


class FormStatus(IntEnum):
    """Codes of the code list form_status (people-and-process.md 3)."""

    UNASSIGNED = 10
    ASSIGNED = 20
    DRAFT = 30
    CHECKED = 40
    SUBMITTED = 50
    IN_REVIEW = 55
    RETURNED_TOWNSHIP = 60
    APPROVED = 70
    RETURNED_COUNTY = 80
    LOCKED = 90
    VOID = 95
    ARCHIVED = 99

    @property
    def zh(self) -> str:
        """The code's label."""
        return _STATUS_ZH[self]


_STATUS_ZH: Final = {
    10: "未分派", 20: "已分派", 30: "填报中", 40: "自检通过待提交", 50: "已提交待乡镇审核", 55: "乡镇审核中",
    60: "乡镇退回", 70: "乡镇通过待县审", 80: "县级退回", 90: "县级验收", 95: "作废", 99: "已归档",
}  # fmt: skip


class Level(StrEnum):
    """Who reviews."""

    TOWNSHIP = "township"
    COUNTY = "county"


class ConflictClass(StrEnum):
    """Why something waits for a person."""

    CELL = "cell"  # different values in one cell
    GROUP = "group"  # different values of a register of several members
    EDIT_VS_DELETE = "edit-vs-delete"  # a row taken out by one, written by another
    REVIEW = "review"  # reviewers disagree
    ALIAS = "alias"  # one row declared the same as two others


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell.

    Args:
        value: of the head with the highest (hlc, dot).
        heads: shown one first. More than one with equal values is no conflict.
        conflict: at least two heads with different values.
    """

    value: Value
    heads: tuple[Head, ...]
    conflict: bool = False

    @property
    def prev(self) -> tuple[Dot, ...]:
        """What a write must name as parents if its author saw this whole cell."""
        return tuple(sorted(head.dot for head in self.heads))


@dataclass(frozen=True, slots=True)
class RowView:
    """One living row: its path, order key (text), and whether it is kept only because of a concurrent edit."""

    row: RowPath
    order: str
    kept_by_edit: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """A disagreement that stands until a person decides."""

    row: RowPath
    field: str
    kind: ConflictClass
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a return, pinned to a question.

    Args:
        code: of the code list reject_reason ("01" … "10").
        row, field: the question; () and "" for the interview as a whole.
        text: what the reviewer wrote.
    """

    code: str
    row: RowPath = ()
    field: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One step of the review, as it was taken."""

    dot: Dot
    kind: str
    level: str
    hlc: int
    actor: str
    covers: str
    reasons: tuple[Reason, ...]
    text: str
    standing: bool  # no later step names it: it decides the status


@dataclass(frozen=True, slots=True)
class RootView:
    """A root as it is shown.

    Args:
        cells: all cells of living rows by (row path, field), ``Meta`` fields of the root included.
        rows: living rows by (roster, path of the parent row), in display order.
        gone: paths of rows that are taken out.
        conflicts: in a fixed order.
        status: of an interview; DRAFT for other roots that have writes.
        reviews: every step, oldest first.
        changed_after: the content differs from what a standing approval or lock covered.
        content_digest: hex; what an approval covers.
        returns: how often it was returned by the township.
        read_only: a newer program has written here.
    """

    root: str
    root_type: str
    cells: Mapping[CellKey, CellView]
    rows: Mapping[tuple[str, RowPath], tuple[RowView, ...]]
    gone: frozenset[RowPath]
    conflicts: tuple[Conflict, ...]
    status: FormStatus
    reviews: tuple[Review, ...]
    notes: tuple[Event, ...]
    changed_after: bool
    content_digest: str
    returns: int
    read_only: bool

    def value(self, field: str, row: RowPath = ()) -> Value:
        """The shown value, None if nobody wrote it."""
        cell = self.cells.get((row, field))
        return None if cell is None else cell.value

    def prev(self, field: str, row: RowPath = ()) -> tuple[Dot, ...]:
        """Parents for a write to this cell by someone who sees this view."""
        cell = self.cells.get((row, field))
        return () if cell is None else cell.prev

    def roster(self, roster: str, parent: RowPath = ()) -> tuple[RowView, ...]:
        """The living rows of a roster, in display order."""
        return self.rows.get((roster, parent), ())

    @property
    def approved(self) -> bool:
        """Approved or locked, with nothing changed since and nothing in conflict (invariant I7)."""
        reached = self.status in (FormStatus.APPROVED, FormStatus.LOCKED, FormStatus.ARCHIVED)
        return reached and not self.changed_after and not self.conflicts


_QUIET: Final = frozenset({Meta.ROW, Meta.GONE, Meta.ORDER, Meta.REVIEW, Meta.CHECKED})
# Concurrent reviews: the most cautious one is shown (sync.md 3.5), the disagreement is flagged.
_CAUTION: Final[Mapping[str, int]] = {
    Kind.ARCHIVE: 10, Kind.VOID: 9, Kind.RETURN: 8, Kind.APPROVE: 7, Kind.LOCK: 6, Kind.UNLOCK: 5, Kind.OPEN: 4,
    Kind.SUBMIT: 3, Kind.RECALL: 2,
}  # fmt: skip


def view(state: RootState) -> RootView:
    """What is shown of ``state``, the same on every laptop that holds the same changes."""
    gone, kept = _gone_rows(state)
    aliases = _row_aliases(state)
    cells: dict[CellKey, CellView] = {}
    for key, heads in _living_cells(state, gone, aliases).items():
        cells[key] = _cell_view(heads)
    rows = _rows(state, gone, kept, aliases)
    digest = content_digest(cells, rows)
    reviews = _reviews(state)
    status, changed_after = _status(cells, digest)
    return RootView(
        root=state.root,
        root_type=min(state.root_types, default=""),
        cells=cells,
        rows=rows,
        gone=frozenset(gone),
        conflicts=tuple(_conflicts(cells, kept)),
        status=status,
        reviews=reviews,
        notes=tuple(sorted((e for e in state.events.values() if e.kind not in REVIEW_KINDS), key=_event_rank)),
        changed_after=changed_after,
        content_digest=digest,
        returns=sum(1 for r in reviews if r.kind == Kind.RETURN and r.level == Level.TOWNSHIP),
        read_only=bool(state.unread),
    )


def summary(state: RootState) -> tuple[str, int, FormStatus]:
    """Type, number of conflicts and status of ``view(state)``, quickly where no row was taken out or joined with another."""
    cells = {key: cell.heads for key, cell in state.cells.items() if cell.heads and key[1] != Meta.ROW}
    names = {name for _, name in cells}
    if names & {Meta.GONE, Meta.ALIAS, Meta.CHECKED}:
        shown = view(state)
        return shown.root_type, len(shown.conflicts), shown.status
    several = {key: _cell_view(heads.values()) for key, heads in cells.items() if len(heads) > 1}
    reviewed = cells.get(((), Meta.REVIEW))
    if reviewed is not None:
        status, _ = _status({((), Meta.REVIEW): _cell_view(reviewed.values())}, "")
    elif any(not name.startswith("~") for name in names):
        status = FormStatus.DRAFT
    else:
        status = FormStatus.ASSIGNED if names else FormStatus.UNASSIGNED
    return min(state.root_types, default=""), sum(1 for _ in _conflicts(several, {})), status


def dots_of_row(state: RootState, row: RowPath) -> tuple[Dot, ...]:
    """All heads in a row and the rows below it: what ``DeletedRow.prev`` must name if its author saw the whole row."""
    dots: set[Dot] = set()
    for (path, _), cell in state.cells.items():
        if path[: len(row)] == row:
            dots.update(cell.heads)
    return tuple(sorted(dots))


def content_digest(cells: Mapping[CellKey, CellView], rows: Mapping[tuple[str, RowPath], tuple[RowView, ...]]) -> str:
    """Hex BLAKE2b-128 of the answers and rows as they stand, conflicts included; ``Meta`` fields do not count."""
    parts: list[object] = []
    for key in sorted(cells):
        if key[1].startswith("~"):
            continue
        cell = cells[key]
        if cell.conflict:
            parts.append([list(key[0]), key[1], sorted({cbor.dumps_checked(head.value) for head in cell.heads})])
        elif cell.value is not None:
            parts.append([list(key[0]), key[1], cell.value])
    for roster, parent in sorted(rows):
        parts.append([roster, list(parent), [row.row[-1] for row in rows[roster, parent]]])
    return blake2b(cbor.dumps_checked(parts), digest_size=16).hexdigest()


# --- contents of decisions --------------------------------------------------------------------------------------------


def take_value(seen: CellView, row: RowPath, field: str, value: Value, reason: str) -> Content:
    """A decision of a conflict: ``value`` stands, every head that the screen showed is named.

    Args:
        seen: the cell as the screen showed it; a head that arrived since stays, and the item reopens.
        reason: why, in the words of the person who decides.
    """
    write = Write(row, field, value, seen.prev)
    return Content(Kind.RESOLVE, (write,), body={"reason": reason, "cells": [[list(row), field]]})


def keep_row(state: RootState, row: RowPath, reason: str) -> Content:
    """A decision of edit-vs-delete: the row stays."""
    cell = state.cells.get((row, Meta.GONE), Register())
    write = Write(row, Meta.GONE, False, tuple(sorted(cell.heads)))
    return Content(Kind.RESOLVE, (write,), body={"reason": reason, "cells": [[list(row), Meta.GONE]]})


def drop_row(state: RootState, row: RowPath, roster: str, reason: str) -> Content:
    """A decision of edit-vs-delete: the row goes, with everything in it that this laptop knows."""
    gone = DeletedRow(row, roster, dots_of_row(state, row))
    return Content(Kind.RESOLVE, deleted_rows=(gone,), body={"reason": reason, "cells": [[list(row), Meta.GONE]]})


def review_step(
    seen: RootView,
    kind: Kind,
    level: Level,
    *,
    reasons: Sequence[Reason] = (),
    text: str = "",
    back_to: FormStatus | None = None,
    body: Mapping[str, Any] | None = None,
) -> Content:
    """A step of the review as seen from ``seen``. Who may take it is scope.py's and the services' question.

    Args:
        kind: one of REVIEW_KINDS.
        reasons: of a return.
        text: what the person wrote (return, void, recall, unlock).
        back_to: for UNLOCK: the status to go back to (of a void: what it was; of a lock: RETURNED_COUNTY or APPROVED).
        body: further facts, e.g. {"derived": digest of the derived values} for SUBMIT.
    """
    if kind not in REVIEW_KINDS:
        raise ValueError(f"{kind} is no step of a review")
    standing = tuple(sorted(review.dot for review in seen.reviews if review.standing))
    value = [str(kind), str(level), seen.content_digest, None if back_to is None else int(back_to)]
    facts: dict[str, Any] = {**(body or {}), "level": str(level)}
    if text:
        facts["text"] = text
    if reasons:
        facts["reasons"] = [[reason.code, list(reason.row), reason.field, reason.text] for reason in reasons]
    return Content(kind, (Write((), Meta.REVIEW, value, standing),), body=facts)


def note(text: str, row: RowPath = (), field: str = "", *, to: str = "") -> Content:
    """A note pinned to a cell, e.g. a question to the enumerator about a conflict."""
    return Content(Kind.NOTE, body={"text": text, "row": list(row), "field": field, "to": to})


def same_row(seen: RootView, rows: Sequence[RowPath], reason: str) -> Content:
    """Twins declared one: the smallest path stays, cells unite and may then conflict."""
    canonical, *others = sorted(rows)
    writes = tuple(Write(row, Meta.ALIAS, list(canonical), seen.prev(Meta.ALIAS, row)) for row in others)
    return Content(Kind.ALIAS, writes, body={"reason": reason})


def duplicate_attempts(views: Iterable[RootView]) -> Mapping[str, tuple[str, ...]]:
    """Assignments that two or more living interviews claim: assignment → interview roots, both kept apart."""
    by_assignment: dict[str, list[str]] = {}
    for one in views:
        assignment = one.value(Meta.ASSIGNMENT)
        if one.root_type == "interview" and assignment and one.status != FormStatus.VOID:
            by_assignment.setdefault(str(assignment), []).append(one.root)
    return {key: tuple(sorted(roots)) for key, roots in by_assignment.items() if len(roots) > 1}


# --- the parts of a view ----------------------------------------------------------------------------------------------


def _cell_view(heads: Iterable[Head]) -> CellView:
    ordered = tuple(heads)
    if len(ordered) == 1:
        return CellView(ordered[0].value, ordered, False)
    ordered = tuple(sorted(ordered, key=lambda head: head.rank, reverse=True))
    conflict = any(not same_value(head.value, ordered[0].value) for head in ordered[1:])
    return CellView(ordered[0].value, ordered, conflict)


def _gone_rows(state: RootState) -> tuple[set[RowPath], dict[RowPath, Register]]:
    """Rows that are out, and rows that someone took out but that stay because of something he did not see."""
    marks = {path: cell for (path, name), cell in state.cells.items() if name == Meta.GONE and path}
    taken = {path for path, cell in marks.items() if any(isinstance(h.value, list) for h in cell.heads.values())}
    if not taken:
        return set(), {}
    seen: dict[RowPath, set[Dot]] = {}
    for path in taken:
        seen[path] = {
            (dot[0], dot[1])
            for head in marks[path].heads.values()
            if isinstance(head.value, list)
            for dot in head.value
            if isinstance(dot, list) and len(dot) == 2
        }
    unseen: set[RowPath] = {
        path for path in taken if any(not isinstance(h.value, list) for h in marks[path].heads.values())
    }
    for (path, name), cell in state.cells.items():
        if name == Meta.GONE:
            continue
        above = [path[:length] for length in range(1, len(path) + 1) if path[:length] in seen]
        if above and not set(cell.heads) <= set().union(*(seen[up] for up in above)):
            unseen.update(above)
    gone = taken - unseen
    kept = {path: marks[path] for path in taken & unseen}
    return gone, kept


def _is_gone(path: RowPath, gone: set[RowPath]) -> bool:
    return any(path[:length] in gone for length in range(1, len(path) + 1))


def _row_aliases(state: RootState) -> dict[RowPath, RowPath]:
    """Row path → the path it is the same as; smallest wins, chains are followed, circles end at the smallest."""
    direct: dict[RowPath, RowPath] = {}
    for (path, name), cell in state.cells.items():
        if name == Meta.ALIAS and path:
            targets = [tuple(h.value) for h in cell.heads.values() if isinstance(h.value, list)]
            smaller = [target for target in targets if len(target) == len(path) and target < path]
            if smaller:
                direct[path] = min(smaller)
    resolved: dict[RowPath, RowPath] = {}
    for path in sorted(direct):  # a target is smaller than its row, so it is resolved already
        resolved[path] = resolved.get(direct[path], direct[path])
    return resolved


def _aliased(path: RowPath, aliases: Mapping[RowPath, RowPath]) -> RowPath:
    for length in range(len(path), 0, -1):
        if path[:length] in aliases:
            return aliases[path[:length]] + path[length:]
    return path


def _living_cells(
    state: RootState, gone: set[RowPath], aliases: Mapping[RowPath, RowPath]
) -> dict[CellKey, list[Head]]:
    cells: dict[CellKey, list[Head]] = {}
    for (path, name), cell in state.cells.items():
        if not cell.heads or name in (Meta.ROW, Meta.GONE) or (gone and _is_gone(path, gone)):
            continue
        target = _aliased(path, aliases) if aliases and name != Meta.ALIAS else path
        cells.setdefault((target, name), []).extend(cell.heads.values())
    return cells


def _rows(
    state: RootState, gone: set[RowPath], kept: Mapping[RowPath, Register], aliases: Mapping[RowPath, RowPath]
) -> dict[tuple[str, RowPath], tuple[RowView, ...]]:
    rosters: dict[tuple[str, RowPath], list[RowView]] = {}
    for (path, name), cell in state.cells.items():
        if name != Meta.ROW or not path or not cell.heads or _is_gone(path, gone) or path in aliases:
            continue
        adds = [h.value for h in cell.heads.values() if isinstance(h.value, list) and len(h.value) == 2]
        if not adds:
            continue
        roster, order = min((str(add[0]), str(add[1])) for add in adds)
        moved = state.cells.get((path, Meta.ORDER))
        if moved is not None and moved.heads:
            order = str(_cell_view(moved.heads.values()).value)
        parent = _aliased(path[:-1], aliases)
        rosters.setdefault((roster, parent), []).append(RowView((*parent, path[-1]), order, path in kept))
    return {key: tuple(sorted(rows, key=lambda row: (row.order, row.row))) for key, rows in rosters.items()}


def _conflicts(cells: Mapping[CellKey, CellView], kept: Mapping[RowPath, Register]) -> Iterable[Conflict]:
    found: list[Conflict] = []
    for (row, name), cell in cells.items():
        if name == Meta.REVIEW and len({_review_meaning(head) for head in cell.heads}) > 1:
            found.append(Conflict(row, name, ConflictClass.REVIEW, cell.heads))
        if not cell.conflict or name in _QUIET:
            continue
        kind = ConflictClass.GROUP if any(isinstance(h.value, list) for h in cell.heads) else ConflictClass.CELL
        if name == Meta.ALIAS:
            kind = ConflictClass.ALIAS
        found.append(Conflict(row, name, kind, cell.heads))
    for row, register in kept.items():
        heads = tuple(sorted(register.heads.values(), key=lambda head: head.rank, reverse=True))
        found.append(Conflict(row, Meta.GONE, ConflictClass.EDIT_VS_DELETE, heads))
    return sorted(found, key=lambda conflict: (conflict.row, conflict.field))


def _event_rank(event: Event) -> tuple[int, Dot]:
    return (event.hlc, event.dot)


def _review_value(head: Head) -> tuple[str, str, str, int | None]:
    value = head.value if isinstance(head.value, list) else []
    kind, level, covers, back_to = (*value, None, None, None, None)[:4]
    return (str(kind or ""), str(level or ""), str(covers or ""), back_to if isinstance(back_to, int) else None)


def _review_meaning(head: Head) -> tuple[str, str]:
    return _review_value(head)[:2]


def _reviews(state: RootState) -> tuple[Review, ...]:
    register = state.cells.get(((), Meta.REVIEW), Register())
    found: list[Review] = []
    for event in sorted(state.events.values(), key=_event_rank):
        if event.kind not in REVIEW_KINDS:
            continue
        head = register.heads.get(event.dot)
        _, level, covers, _ = _review_value(head) if head else ("", str(event.body.get("level", "")), "", None)
        found.append(
            Review(
                event.dot,
                event.kind,
                level or str(event.body.get("level", "")),
                event.hlc,
                event.actor,
                covers,
                _reasons(event.body.get("reasons")),
                str(event.body.get("text", "")),
                head is not None,
            )
        )
    return tuple(found)


def _reasons(listed: Any) -> tuple[Reason, ...]:
    found: list[Reason] = []
    for item in listed if isinstance(listed, list) else []:
        if isinstance(item, list) and len(item) == 4 and isinstance(item[1], list):
            found.append(Reason(str(item[0]), tuple(str(row) for row in item[1]), str(item[2]), str(item[3])))
    return tuple(found)


def _status(cells: Mapping[CellKey, CellView], digest: str) -> tuple[FormStatus, bool]:
    """The status, and whether the content changed after a standing approval or lock."""
    cell = cells.get(((), Meta.REVIEW))
    if cell is None:
        if not any(not name.startswith("~") for _, name in cells):
            return (FormStatus.ASSIGNED if cells else FormStatus.UNASSIGNED), False
        checked = cells.get(((), Meta.CHECKED))
        return (FormStatus.CHECKED if checked is not None and checked.value == digest else FormStatus.DRAFT), False
    head = max(cell.heads, key=lambda h: (_CAUTION.get(_review_value(h)[0], 0), h.rank))
    kind, level, covers, back_to = _review_value(head)
    match kind:
        case Kind.SUBMIT:
            return FormStatus.SUBMITTED, False
        case Kind.OPEN:
            return FormStatus.IN_REVIEW, False
        case Kind.RETURN:
            return (FormStatus.RETURNED_COUNTY if level == Level.COUNTY else FormStatus.RETURNED_TOWNSHIP), False
        case Kind.APPROVE:
            return FormStatus.APPROVED, covers != digest
        case Kind.LOCK:
            return FormStatus.LOCKED, covers != digest
        case Kind.ARCHIVE:
            return FormStatus.ARCHIVED, covers != digest
        case Kind.VOID:
            return FormStatus.VOID, False
        case Kind.UNLOCK if back_to in set(FormStatus):
            return FormStatus(back_to), False
        case _:
            return FormStatus.DRAFT, False
