"""Where a later table and the register say different things, and who said last what stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.services.session import Session
from fieldapp.store.projections import at_of
from fieldapp.store.tables import ChangeRow
from forms.monitoring.opening_register import HEAD, Entry
from sync.change import Dot, Kind, Meta, RowPath
from sync.codec import open_any
from sync.merge import Head, RootState
from sync.records import view

MEMBER_NEW, MEMBER_ABSENT, MEMBER_LEFT, MOVED, CONFLICT = "+member", "-member", "!left", "!moved", "!conflict"
_ONLY_SHOWN: Final = frozenset({MEMBER_ABSENT, MEMBER_LEFT, MOVED, CONFLICT})
_HERE: Final = ("", "0")
KEPT: Final = "kept"  # in the body of a note on a household: [[row, field, the table's word, what stands], …]
Kept = tuple[RowPath, str, str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell, or one person, about which table and register differ.

    Attributes:
        row: () for the household. person: name of the member it is about.
        field: of the register, or MEMBER_NEW, MEMBER_ABSENT (the table does not name a member), MEMBER_LEFT (it names one who has
            left), MOVED (another village), CONFLICT (people disagree already).
        here, table: what stands and what the table says, as codes.
        by, at: who said last what stands, and when; "" and None for what nobody said.
        by_person: whether that was a person and not an import.
        prev: the heads shown, named as parents if the table's word is taken.
        member: the fields of a new person.
    """

    root: str
    hh_id: str
    head_name: str
    village: str
    row: RowPath
    person: str
    field: str
    here: str
    table: str
    by: str = ""
    at: datetime | None = None
    by_person: bool = False
    prev: tuple[Dot, ...] = ()
    member: Mapping[str, str] | None = dataclasses.field(default=None, repr=False)

    @property
    def kept(self) -> Kept:
        """What is remembered when a person keeps what stands: asked again only when the table or the register says something else."""
        return (self.row, self.field, self.table, self.here)

    @property
    def can_take(self) -> bool:
        """Whether the table's word can be taken here; the others are decided elsewhere (register, conflicts)."""
        return self.field not in _ONLY_SHOWN


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """A household as it stands, read for comparing."""

    root: str
    hh_id: str
    village: str
    frame_code: str
    head_idno: str
    head_name: str
    cells: Mapping[tuple[RowPath, str], tuple[Head, ...]] = dataclasses.field(repr=False)
    members: tuple[RowPath, ...]
    kept: frozenset[Kept] = frozenset()
    state: str = ""

    def text(self, name: str, row: RowPath = ()) -> str:
        """The value shown."""
        heads = self.cells.get((row, name), ())
        value = heads[0].value if heads else None
        return "" if value is None else str(value)


def read_household(state: RootState) -> ListedHousehold:
    """Reads a merged state. The usual household has one head a cell and nobody taken out: then no view is made."""
    cells: dict[tuple[RowPath, str], tuple[Head, ...]] = {}
    members: list[RowPath] = []
    plain = True
    for key, register in state.cells.items():
        heads = tuple(register.heads.values())
        if len(heads) > 1:
            heads = tuple(sorted(heads, key=lambda head: head.rank, reverse=True))
        if key[1] == Meta.ROW:
            members.append(key[0])
        elif key[1] in (Meta.GONE, Meta.ALIAS):
            plain = False
        cells[key] = heads
    if not plain:
        shown = view(state)
        cells = {key: cell.heads for key, cell in shown.cells.items()}
        members = [row.row for row in shown.roster("member")]
    found = ListedHousehold(state.root, "", "", "", "", "", cells, tuple(sorted(members)))
    text = found.text
    head = next((row for row in members if text("mem_relation", row) == HEAD and text("mem_left", row) in _HERE), None)
    return ListedHousehold(
        root=state.root,
        hh_id=text("hh_id"),
        village=text("cov_village_code") or text("hh_id")[:12],
        frame_code=text("frame_hh_code"),
        head_idno=text("mem_idno", head) if head is not None else "",
        head_name=text("hh_head_name"),
        cells=cells,
        members=found.members,
        kept=frozenset(_kept(state)),
        state=text("hh_state"),
    )


