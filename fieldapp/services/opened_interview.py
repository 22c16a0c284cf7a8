"""An interview in hand: begun or opened, every answer kept, left. (``interviewing.py`` is the door to all of it.)

Threads: :func:`begin`, :func:`open_interview`, :func:`hand_in_list` and everything on ``OpenInterview.interview`` belong to the
thread that holds the interview (the window's). :meth:`OpenInterview.save`, :meth:`OpenInterview.seal` and
:meth:`OpenInterview.remember_place` touch the database alone and may run on the database thread, in order.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session as SqlSession
from sqlmodel import select

from fieldapp.errors import FormMissing, NoSuchAssignment, NoSuchInterview, NotAllowed, ReadOnlyInterview
from fieldapp.services import beginning, periods, snapshots
from fieldapp.services.assigning import TaskClosed
from fieldapp.services.codes import status_label
from fieldapp.services.earlier import EarlierValues
from fieldapp.services.fillings import draft_ops, field_of, heads_of, path_of, saved_interview, whole_registers
from fieldapp.services.household_states import closed_words
from fieldapp.services.leasing import ContactWaits, may_see
from fieldapp.services.session import CHINA, Session
from fieldapp.store import drafts, form_packs, paradata, root_states
from fieldapp.store.drafts import Op
from fieldapp.store.projections import at_of, project
from fieldapp.store.tables import (
    AssignmentRow,
    Draft,
    HouseholdRow,
    InterviewPlace,
    InterviewRow,
    ParadataEvent,
    Staff,
)
from fieldapp.words import _
from forms.engine import Cell, Effects, Form, Interview, RowPath, Situation, StoredOp
from sync.change import Kind, Meta, RootType
from sync.ids import row_id
from sync.merge import RootState
from sync.records import FormStatus, RootView, view
from sync.scope import Role

_OPEN_FOR_ANSWERS = (
    FormStatus.UNASSIGNED,
    FormStatus.ASSIGNED,
    FormStatus.DRAFT,
    FormStatus.CHECKED,
    FormStatus.RETURNED_TOWNSHIP,
    FormStatus.RETURNED_COUNTY,
)
_READERS = (Role.ENUM, Role.TSUP, Role.CADM)


@dataclass(frozen=True, slots=True)
class Previous:
    """What stood in the same cell before; None where that interview did not ask, "" where it was left blank."""

    prev: str | None  # last quarter (or the last interview of this form)
    yoy: str | None  # same quarter last year
    base: str | None  # the year's baseline
    prev_label: str = ""  # the value in words: choice labels, thousands comma, 拒答, 不清楚, 没问
    yoy_label: str = ""
    base_label: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Facts of the interview in hand, for the head of the screen."""

    interview: str  # root id (hex)
    household: str
    assignment: str
    hh_id: str
    head_name: str
    place: str  # 双河村三组
    form_id: str
    form_title: str
    period: str
    period_title: str
    version: int  # 1 before the first return
    status: int
    status_label: str
    readonly: bool
    readonly_reason: str  # why nothing can be typed, "" when it can
    first_of_its_kind: bool  # 首季，没有上季数
    prev_title: str  # 上季 26年二季 column heads
    yoy_title: str
    base_title: str


@dataclass(frozen=True, slots=True)
class PinnedComment:
    """What a reviewer said about a question, and the answers to it."""

    cell: Cell | None  # None: about the whole interview
    who: str
    at: datetime
    text: str
    cleared: bool


@dataclass(frozen=True, slots=True)
class TypingEvent:
    """Paradata of one answer: never what was typed."""

    kind: str  # answer, note, row_add, row_remove, move, enter_section, leave_section
    cell: Cell | None
    section: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class HandInItem:
    """One thing that stands before handing in."""

    cell: Cell
    number: str  # QA19
    kind: str  # hard, undecided, unconfirmed, required, constraint, soft
    sentence: str


