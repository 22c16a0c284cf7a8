"""What an interview that is handed in says of the living household: slow facts, and what happened to its people.

One edit of the household's root, with the heads that the interview was begun with as parents: where somebody wrote in the meantime the
two meet in a conflict and a person decides. Each member found there is stated as a member (``mem_left`` "0"), so that a departure
registered elsewhere at the same time is such a conflict too. Nobody is written as gone because a row is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import periods, snapshots
from fieldapp.services.beginning import household_field, rosters_of_people, slow_questions
from fieldapp.services.interview_people import LEFT_NOW, NEW_NOW, StatedRow, asked, stated, value_of
from fieldapp.services.opened_interview import OpenInterview
from fieldapp.services.register_views import household_of
from fieldapp.services.snapshots import USABLE, Values
from fieldapp.services.survey_register import may_be_written
from fieldapp.store.ordering import key_between
from fieldapp.store.projections import ROSTER
from fieldapp.store.tables import ChangeRow, InterviewRow
from forms.engine import Cell, Group, Repeat
from forms.monitoring import living
from forms.monitoring.living_relations import HEAD
from sync.change import Content, Dot, Kind, NewRow, RootType, RowPath, Write
from sync.codec import open_any
from sync.records import RootView
from sync.scope import register_feed

WRITTEN = "written.csv"
Heads = dict[tuple[RowPath, str], tuple[Dot, ...]]
# Where a person lives, as of the period: register field → variables, the first one asked holds.
_NOW: Mapping[str, tuple[str, ...]] = {
    "mem_live_place": ("qm_live_place", "mem_live_place"),
    "mem_absence_reason": ("qm_absence", "mem_absence_reason"),
    "mem_resident": ("qm_resident", "mem_resident"),
    "mem_family_pop": ("qm_family_pop", "mem_family_pop"),
}
_NUMBER = "mem_no"


class _Statement:
    """The cells that one hand-in writes, collected."""

    def __init__(self, opened: OpenInterview, writing: SqlSession) -> None:
        session, root = opened.session, opened.header.interview
        pinned = snapshots.pinned(writing, root)
        self.opened = opened
        self.at_begin = snapshots.from_csv(pinned.get("register.csv"))
        # What an earlier hand-in of this interview wrote counts as known, and its own change as the parent.
        self.again = WRITTEN in pinned
        self.known: Values = snapshots.from_csv(pinned[WRITTEN]) if self.again else dict(self.at_begin)
        self.heads = _heads_shown(pinned.get("heads.json"))
        if not self.again:
            self._handed_in_elsewhere(writing)
        self.done = frozenset(self.heads) if self.again else frozenset()
        self.shown: RootView = session.changes.view(writing, opened.header.household)
        self.household = household_of(self.shown)
        self.current = not _later_interview(writing, opened)
        self.cells: dict[tuple[RowPath, str], str] = {}
        self.new: list[str] = []
        self.events: list[list[str]] = []

    def _handed_in_elsewhere(self, writing: SqlSession) -> None:
        """Another laptop may have handed this interview in before (the enumerator changed): the log tells what that wrote."""
        query = select(ChangeRow.raw).where(ChangeRow.root == self.opened.header.household, ChangeRow.kind == Kind.EDIT)
        for raw in writing.exec(query.order_by(col(ChangeRow.hlc))):
            change = open_any(raw)
            if change.body.get("interview") != self.opened.header.interview:
                continue
            self.again = True
            for write in change.writes:
                self.heads[write.row, write.field] = (change.dot,)
                facts = self.known.setdefault(write.row[-1] if write.row else "", {})
                facts[write.field] = "" if write.value is None else str(write.value)

    def fact(self, uid: str, name: str) -> str:
        return self.known.get(uid, {}).get(name, "")

    def put(self, uid: str, name: str, value: str, *, always: bool = False) -> None:
        """States a value: written if it is another one than was known, or said anew by this interview's first hand-in."""
        rows: RowPath = (uid,) if uid else ()
        if value != self.fact(uid, name) or (always and not self.again):
            self.cells[rows, name] = value

    def is_new(self, rows: RowPath, name: str, value: str) -> bool:
        """Whether a value that is written is another one than was known, and worth telling by itself."""
        uid = rows[-1] if rows else ""
        return uid not in self.new and name not in _NOW and value != self.fact(uid, name) and self.fact(uid, name) != ""

    def say(self, code: str, uid: str, on: str) -> None:
        self.events.append([code, uid, on])

    # --- slow facts -----------------------------------------------------------------------------------------------

    def facts_of(self, node: Group | Repeat, rows: RowPath) -> None:
        interview = self.opened.interview
        uid = rows[-1] if rows else ""
        for question in slow_questions(node):
            cell, field = Cell(question.path, rows), household_field(question)
            if not interview.is_relevant(cell) or (field == _NUMBER and uid not in self.new):
                continue
            value = interview.value(cell)
            confirmed = interview.confirmed(cell) is True and (rows, field) not in self.done
            if value != "" and (value != self.fact(uid, field) or confirmed):
                self.cells[rows, field] = value

    # --- people ---------------------------------------------------------------------------------------------------

    def people_of(self, repeat: Repeat) -> None:
        there = {person.uid for person in self.household.people}
        said = list(self.opened.interview.rows(Cell(repeat.path)))
        for uid in said:
            row = stated(self.opened, uid)
            if uid not in there:
                self.new.append(uid)
            self.facts_of(repeat, (uid,))
            if uid in self.new:
                self._number(uid)
            if row.status == LEFT_NOW:
                self._gone(row)
            else:
                self._member(row)
        if self.again:
            # A person whom an earlier hand-in of this interview had brought in, and whom its correction takes out.
            for uid in [uid for uid in self.known if uid and uid not in self.at_begin and uid not in said]:
                if self.fact(uid, "mem_left") in living.HERE:
                    self.put(uid, "mem_left", living.CORRECTION)
                    self.say(living.CORRECTION, uid, "")
        self._head(said)

    def _number(self, uid: str) -> None:
        """The number the roster gave, unless somebody got it elsewhere in the meantime."""
        wanted = self.cells.get(((uid,), _NUMBER), "")
        used = {person.fact(_NUMBER) for person in self.household.people}
        used |= {value for (rows, name), value in self.cells.items() if name == _NUMBER and rows != (uid,)}
        if not wanted or wanted in used:
            numbers = [int(number) for number in used if number.isdigit()]
            self.cells[(uid,), _NUMBER] = f"{max(numbers, default=0) + 1:02d}"

    def _gone(self, row: StatedRow) -> None:
        if row.change not in living.LEAVING:
            return  # not stated how: nothing is written
        on = row.on[:7] if row.change in living.DEATHS else row.on
        if self.fact(row.uid, "mem_left") != row.change:
            self.say(row.change, row.uid, on)
        self.put(row.uid, "mem_left", row.change, always=True)
        self.put(row.uid, "mem_left_on", on)
        if row.change not in living.DEATHS:
            self.put(row.uid, "mem_left_to", row.place)

    def _member(self, row: StatedRow) -> None:
        joined = row.status == NEW_NOW and row.change in living.JOINING
        back = self.fact(row.uid, "mem_left") not in living.HERE
        if row.uid in self.new or joined or back:
            if joined:
                self.put(row.uid, "mem_joined", row.change)
                self.put(row.uid, "mem_joined_on", row.on)
                self.put(row.uid, "mem_joined_from", row.place)
            if row.uid in self.new or back or self.fact(row.uid, "mem_joined") != row.change:
                self.say(row.change if joined else living.CORRECTION, row.uid, row.on)
            if back and self.fact(row.uid, "mem_moved_to"):
                self.put(row.uid, "mem_moved_to", "")
            if joined and row.change == living.BORN:
                if not self._said(row.uid, "mem_birth"):
                    self.put(row.uid, "mem_birth", row.on)
                if not self._said(row.uid, "mem_id_type"):
                    self.put(row.uid, "mem_id_type", living.NO_PAPERS)
        elif row.change == living.CORRECTION:
            self.say(living.CORRECTION, row.uid, row.on)
        self.put(row.uid, "mem_left", living.STILL_HERE, always=True)
        if self.current:
            self._now(row.uid)

    def _said(self, uid: str, name: str) -> str:
        return self.cells.get(((uid,), name)) or self.fact(uid, name)

    def _now(self, uid: str) -> None:
        for field, variables in _NOW.items():
            names = [name for name in variables if self.opened.form.path_of(name)]
            values = [value for name in names if (value := value_of(self.opened, name, uid))]
            if values:
                self.put(uid, field, values[0])
            elif names and field == "mem_absence_reason":
                self.put(uid, field, "")  # at home again

    def _head(self, said: list[str]) -> None:
        """Another head: the household bears the new head's name."""
        staying = [uid for uid in said if stated(self.opened, uid).status != LEFT_NOW]
        heads = [uid for uid in staying if value_of(self.opened, "mem_relation", uid) == HEAD]
        before = [uid for uid, row in self.known.items() if uid and row.get("mem_relation") == HEAD]
        if len(heads) != 1 or not before or heads[0] in before:
            return
        self.say(living.HEAD_CHANGE, heads[0], stated(self.opened, heads[0]).on)
        name = self._said(heads[0], "mem_name")
        if name and not self.opened.form.path_of("hh_head_name"):
            self.put("", "hh_head_name", name)


