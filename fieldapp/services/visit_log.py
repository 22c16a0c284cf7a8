"""The visit log of an interview and what it says: visits made, the final result, what the next visit should be, progress.

The log is the roster of visits in the interview itself (annual 013–019, quarterly Q007–Q012); who went along stands beside each row
under ``~company``, since the questionnaire does not ask it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.services import parameters
from fieldapp.services.listing import current_period
from fieldapp.services.session import CHINA, Session
from fieldapp.store import drafts, facts
from fieldapp.store.households import ENDED
from fieldapp.store.tables import AssignmentRow, HouseholdRow, InterviewRow, VillageRow
from fieldapp.words import _
from forms.monitoring.visits import (
    Company,
    NextContact,
    Progress,
    Visit,
    entry_window,
    first_visits_spread,
    next_contact,
    progress_of,
)
from sync.change import RowPath
from sync.records import FormStatus, RootView
from sync.scope import Role

COMPANY = "~company"
_OUTCOMES = ("cov_outcome", "q_outcome")
_SOON = timedelta(days=3)  # before the window closes nobody waits for an appointment
_READERS = (Role.ENUM, Role.ASST, Role.TSUP, Role.CADM)
Values = dict[tuple[RowPath, str], str]


@dataclass(frozen=True, slots=True)
class Advice:
    """What the visits of a household ask for next.

    Args:
        visits: made in person, oldest first. next: None when the household is done with for the period.
        sentences: the same in words, for a line under the household.
        spread: the first three visits were spread over days and hours as 9.8 asks.
    """

    visits: tuple[Visit, ...]
    next: NextContact | None
    sentences: tuple[str, ...]
    spread: bool


@dataclass(frozen=True, slots=True)
class DueToday:
    """A household that has to be visited today. ``why``: agreed, late, closing or new."""

    assignment: str
    household: str
    hh_no: str
    head_name: str
    village_name: str
    why: str
    visit_at: datetime | None
    advice: Advice


@dataclass(frozen=True, slots=True)
class TownshipProgress:
    """A line of T01 (monitoring.md 11.3)."""

    township: str
    name: str
    progress: Progress


def log_of(session: Session, reading: SqlSession, interview: str) -> tuple[Visit, ...]:
    """The visits of an interview, oldest first, unsealed ones too."""
    values = _values(session, reading, interview)
    found = []
    for rows, field in values:
        stem, ending = field[: -len("visit_date")], "visit_date"
        if not rows or not field.endswith(ending):
            continue
        outcome = values.get((rows, f"{stem}visit_outcome"), "")
        at = _moment(values[rows, field], values.get((rows, f"{stem}visit_start"), ""))
        if at is None or not outcome:
            continue
        company = values.get((rows, COMPANY), "")
        found.append(
            Visit(
                at=at,
                mode=values.get((rows, f"{stem}visit_mode"), "1"),
                outcome=outcome,
                company=Company(company) if company in set(Company) else Company.NOBODY,
                next_on=_day(values.get((rows, f"{stem}visit_next"), "")),
            )
        )
    return tuple(sorted(found, key=lambda one: one.at))


def _values(session: Session, reading: SqlSession, interview: str) -> Values:
    shown = session.changes.view(reading, interview)
    values = {key: _text(cell.value) for key, cell in shown.cells.items()}
    here = {row.row for rows in shown.rows.values() for row in rows}
    for op in drafts.ops_of(reading, interview):
        if op.op == "set":
            values[op.rows, op.path] = op.value
        elif op.op == "add":
            here.add(op.rows)
        elif op.op == "remove":
            here.discard(op.rows)
    return {(rows, field): value for (rows, field), value in values.items() if not rows or rows in here}


def _text(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    return "" if value is None else str(value)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day}T{clock[:5] or '00:00'}").replace(tzinfo=CHINA)
    except ValueError:
        return None


def final_outcome(session: Session, reading: SqlSession, assignment: str) -> str:
    """The final result that the interview of an assignment states (annual 020, quarterly Q013), else the one that the office gave it
    when the household had ended; "" while there is none."""
    for row in _interviews(reading, assignment):
        values = _values(session, reading, row.root)
        for (rows, field), value in values.items():
            if not rows and field.rsplit("/", 1)[-1] in _OUTCOMES and value:
                return value
    task = reading.get(AssignmentRow, assignment)
    return task.closed if task is not None else ""


def _interviews(reading: SqlSession, assignment: str) -> list[InterviewRow]:
    query = select(InterviewRow).where(
        InterviewRow.assignment == assignment, InterviewRow.status != int(FormStatus.VOID)
    )
    return list(reading.exec(query.order_by(col(InterviewRow.status).desc(), col(InterviewRow.root))))


def advice(session: Session, assignment: str) -> Advice:
    """What 9.8 asks of the next visit to this household: with whom, when, how many are left."""
    session.require("看到访记录", *_READERS)
    with session.database.reading() as reading:
        row = reading.get(AssignmentRow, assignment)
        return _advice(session, reading, assignment, _until(session, reading, row.period) if row else None)


def _advice(session: Session, reading: SqlSession, assignment: str, until: date | None) -> Advice:
    log = tuple(
        sorted(
            (one for row in _interviews(reading, assignment) for one in log_of(session, reading, row.root)),
            key=lambda one: one.at,
        )
    )
    done = bool(final_outcome(session, reading, assignment))
    contact = None if done else next_contact(log, until)
    seen = tuple(one for one in log if one.in_person)
    spread = first_visits_spread(log)
    return Advice(seen, contact, _words(seen, contact, spread), spread)


def _until(session: Session, reading: SqlSession, period: str) -> date | None:
    """The last day of the entry window: as published for the period, else by the county's parameters."""
    said = facts.read_facts(reading, "window").get(period, "")
    named = _day([*said.split("|"), "", ""][2])
    if named is not None:
        return named
    usual = entry_window(period, parameters.values_for(session, reading, period))
    return usual[1] if usual else None