@dataclass(frozen=True, slots=True)
class HandInList:
    """Whether this interview can be handed in, and the 本户小结 that is read back."""

    blocking: tuple[HandInItem, ...]
    soft_noted: int
    states_8_9: int
    hidden: int  # answers put away by a skip
    recap: tuple[tuple[str, str], ...]  # label, value

    @property
    def ready(self) -> bool:
        """Nothing blocks."""
        return not self.blocking


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """A visit without an interview: nobody home, refused, away."""

    outcome: str  # code of interview_outcome: 210, 310 …
    visited_at: datetime
    mode: str = "1"
    refuse_reasons: tuple[str, ...] = ()
    next_visit_on: date | None = None
    remark: str = ""
    company: str = ""  # forms.monitoring.visits.Company: who went along, or went instead


class OpenInterview:
    """An interview in hand. ``interview`` is the engine's filling; screens answer on it and pass its effects to :meth:`save`."""

    session: Session
    header: Header
    form: Form
    interview: Interview
    cursor: Cell | None  # where the person left it
    section: str  # path of the section left
    comments: tuple[PinnedComment, ...]

    def __init__(self, session: Session, header: Header, form: Form, state: RootState, shown: RootView) -> None:
        self.session = session
        self.header = header
        self.form = form
        self.cursor = None
        self.section = ""
        self.comments = ()
        self._state = state
        self._heads = heads_of(shown)
        self._save_id = session.changes.new_save_id()
        self._new_rows = 0
        self._place = InterviewPlace(root=header.interview)
        self._earlier = EarlierValues({}, form)

    def new_row_id(self) -> str:
        """The lasting id of a row added now: it follows from the open change, so only a number travels."""
        made = row_id(self._save_id, self._new_rows)
        self._new_rows += 1
        return made

    def previous(self, cell: Cell) -> Previous:
        """The same cell in earlier interviews (rows by person, not by position). Cheap: everything was read at opening."""
        prev, yoy, base = (self._earlier.value(name, cell) for name in ("prev", "yoy", "base"))
        label = self._earlier.label
        interview = self.interview
        return Previous(
            prev, yoy, base, label(interview, cell, prev), label(interview, cell, yoy), label(interview, cell, base)
        )

    def reference(self, name: str) -> str:
        """A parameter as this interview's rules read it, by name (``price_F101``: the county's reference price); "" if not set."""
        return self._earlier.parameters.get(name, "")

    def save(self, effects: Effects, event: TypingEvent | None = None) -> datetime:
        """Puts the effects on disk: one transaction for answers and paradata, fsynced when it returns.

        Returns:
            The moment for 已保存.
        Raises:
            ReadOnlyInterview: handed in, or somebody else's.
            DiskFull: nothing was written; the answer is still on screen.
        """
        at = self.session.now()
        with self.session.database.transaction() as writing:
            self.put(writing, effects.stored)
            if event is not None:
                paradata.add(writing, self._event_row(event, at))
        return at

    def put(self, writing: SqlSession, stored: tuple[StoredOp, ...]) -> None:
        """Adds stored operations to the drafts, in the caller's transaction."""
        ops = draft_ops(self.form, stored, self._heads, self._state)
        self.put_ops(writing, whole_registers(self.form, ops, self._shown_value))

    def _shown_value(self, cell: Cell) -> str:
        try:
            return self.interview.value(cell)
        except KeyError:  # of a row that this very step took away
            return ""

    def put_ops(self, writing: SqlSession, ops: list[Op]) -> None:
        """Adds writes to the drafts, in the caller's transaction."""
        if self.header.readonly:
            raise ReadOnlyInterview("not open for answers", reason=self.header.readonly_reason)
        if not ops:
            return
        first = writing.get(Draft, self.header.interview) is None
        drafts.put(
            writing,
            root=self.header.interview,
            root_type=RootType.INTERVIEW,
            save_id=self._save_id,
            form_hash=self.form.hash,
            actor=self.session.account,
            at=self.session.now(),
            ops=ops,
        )
        if first:
            writing.flush()
            project(writing, root_states.read(writing, self.header.interview))

    def _event_row(self, event: TypingEvent, at: datetime) -> ParadataEvent:
        return ParadataEvent(
            root=self.header.interview,
            at=at,
            actor=self.session.account,
            kind=event.kind,
            path=event.cell.path if event.cell else "",
            row_path="/".join(event.cell.rows) if event.cell else "",
            section=event.section,
            duration_ms=event.duration_ms,
        )

    def remember_place(self, cell: Cell | None, section: str = "") -> None:
        """Where the cursor is, for coming back."""
        self.cursor, self.section = cell, section or self.section
        place = InterviewPlace(
            root=self.header.interview,
            path=cell.path if cell else "",
            row_path="/".join(cell.rows) if cell else "",
            section=self.section,
            number=_number(self.form, cell),
            progress=self._place.progress,
            hard=self._place.hard,
            soft=self._place.soft,
            left_at=self.session.now(),
        )
        with self.session.database.transaction() as writing:
            writing.merge(place)

    def measure(self) -> tuple[int, int, int]:
        """Progress in percent, open hard and soft checks, as the lists will show them. Belongs to the interview's thread."""
        asked = answered = 0
        for cell in self.interview.relevant_questions():
            state = self.interview.state(cell)
            if state.readonly or state.kind != "question":
                continue
            asked += 1
            answered += state.status not in ("", "7")
        checks = self.interview.checks()
        hard = sum(1 for check in checks if check.kind == "hard" and check.state == "failed")
        soft = sum(1 for check in checks if check.kind == "soft" and check.state in ("failed", "fallen"))
        hard += sum(1 for broken in self.interview.violations() if broken.condition == "constraint")
        self._place.progress = 100 * answered // asked if asked else 0
        self._place.hard, self._place.soft = hard, soft
        return self._place.progress, hard, soft

    def seal(self) -> None:
        """Turns the drafts into one signed change (leaving a section, switching user, before an exchange)."""
        if self.header.readonly:
            return
        with self.session.database.transaction() as writing:
            self.seal_in(writing)

    def seal_in(self, writing: SqlSession) -> None:
        """The same in the caller's transaction."""
        done = self.session.changes.seal(writing, self.header.interview)
        for change in done:
            for write in change.writes:
                self._heads[write.row, write.field] = (change.dot,)
        if done:
            self._state = root_states.read(writing, self.header.interview)
            self._save_id, self._new_rows = self.session.changes.new_save_id(), 0

    def leave(self) -> None:
        """Seals and closes. Always allowed. Belongs to the interview's thread."""
        if self.header.readonly:
            return
        self.measure()
        self.remember_place(self.cursor, self.section)
        self.seal()

    @property
    def remarks(self) -> frozenset[Cell]:
        """Cells that hold a remark on a question or a note on a check."""
        return frozenset(cell for cell in self.interview.saved().values if "@" in cell.path.rsplit("/", 1)[-1])

    @property
    def register(self) -> snapshots.Values:
        """The living household as it was when the interview began, by person uid ("" for the household itself)."""
        return self._earlier.rows("register")

    def earlier_sources(self) -> Mapping[str, str]:
        """Which period stands behind base, prev, yoy."""
        return self._earlier.periods