def write_back(opened: OpenInterview, writing: SqlSession) -> None:
    """Writes what this interview says of the living household, in the caller's transaction; nothing if it says nothing new."""
    said = _Statement(opened, writing)
    said.facts_of(opened.form.root, ())
    for repeat in rosters_of_people(opened.form):
        if asked(opened.interview, repeat):
            said.people_of(repeat)
    said.cells = may_be_written(opened.session.use_mode, said.cells)
    if not said.cells and not said.new:
        return
    session, household = opened.session, opened.header.household
    writes = tuple(
        Write(rows, name, value or None, said.heads.get((rows, name), ())) for (rows, name), value in said.cells.items()
    )
    last = max((row.order for row in said.shown.roster(ROSTER)), default="")
    rows_added = []
    for uid in said.new:
        last = key_between(last, "")
        rows_added.append(NewRow(ROSTER, (uid,), last))
    village = str(said.shown.value("hh_id") or "")[:12]
    body = {
        "interview": opened.header.interview,
        "period": opened.header.period,
        "events": said.events,
        # What is not only confirmed, for the history; the first of a household is all new.
        "changed": [
            [rows[-1] if rows else "", name]
            for (rows, name), value in said.cells.items()
            if said.is_new(rows, name, value)
        ],
    }
    change = session.changes.write(
        writing,
        Content(Kind.EDIT, writes, tuple(rows_added), body=body),
        root=household,
        root_type=RootType.HOUSEHOLD,
        feed=session.changes.feed_of_root(writing, household, RootType.HOUSEHOLD) or register_feed(village),
    )
    for write in writes:
        said.heads[write.row, write.field] = (change.dot,)
        said.known.setdefault(write.row[-1] if write.row else "", {})[write.field] = str(write.value or "")
    for uid in said.new:
        said.known.setdefault(uid, {})
    snapshots.pin(writing, opened.header.interview, "heads.json", snapshots.heads_json(said.heads))
    snapshots.pin(writing, opened.header.interview, WRITTEN, snapshots.to_csv(said.known))


def _later_interview(writing: SqlSession, opened: OpenInterview) -> bool:
    """Whether an interview of a later period has been handed in: then this one does not say where people live now."""
    query = select(InterviewRow.period).where(
        InterviewRow.household == opened.header.household,
        InterviewRow.root != opened.header.interview,
        col(InterviewRow.status).in_([int(status) for status in USABLE]),
    )
    own = periods.order_key(opened.header.period)
    return any(periods.order_key(period) > own for period in writing.exec(query))


def _heads_shown(data: bytes | None) -> Heads:
    listed = json.loads(data) if data else []
    return {
        (tuple(row_path.split("/")) if row_path else (), field): tuple((bytes.fromhex(r), int(s)) for r, s in dots)
        for row_path, field, dots in listed
    }