def _kept(state: RootState) -> Iterator[Kept]:
    """Differences for which somebody said that what stands here is right."""
    for event in state.events.values():
        for one in event.body.get(KEPT, ()) if event.kind == Kind.NOTE else ():
            if isinstance(one, list) and len(one) == 4 and isinstance(one[0], list):
                yield tuple(str(part) for part in one[0]), str(one[1]), str(one[2]), str(one[3])


def compare(
    session: Session,
    reading: SqlSession,
    household: ListedHousehold,
    entry: Entry,
    fields: frozenset[str],
    village_names: Mapping[str, str],
) -> list[Difference]:
    """Differences of one household. A blank of the table says nothing, and neither does a column that it has not."""
    made = _Comparing(session, reading, household, village_names.get(household.village, household.village))
    if entry.village != household.village:
        made.add((), "", MOVED, household.village, entry.village)
    for name, value in entry.values.items():
        if name in fields or name == "hh_head_name":
            made.cell((), "", name, value)
    if any(name.startswith("mem_") for name in fields):
        _compare_members(made, household, entry, fields)
    return made.found


class _Comparing:
    def __init__(self, session: Session, reading: SqlSession, household: ListedHousehold, village: str) -> None:
        self._session, self._reading, self._household, self._village = session, reading, household, village
        self.found: list[Difference] = []

    def cell(self, row: RowPath, person: str, name: str, table: str) -> None:
        heads = self._household.cells.get((row, name), ())
        here = self._household.text(name, row)
        if len({str(head.value) for head in heads}) > 1:
            if here != table:
                self.add(row, person, CONFLICT, here, table)
            return
        if here == table:
            return
        last = max(heads, key=lambda head: head.rank, default=None)
        self.found.append(
            Difference(
                self._household.root,
                self._household.hh_id,
                self._household.head_name,
                self._village,
                row,
                person,
                name,
                here,
                table,
                last.actor if last else "",
                at_of(last.hlc) if last else None,
                last is not None and not self._imported(last.dot),
                tuple(sorted(head.dot for head in heads)),
            )
        )

    def add(
        self, row: RowPath, person: str, kind: str, here: str, table: str, member: Mapping[str, str] | None = None
    ) -> None:
        self.found.append(
            Difference(
                self._household.root, self._household.hh_id, self._household.head_name, self._village, row, person, kind,
                here, table, member=member,
            )
        )  # fmt: skip

    def _imported(self, dot: Dot) -> bool:
        query = select(ChangeRow.raw).where(ChangeRow.replica == dot[0], ChangeRow.seq == dot[1])
        raw = self._reading.exec(query).first()
        return raw is not None and "import" in open_any(raw).body


def _compare_members(made: _Comparing, household: ListedHousehold, entry: Entry, fields: frozenset[str]) -> None:
    text = household.text
    left = [row for row in household.members if text("mem_left", row) not in _HERE]
    open_rows = [row for row in household.members if row not in left]
    for member in entry.members:
        row = _same_person(household, open_rows, member)
        if row is None:
            gone = _same_person(household, left, member)
            kind = MEMBER_NEW if gone is None else MEMBER_LEFT
            made.add(gone or (), member["mem_name"], kind, "", member["mem_name"], member if gone is None else None)
            continue
        open_rows.remove(row)
        for name, value in member.items():
            if name in fields and name != "mem_no":
                made.cell(row, member["mem_name"], name, value)
    for row in open_rows:
        made.add(row, text("mem_name", row), MEMBER_ABSENT, text("mem_name", row), "")


def _same_person(household: ListedHousehold, rows: list[RowPath], member: Mapping[str, str]) -> RowPath | None:
    """The row of a person: by identity number, else by name with the day of birth, else by a name that only one has."""
    text = household.text
    idno, name, birth = (member.get(one, "") for one in ("mem_idno", "mem_name", "mem_birth"))
    if idno:
        for row in rows:
            if text("mem_idno", row) == idno:
                return row
    named = [row for row in rows if text("mem_name", row) == name and (not idno or not text("mem_idno", row))]
    if birth:
        exact = [row for row in named if text("mem_birth", row) == birth]
        if exact:
            return exact[0]
        named = [row for row in named if not text("mem_birth", row)]
    return named[0] if len(named) == 1 else None