def begin(session: Session, assignment: str) -> OpenInterview:
    """Begins the interview of an assignment, or opens the one there is: members of the living household stand in the roster
    under their lasting ids, slow facts are filled in and wait for confirmation.

    Raises:
        NotAllowed: not this enumerator's household.
        FormMissing: the questionnaire has not arrived yet.
    """
    session.require("填写问卷", Role.ENUM)
    with session.database.reading() as reading:
        row = reading.get(AssignmentRow, assignment)
        if row is None:
            raise NoSuchAssignment("assignment not here")
        if row.enumerator != session.account:
            raise NotAllowed("another enumerator", role=session.name, deed="填别人的户")
        there = reading.exec(
            select(InterviewRow.root).where(
                InterviewRow.assignment == assignment, InterviewRow.status != int(FormStatus.VOID)
            )
        ).first()
        pack = form_packs.newest(reading, row.form_id)
    if there is not None:
        return open_interview(session, there)
    if row.closed:
        raise TaskClosed("closed by the office", how=closed_words(row.closed))
    if pack is None:
        raise FormMissing("no form pack")
    form = session.load_form(pack.hash)
    root = session.changes.new_root()
    with session.database.transaction() as writing:
        sources = snapshots.make(session, writing, form, row.household, row.form_id, row.period)
        for name, data in sources.items():
            snapshots.pin(writing, root, name, data)
    state = RootState(root)
    header = Header(
        interview=root, household=row.household, assignment=assignment, hh_id="", head_name="", place="",
        form_id=row.form_id, form_title=form.title, period=row.period, period_title="", version=1,
        status=int(FormStatus.DRAFT), status_label="", readonly=False, readonly_reason="", first_of_its_kind=False,
        prev_title="", yoy_title="", base_title="",
    )  # fmt: skip
    opened = OpenInterview(session, header, form, state, view(state))
    situation = _situation(opened, sources)
    interview, stored = beginning.begin(form, situation, beginning.known_facts(sources))
    opened.interview = interview
    meta = {
        Meta.HOUSEHOLD: row.household,
        Meta.ASSIGNMENT: assignment,
        Meta.FORM: row.form_id,
        Meta.FORM_HASH: form.hash,
        Meta.PERIOD: row.period,
    }
    with session.database.transaction() as writing:
        opened.put_ops(writing, [Op("set", name, (), value) for name, value in meta.items()])
        opened.put(writing, stored)
        writing.flush()
        project(writing, state)
    _complete(opened, sources)
    return opened


