"""Who interviews which household with which form in which period, and when the next visit is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import NoSuchAssignment, NoSuchHousehold, NotAllowed
from fieldapp.services.session import Session
from fieldapp.store import activity, form_packs
from fieldapp.store.tables import AssignmentRow, HouseholdRow, InterviewRow
from sync.change import Content, Kind, RootType, Write
from sync.records import FormStatus
from sync.scope import Role, register_feed


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
    """
    session.require("分派任务", Role.TSUP, Role.CADM)
    made = []
    with session.database.transaction() as writing:
        for new in assignments:
            household = _household_in_scope(session, writing, new.household)
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
            made.append(root)
        activity.note(writing, session.now(), session.account, "assign", detail=str(len(made)))
    return tuple(made)


def _household_in_scope(session: Session, reading: SqlSession, root: str) -> HouseholdRow:
    household = reading.get(HouseholdRow, root)
    if household is None:
        raise NoSuchHousehold("household not here")
    if session.role is not Role.CADM and household.village_code not in session.village_codes:
        raise NotAllowed("outside the scope", role=session.role.zh, deed="分派别处的户")
    return household


def _change(session: Session, assignment: str, kind: Kind, values: dict[str, str | None]) -> None:
    with session.database.transaction() as writing:
        row = writing.get(AssignmentRow, assignment)
        if row is None:
            raise NoSuchAssignment("assignment not here")
        household = _household_in_scope(session, writing, row.household)
        shown = session.changes.view(writing, assignment)
        writes = tuple(Write((), name, value, shown.prev(name)) for name, value in values.items())
        session.changes.write(
            writing,
            Content(kind, writes),
            root=assignment,
            root_type=RootType.ASSIGNMENT,
            feed=register_feed(household.village_code),
        )


def reassign(session: Session, assignment: str, enumerator: str) -> None:
    """Gives the work to another enumerator; what the first has entered stays."""
    session.require("改派任务", Role.TSUP, Role.CADM)
    _change(session, assignment, Kind.ASSIGN, {"enumerator": enumerator})


def plan_visit(session: Session, assignment: str, visit_at: datetime | None, remark: str = "") -> None:
    """约时间: the next visit to this household, with a word about it."""
    session.require("约时间", Role.ENUM, Role.ASST, Role.TSUP, Role.CADM)
    values = {"visit_at": visit_at.isoformat() if visit_at else None, "visit_remark": remark or None}
    _change(session, assignment, Kind.EDIT, values)


def assignments_of(session: Session, household: str) -> tuple[Assignment, ...]:
    """All assignments of a household, newest period first."""
    with session.database.reading() as reading:
        query = select(AssignmentRow).where(AssignmentRow.household == household)
        rows = list(reading.exec(query.order_by(col(AssignmentRow.period).desc())))
        return tuple(_as_assignment(reading, row) for row in rows)


def find_assignment(session: Session, assignment: str) -> Assignment | None:
    """One assignment, None when it is not on this laptop."""
    with session.database.reading() as reading:
        row = reading.get(AssignmentRow, assignment)
        return None if row is None else _as_assignment(reading, row)


def _as_assignment(reading: SqlSession, row: AssignmentRow) -> Assignment:
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
    )
