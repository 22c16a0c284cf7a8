"""Who interviews which household with which form in which period, and when the next visit is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import FieldAppError, NoSuchAssignment, NoSuchHousehold, NotAllowed
from fieldapp.services.household_states import state_words
from fieldapp.services.leasing import may_see
from fieldapp.services.session import Session
from fieldapp.store import activity, form_packs
from fieldapp.store.households import ENDED
from fieldapp.store.tables import AssignmentRow, HouseholdRow, InterviewRow, Staff
from forms.monitoring.replacement import check_period
from sync.change import Content, Kind, RootType, Value, Write
from sync.records import FormStatus
from sync.scope import Role, interview_feed, register_feed

# Interviews whose enumerator has still something to do: not handed in yet, or given back (people-and-process.md 3).
STILL_OPEN: Final = tuple(
    int(status)
    for status in FormStatus
    if status < FormStatus.SUBMITTED or status in (FormStatus.RETURNED_TOWNSHIP, FormStatus.RETURNED_COUNTY)
)
VOID: Final = int(FormStatus.VOID)


class NotWorkingThere(FieldAppError):
    """Work cannot be given to somebody who is no enumerator of that village: nobody would ever see it again."""

    zh = "“{account}”不是 {village} 的调查员，任务没有改派。请核对账号，或先让县里给他分这个村。"


class HouseholdEnded(FieldAppError):
    """A household is to be surveyed that is no more."""

    zh = "{head}户{what}，不再分派。没有改动任何资料。"


class TaskClosed(FieldAppError):
    """The office has settled this task; nobody begins it any more."""

    zh = "这户的任务已经{how}，不再填。已填过的都在；要接着填，请乡镇重开任务。"


@dataclass(frozen=True, slots=True)
class Assignment:
    """分派任务: work on one household given to one enumerator."""

    assignment: str  # root id (hex)
    household: str
    form_id: str
    form_title: str
    period: str
    enumerator: str  # account
    due_on: date | None
    visit_at: datetime | None
    interviews: tuple[str, ...]  # attempts; the first is the primary one
    status: int
    closed: str = ""  # interview_outcome that the office gave it without an interview


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment to be made."""

    household: str
    form_id: str
    period: str
    enumerator: str
    due_on: date | None = None
    visit_at: datetime | None = None


def assign(session: Session, assignments: Iterable[NewAssignment]) -> tuple[str, ...]:
    """Makes assignments (supervisor, county). Returns their root ids.

    Raises:
        NotAllowed: another role, or a household outside the scope.
        BackFilling: a household that came into the sample later; periods before that are not made up (monitoring.md 9.5).
        OutOfSample: one that was replaced or rotated out.
        HouseholdEnded: one that was merged, moved out of the county or has nobody left.
    """
    session.require("分派任务", Role.TSUP, Role.CADM)
    with session.database.transaction() as writing:
        made = [assign_in(session, writing, new) for new in assignments]
        activity.note(writing, session.now(), session.account, "assign", detail=str(len(made)))
    return tuple(made)


def assign_in(session: Session, writing: SqlSession, new: NewAssignment) -> str:
    """One assignment in the caller's transaction; its root id."""
    household = _household_in_scope(session, writing, new.household)
    if household.state in ENDED:
        what = state_words(household.state, household.ended_to)
        raise HouseholdEnded("nobody to visit", head=household.head_name, what=what)
    shown = session.changes.view(writing, new.household)
    check_period(str(shown.value("sample_since") or ""), new.period, str(shown.value("sample_until") or ""))
    fields = {
        "household": new.household,
        "form_id": new.form_id,
        "period": new.period,
        "enumerator": new.enumerator,
        "due_on": new.due_on.isoformat() if new.due_on else None,
        "visit_at": new.visit_at.isoformat() if new.visit_at else None,
    }
    root = session.changes.new_root()
    writes = tuple(Write((), name, value) for name, value in fields.items() if value is not None)
    session.changes.write(
        writing,
        Content(Kind.ASSIGN, writes),
        root=root,
        root_type=RootType.ASSIGNMENT,
        feed=register_feed(household.village_code),
    )
    return root


def _household_in_scope(session: Session, reading: SqlSession, root: str) -> HouseholdRow:
    household = reading.get(HouseholdRow, root)
    if household is None:
        raise NoSuchHousehold("household not here")
    if session.role is not Role.CADM and household.village_code not in session.village_codes:
        raise NotAllowed("outside the scope", role=session.role.zh, deed="分派别处的户")
    return household


def _change(session: Session, assignment: str, kind: Kind, values: dict[str, str | None]) -> None:
    with session.database.transaction() as writing:
        _change_in(session, writing, assignment, kind, values)


def _change_in(
    session: Session, writing: SqlSession, assignment: str, kind: Kind, values: dict[str, str | None]
) -> None:
    row = writing.get(AssignmentRow, assignment)
    if row is None:
        raise NoSuchAssignment("assignment not here")
    _allowed(session, writing, row)
    write_fields(session, writing, assignment, kind, dict(values))


def write_fields(session: Session, writing: SqlSession, assignment: str, kind: Kind, values: dict[str, Value]) -> None:
    """One change of an assignment's fields with what stands there as its parents, in the caller's transaction."""
    shown = session.changes.view(writing, assignment)
    writes = tuple(Write((), name, value, shown.prev(name)) for name, value in values.items())
    feed = session.changes.feed_of_root(writing, assignment, RootType.ASSIGNMENT)
    session.changes.write(writing, Content(kind, writes), root=assignment, root_type=RootType.ASSIGNMENT, feed=feed)


