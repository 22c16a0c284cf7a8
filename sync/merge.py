"""The state of one root as a pure function of the set of changes received: any order, any repetition.

Every cell is a multi-value register with explicit parents: a write leaves the heads only when some write names it.
A parent that has not arrived yet is a *ghost*: when it comes it is known to be superseded already.
``merge`` adds one change; ``join`` unites two states as the union of their logs would (sync.md 3.12 iv).
What people see of a state is ``records.view``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

from sync import cbor
from sync.change import VERSION, Change, Dot, Kind, Meta, RowPath, Value

# Grows when merging or the codec learns something: stores then look again at what they could not merge before.
MERGES: Final = 1
CellKey = tuple[RowPath, str]
_KNOWN_KINDS: Final = frozenset(str(kind) for kind in Kind)
_EVENT_KINDS: Final = frozenset(
    {
        Kind.SUBMIT, Kind.OPEN, Kind.RETURN, Kind.APPROVE, Kind.LOCK, Kind.UNLOCK, Kind.VOID, Kind.RECALL,
        Kind.ARCHIVE, Kind.RESOLVE, Kind.NOTE, Kind.MIGRATE, Kind.ALIAS, Kind.MOVE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Head:
    """A write that no known write names as parent.

    Args:
        value: plain data, as written.
        hlc: the author's hybrid clock; chooses what is shown first, nothing else.
    """

    dot: Dot
    value: Value
    hlc: int
    actor: str

    @property
    def rank(self) -> tuple[int, Dot]:
        """The higher one is shown; a total order, the same everywhere."""
        return (self.hlc, self.dot)


@dataclass(frozen=True, slots=True)
class Register:
    """One cell: its heads by dot, and the parents named but not yet received."""

    heads: Mapping[Dot, Head] = field(default_factory=dict)
    ghosts: frozenset[Dot] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """A change that is more than its writes (a return with reasons, a note): kept whole, never superseded."""

    dot: Dot
    kind: str
    hlc: int
    actor: str
    body: Mapping[str, Any] = field(default_factory=dict)


Ranges = tuple[tuple[int, int], ...]  # sorted, disjoint, not adjacent, both ends included


@dataclass(frozen=True, slots=True)
class RootState:
    """All that is known of one root. Build with ``empty``, ``merge``, ``join``; never change in place.

    Args:
        root_types: normally one; the smallest is shown.
        included: the changes merged, as ranges of seq per replica.
        cells: registers by (row path, field), the ones of ``Meta`` among them.
        events: by dot.
        unread: changes of a newer program: known, not merged; the root is read-only here.
    """

    root: str
    root_types: frozenset[str] = frozenset()
    included: Mapping[bytes, Ranges] = field(default_factory=dict)
    cells: Mapping[CellKey, Register] = field(default_factory=dict)
    events: Mapping[Dot, Event] = field(default_factory=dict)
    unread: frozenset[Dot] = frozenset()

    @property
    def digest(self) -> bytes:
        """BLAKE2b-128 over everything that the views depend on; equal sets of changes give equal digests."""
        parts: list[object] = [self.root, sorted(self.root_types)]
        parts.append([[replica, [list(pair) for pair in self.included[replica]]] for replica in sorted(self.included)])
        for key in sorted(self.cells):
            cell = self.cells[key]
            dots = [list(dot) for dot in sorted(cell.heads)]
            parts.append([list(key[0]), key[1], dots, [list(dot) for dot in sorted(cell.ghosts)]])
        parts.append([list(dot) for dot in sorted(self.events)])
        parts.append([list(dot) for dot in sorted(self.unread)])
        return blake2b(cbor.dumps_checked(parts), digest_size=16).digest()


def empty(root: str) -> RootState:
    """Nothing known yet."""
    return RootState(root)


def includes(state: RootState, dot: Dot) -> bool:
    """True if the change has been merged."""
    return _within(state.included.get(dot[0], ()), dot[1])


def merge(state: RootState, change: Change) -> RootState:
    """``state`` with one more change; the same object if it is in there already.

    Raises:
        ValueError: the change is about another root (a bug of the caller).
    """
    if change.root != state.root:
        raise ValueError("a change of another root")
    if change.version > VERSION or change.kind not in _KNOWN_KINDS:
        if change.dot in state.unread:
            return state
        return replace(state, unread=state.unread | {change.dot}, root_types=state.root_types | {change.root_type})
    if includes(state, change.dot):
        return state
    included = dict(state.included)
    included[change.replica] = _with(included.get(change.replica, ()), change.seq)
    cells = dict(state.cells)
    for key, value, prev in _writes(change):
        cells[key] = _written(cells.get(key, _EMPTY), change, value, prev, included)
    for key in [key for key, cell in cells.items() if cell.ghosts and change.dot in cell.ghosts]:
        cells[key] = replace(cells[key], ghosts=cells[key].ghosts - {change.dot})
    events = state.events
    if change.kind in _EVENT_KINDS:
        event = Event(change.dot, change.kind, change.hlc, change.actor, dict(change.body))
        events = {**events, change.dot: event}
    return replace(
        state, root_types=state.root_types | {change.root_type}, included=included, cells=cells, events=events,
        unread=state.unread - {change.dot},  # this program may be the newer one now
    )  # fmt: skip


def merge_all(root: str, changes: Iterable[Change]) -> RootState:
    """The state of a set of changes, in whatever order they come."""
    state = empty(root)
    for change in changes:
        state = merge(state, change)
    return state


def join(a: RootState, b: RootState) -> RootState:
    """The state of the union of both logs, without the logs."""
    if a.root != b.root:
        raise ValueError("states of different roots")
    included = dict(a.included)
    for replica, ranges in b.included.items():
        included[replica] = _united(included.get(replica, ()), ranges)
    cells: dict[CellKey, Register] = {}
    for key in a.cells.keys() | b.cells.keys():
        one, other = a.cells.get(key, _EMPTY), b.cells.get(key, _EMPTY)
        heads = {d: h for d, h in one.heads.items() if _survives(d, other, b)}
        heads.update({d: h for d, h in other.heads.items() if _survives(d, one, a)})
        ghosts = frozenset(d for d in one.ghosts | other.ghosts if not _within(included.get(d[0], ()), d[1]))
        cells[key] = Register(heads, ghosts)
    unread = frozenset(d for d in a.unread | b.unread if not _within(included.get(d[0], ()), d[1]))
    return RootState(a.root, a.root_types | b.root_types, included, cells, {**a.events, **b.events}, unread)


_EMPTY: Final = Register()
_NONE: Final[frozenset[Dot]] = frozenset()


def _writes(change: Change) -> Iterable[tuple[CellKey, Value, tuple[Dot, ...]]]:
    for write in change.writes:
        yield (write.row, write.field), write.value, write.prev
    for new in change.new_rows:
        yield (new.row, Meta.ROW), [new.roster, new.order], ()
    for gone in change.deleted_rows:
        seen = [list(dot) for dot in sorted(set(gone.prev))]
        yield (gone.row, Meta.GONE), seen, gone.prev


def _written(
    cell: Register, change: Change, value: Value, prev: tuple[Dot, ...], included: Mapping[bytes, Ranges]
) -> Register:
    """One write put into a register. A write never supersedes itself, whatever it claims."""
    dot = change.dot
    head = Head(dot, value, change.hlc, change.actor)
    if cell is _EMPTY and not prev:
        return Register({dot: head}, _NONE)
    parents = frozenset(prev) - {dot}
    heads = dict(cell.heads) if not parents else {d: h for d, h in cell.heads.items() if d not in parents}
    if dot not in cell.ghosts:
        heads[dot] = head
    unknown = {other for other in parents if not _within(included.get(other[0], ()), other[1])}
    if not unknown and not cell.ghosts:
        return Register(heads, _NONE)
    return Register(heads, (cell.ghosts | unknown) - {dot})


def _survives(dot: Dot, other: Register, other_state: RootState) -> bool:
    return dot in other.heads or (dot not in other.ghosts and not includes(other_state, dot))


def _within(ranges: Ranges, seq: int) -> bool:
    return any(first <= seq <= last for first, last in ranges)


def _with(ranges: Ranges, seq: int) -> Ranges:
    return _united(ranges, ((seq, seq),))


def _united(a: Ranges, b: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    for first, last in sorted((*a, *b)):
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