def _words(seen: tuple[Visit, ...], contact: NextContact | None, spread: bool) -> tuple[str, ...]:
    if contact is None:
        return ()
    said = [_("本期到访 {n} 次，还可以去 {left} 次").format(n=len(seen), left=contact.visits_left)]
    if contact.who is Company.ASSISTANT:
        said.append(_("下次请辅助调查员或村组长陪同"))
    elif contact.who is Company.SUPERVISOR:
        said.append(_("下次由乡镇审核员去"))
    if contact.other_day:
        said.append(_("换一天再去"))
    if contact.good_time:
        said.append(_("傍晚或周末去"))
    if contact.may_close:
        said.append(_("可以定为 330"))
    if not spread:
        said.append(_("前三次没有跨两天、含傍晚或周末"))
    return tuple(said)


def due_today(session: Session) -> tuple[DueToday, ...]:
    """Who still must be visited today: agreed for today, agreed for a day gone by, or not settled while the window closes."""
    session.require("看今天要访的户", Role.ENUM, Role.ASST)
    today = session.today()
    found = []
    with session.database.reading() as reading:
        quarter = current_period(session, reading)
        closing = {period: _until(session, reading, period) for period in (quarter, quarter[:4])}
        for row, household in _assignments(session, reading, tuple(closing)):
            gone = household.state in ENDED or row.closed
            if gone or _handed_in(reading, row.root) or final_outcome(session, reading, row.root):
                continue
            until = closing[row.period]
            told = _advice(session, reading, row.root, until)
            why = _why(row, told, today, until)
            if why:
                name, number, place = household.head_name, household.hh_no, household.village_name
                found.append(DueToday(row.root, row.household, number, name, place, why, row.visit_at, told))
    order = {"agreed": 0, "late": 1, "closing": 2, "new": 3}
    return tuple(sorted(found, key=lambda one: (order[one.why], one.visit_at is None, one.visit_at, one.hh_no)))


def _handed_in(reading: SqlSession, assignment: str) -> bool:
    return any(row.status >= int(FormStatus.SUBMITTED) for row in _interviews(reading, assignment))


def _why(row: AssignmentRow, told: Advice, today: date, until: date | None) -> str:
    agreed = row.visit_at.astimezone(CHINA).date() if row.visit_at else None
    agreed = max([day for day in (agreed, told.next.on if told.next else None) if day is not None], default=None)
    if told.next is None or told.next.visits_left == 0:
        return ""
    if agreed == today:
        return "agreed"
    if agreed is not None and agreed < today and not any(one.at.date() >= agreed for one in told.visits):
        return "late"
    if until is not None and until - _SOON <= today <= until:
        return "closing"
    return ""


def _assignments(
    session: Session, reading: SqlSession, wanted: Iterable[str]
) -> list[tuple[AssignmentRow, HouseholdRow]]:
    query = select(AssignmentRow, HouseholdRow).where(
        AssignmentRow.household == HouseholdRow.root, col(AssignmentRow.period).in_(list(wanted))
    )
    if session.role is Role.ENUM:
        query = query.where(AssignmentRow.enumerator == session.account)
    elif session.role is not Role.CADM:
        query = query.where(col(HouseholdRow.village_code).in_(session.village_codes))
    return list(reading.exec(query.order_by(col(HouseholdRow.hh_id))).all())


def progress(session: Session, period: str, form_id: str) -> tuple[TownshipProgress, ...]:
    """T01 样本完成情况: by township and, as the last line, together."""
    session.require("看样本完成情况", Role.ENUM, Role.TSUP, Role.CADM)
    outcomes: dict[str, list[str]] = defaultdict(list)
    replaced: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    with session.database.reading() as reading:
        villages = {row.code: row for row in reading.exec(select(VillageRow))}
        for row, household in _assignments(session, reading, (period,)):
            if row.form_id != form_id:
                continue
            township = household.village_code[:9]
            village = villages.get(household.village_code)
            names[township] = village.township if village and village.township else township
            if _was_replaced(session.changes.view(reading, row.root)):
                replaced[township] += 1
            else:
                outcomes[township].append(final_outcome(session, reading, row.root))
    lines = [TownshipProgress(code, names[code], progress_of(outcomes[code], replaced[code])) for code in sorted(names)]
    every = [outcome for one in outcomes.values() for outcome in one]
    return (*lines, TownshipProgress("", _("合计"), progress_of(every, sum(replaced.values()))))


def progress_now(session: Session, form_id: str, *, yearly: bool = False) -> tuple[str, tuple[TownshipProgress, ...]]:
    """The same for the quarter being surveyed, or its year: the period and its lines."""
    with session.database.reading() as reading:
        quarter = current_period(session, reading)
    period = quarter[:4] if yearly else quarter
    return period, progress(session, period, form_id)


def _was_replaced(assignment: RootView) -> bool:
    decision = assignment.value("replace_decision")
    return isinstance(decision, dict) and decision.get("state") == "approved"