def _allowed(session: Session, reading: SqlSession, row: AssignmentRow) -> None:
    """An enumerator's own task, wherever its household has moved to; for others one of their villages."""
    if session.role is not Role.ENUM or row.enumerator != session.account:
        _household_in_scope(session, reading, row.household)


def reassign(session: Session, assignment: str, enumerator: str, handover: str = "") -> None:
    """Gives the work to another enumerator: this household's interviews move into the other portfolio, so that the next one has
    the earlier waves beside the questions. What the first has entered stays and is taken in after the move too.

    Args:
        handover: what the first tells the next (换人须交接); stands with the appointment.
    Raises:
        NotWorkingThere: the other one does not work in the household's village.
    """
    session.require("改派任务", Role.TSUP, Role.CADM)
    values = {"enumerator": enumerator} | ({"visit_remark": handover.strip()} if handover.strip() else {})
    with session.database.transaction() as writing:
        row = writing.get(AssignmentRow, assignment)
        if row is not None:
            _check_worker(writing, enumerator, _household_in_scope(session, writing, row.household))
        _change_in(session, writing, assignment, Kind.ASSIGN, dict(values))
        if row is not None:
            _move_interviews(session, writing, row.household, enumerator)
        activity.note(writing, session.now(), session.account, "reassign", assignment, enumerator)


def reassign_all(
    session: Session, before: str, after: str, *, village: str = "", handover: str = ""
) -> tuple[str, ...]:
    """换人: everything one enumerator has still to do goes to another; returns the assignments.

    Args:
        village: 12 digits; "" for all of this person's scope.
    Raises:
        NotWorkingThere: the other one does not work in one of the villages; nothing moves.
    """
    session.require("改派任务", Role.TSUP, Role.CADM)
    with session.database.reading() as reading:
        rows = reading.exec(select(AssignmentRow).where(AssignmentRow.enumerator == before)).all()
        mine = []
        for row in rows:
            household = reading.get(HouseholdRow, row.household)
            allowed = household is not None and (
                session.role is Role.CADM or household.village_code in session.village_codes
            )
            open_still = not row.closed and as_assignment(reading, row).status in STILL_OPEN
            if allowed and open_still and household is not None and village in ("", household.village_code):
                _check_worker(reading, after, household)
                mine.append(row.root)
    for assignment in mine:
        reassign(session, assignment, after, handover)
    return tuple(mine)


def _check_worker(reading: SqlSession, account: str, household: HouseholdRow) -> None:
    row = reading.get(Staff, account)
    if row is None or row.role != Role.ENUM or household.village_code not in row.villages.split():
        raise NotWorkingThere("no enumerator there", account=account, village=household.village_name)


def _move_interviews(session: Session, writing: SqlSession, household: str, enumerator: str) -> None:
    village = _household_in_scope(session, writing, household).village_code
    body = {"village": village, "portfolio": enumerator}
    for root in list(writing.exec(select(InterviewRow.root).where(InterviewRow.household == household))):
        feed = session.changes.feed_of_root(writing, root, RootType.INTERVIEW)
        if feed != interview_feed(village, enumerator):
            session.changes.write(
                writing, Content(Kind.MOVE, body=body), root=root, root_type=RootType.INTERVIEW, feed=feed
            )


def plan_visit(session: Session, assignment: str, visit_at: datetime | None, remark: str = "") -> None:
    """约时间: the next visit to this household, with a word about it."""
    session.require("约时间", Role.ENUM, Role.ASST, Role.TSUP, Role.CADM)
    values = {"visit_at": visit_at.isoformat() if visit_at else None, "visit_remark": remark or None}
    _change(session, assignment, Kind.EDIT, values)


def assignments_of(session: Session, household: str) -> tuple[Assignment, ...]:
    """All assignments of a household, newest period first."""
    with session.database.reading() as reading:
        if not may_see(session, reading, household):
            return ()
        query = select(AssignmentRow).where(AssignmentRow.household == household)
        rows = list(reading.exec(query.order_by(col(AssignmentRow.period).desc())))
        return tuple(as_assignment(reading, row) for row in rows)


def find_assignment(session: Session, assignment: str) -> Assignment | None:
    """One assignment, None when it is not on this laptop."""
    with session.database.reading() as reading:
        row = reading.get(AssignmentRow, assignment)
        return as_assignment(reading, row) if row and may_see(session, reading, row.household) else None


def as_assignment(reading: SqlSession, row: AssignmentRow) -> Assignment:
    """An assignment with its interviews and how far the first of them is."""
    interviews = list(
        reading.exec(
            select(InterviewRow)
            .where(InterviewRow.assignment == row.root, InterviewRow.status != int(FormStatus.VOID))
            .order_by(col(InterviewRow.status).desc(), col(InterviewRow.root))
        )
    )
    pack = form_packs.newest(reading, row.form_id)
    return Assignment(
        assignment=row.root,
        household=row.household,
        form_id=row.form_id,
        form_title=pack.title if pack else row.form_id,
        period=row.period,
        enumerator=row.enumerator,
        due_on=row.due_on,
        visit_at=row.visit_at,
        interviews=tuple(one.root for one in interviews),
        status=interviews[0].status if interviews else int(FormStatus.ASSIGNED),
        closed=row.closed,
    )