def open_interview(session: Session, interview: str) -> OpenInterview:
    """Opens an interview where it was left; read-only when handed in or somebody else's (header says why)."""
    session.require("看问卷", *_READERS)
    with session.database.reading() as reading:
        row = reading.get(InterviewRow, interview)
        if row is None:
            raise NoSuchInterview("interview not here")
        if not may_see(session, reading, row.household):
            raise ContactWaits("lease over", deed="看这份卷")
        state = session.changes.state(reading, interview)
        shown = view(state)
        ops = drafts.ops_of(reading, interview)
        opened_change = drafts.open_change(reading, interview)
        assignment = reading.get(AssignmentRow, row.assignment)
        sources = snapshots.pinned(reading, interview)
    form = session.load_form(row.form_hash)
    if not sources:
        # Begun on another laptop: what was pinned there is made here from the log as it stood then.
        with session.database.transaction() as writing:
            sources = dict(snapshots.begun_with(session, writing, interview, form, shown))
            for name, data in sources.items():
                snapshots.pin(writing, interview, name, data)
    with session.database.reading() as reading:
        worker = session.changes.portfolio_of(reading, interview)
    reason = _readonly_reason(session, row, assignment, shown, worker)
    header = Header(
        interview=interview, household=row.household, assignment=row.assignment, hh_id="", head_name="", place="",
        form_id=row.form_id, form_title=form.title, period=row.period, period_title="",
        version=max(1, row.version + (shown.status in _OPEN_FOR_ANSWERS)), status=row.status, status_label="",
        readonly=bool(reason), readonly_reason=reason, first_of_its_kind=False, prev_title="", yoy_title="",
        base_title="",
    )  # fmt: skip
    opened = OpenInterview(session, header, form, state, shown)
    if opened_change is not None:
        opened._save_id = opened_change.save_id
        opened._new_rows = sum(1 for op in ops if op.op == "add")
    opened.interview = Interview.resume(form, saved_interview(form, shown, ops), _situation(opened, sources))
    _complete(opened, sources)
    return opened


def _readonly_reason(
    session: Session, row: InterviewRow, assignment: AssignmentRow | None, shown: RootView, worker: str
) -> str:
    """Why nothing can be typed, "" when it can.

    Args:
        worker: who took the interview over, "" nobody. The task itself may travel where this laptop does not hear of it any more.
    """
    owner = worker or (assignment.enumerator if assignment else row.enumerator)
    if session.role is not Role.ENUM:
        return _("只有这户的调查员能填")
    if owner != session.account:
        return _("这户分给了别人")
    if assignment is not None and assignment.closed:
        return _("任务已经{how}；填过的都在").format(how=closed_words(assignment.closed))
    if shown.read_only:
        return _("新版程序写过这份，升级后再填")
    with session.database.reading() as reading:
        if session.changes.is_away(reading, row.root):
            return _("这户已转到别处，本机只能看")
    if shown.status not in _OPEN_FOR_ANSWERS:
        return _("现在是“{status}”").format(status=status_label(int(shown.status)))
    return ""


def _situation(opened: OpenInterview, sources: Mapping[str, bytes]) -> Situation:
    session = opened.session
    return Situation(
        now=lambda: session.now().astimezone(CHINA),
        new_row_id=opened.new_row_id,
        random=random.SystemRandom().random,
        properties={"deviceid": session.device, "username": session.account},
        resource=lambda name: sources.get(name.rsplit("/", 1)[-1]),
    )


def _complete(opened: OpenInterview, sources: Mapping[str, bytes]) -> None:
    """Header, earlier values, comments and the place left, from what is on disk."""
    session, root = opened.session, opened.header.interview
    opened._earlier = EarlierValues(sources, opened.form)
    named = opened._earlier.periods
    with session.database.reading() as reading:
        household = reading.get(HouseholdRow, opened.header.household)
        row = reading.get(InterviewRow, root)
        place = reading.get(InterviewPlace, root)
        opened.comments = comments_of(reading, opened.form, view(opened._state))
    status = row.status if row else int(FormStatus.DRAFT)
    opened.header = replace(
        opened.header,
        hh_id=household.hh_id if household else "",
        head_name=household.head_name if household else "",
        place=f"{household.village_name}{household.grp}" if household else "",
        period_title=periods.title(opened.header.period),
        status=status,
        status_label=status_label(status, place.progress if place else 0),
        first_of_its_kind="prev" not in named,
        prev_title=periods.short_title(named["prev"]) if "prev" in named else "",
        yoy_title=periods.short_title(named["yoy"]) if "yoy" in named else "",
        base_title=periods.short_title(named["base"]) if "base" in named else "",
    )
    if place is not None:
        opened._place = InterviewPlace(**place.model_dump())
        opened.section = place.section
        rows: RowPath = tuple(place.row_path.split("/")) if place.row_path else ()
        opened.cursor = Cell(place.path, rows) if place.path else None


def comments_of(reading: SqlSession, form: Form, shown: RootView) -> tuple[PinnedComment, ...]:
    """Everything said about the questions: words of returns and notes, oldest first."""
    names = {row.account: row.name for row in reading.exec(select(Staff))}
    found = []
    for review in shown.reviews:
        if review.kind != Kind.RETURN:
            continue
        who, at = names.get(review.actor, review.actor), at_of(review.hlc)
        if review.text:
            found.append(PinnedComment(None, who, at, review.text, False))
        for reason in review.reasons:
            if reason.text:
                cell = Cell(path_of(form, reason.field), reason.row) if reason.field else None
                found.append(PinnedComment(cell, who, at, reason.text, False))
    cleared: dict[tuple[RowPath, str], bool] = {}
    for note in shown.notes:
        if note.kind != Kind.NOTE:
            continue
        rows, field = tuple(str(one) for one in note.body.get("row", [])), str(note.body.get("field", ""))
        if "cleared" in note.body:
            cleared[rows, field] = bool(note.body["cleared"])
        elif note.body.get("text"):
            cell = Cell(path_of(form, field), rows) if field else None
            words = str(note.body["text"])
            found.append(PinnedComment(cell, names.get(note.actor, note.actor), at_of(note.hlc), words, False))
    found.sort(key=lambda one: one.at)
    return tuple(
        replace(one, cleared=cleared.get((one.cell.rows, field_of(form, one.cell.path)), False)) if one.cell else one
        for one in found
    )


def _number(form: Form, cell: Cell | None) -> str:
    node = form.find_node(cell.path) if cell else None
    return (node.number or "") if node is not None else ""
