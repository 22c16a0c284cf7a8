"""替换 (monitoring.md 9.5): asked for by enumerator or supervisor with reason and evidence, decided by the county, traces kept.

A request is two fields of the assignment, ``replace`` and ``replace_decision``, written as notes. What came of it stands in the draw's
record. Nobody names the household that comes: it is the next reserve, and only the county's machine knows which one that is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import NoSuchAssignment, NoSuchHousehold, NotAllowed
from fieldapp.services import draw_records, periods
from fieldapp.services.assigning import NewAssignment, assign_in, assignments_of
from fieldapp.services.drawing_sample import mark_household, roots_by_number, write_draw
from fieldapp.services.leasing import require_contact
from fieldapp.services.listing import current_period, find_by_code
from fieldapp.services.session import Session
from fieldapp.services.visit_log import final_outcome
from fieldapp.store import activity
from fieldapp.store.households import ENDED
from fieldapp.store.tables import AssignmentRow, ChangeRow, HouseholdRow, Staff
from forms.errors import FieldAppError
from forms.monitoring.replacement import (
    Limit,
    ReplacementRefused,
    Request,
    Ruling,
    YearlyRate,
    check_approval,
    check_request,
    next_reserve,
    still_surveyed,
)
from forms.monitoring.sample import Stratum
from sync.change import Content, Kind, RootType, Write
from sync.records import RootView
from sync.scope import Role, register_feed

ASKED, APPROVED, REFUSED = "asked", "approved", "refused"
_GONE_STATES = ENDED
_MOVED_OUT = "420"


class NotOfTheSample(FieldAppError):
    """The household does not belong to a sample that was drawn here."""

    zh = "这户不在县里抽的样本里，谈不上替换。样本没有动。"


class AlreadyDecided(FieldAppError):
    """The county has answered this request."""

    zh = "这份替换申请已经办过了。样本没有再动。"


class NothingAsked(FieldAppError):
    """Nobody asked for a replacement of this household in this period."""

    zh = "这户本期没有替换申请。样本没有动，请先由调查员或乡镇提出申请。"


@dataclass(frozen=True, slots=True)
class ReplacementRequest:
    """A request as lists show it.

    Args:
        state: asked, approved or refused. words: of who asked; decision_words: of the county.
        replaced_by: hh_id of the household that came, "" while there is none.
    """

    assignment: str
    household: str
    hh_id: str
    head_name: str
    village_name: str
    form_id: str
    period: str
    outcome: str
    evidence: str
    words: str
    asked_by: str
    asked_by_name: str
    asked_on: date | None
    state: str
    decision_words: str
    replaced_by: str


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval did.

    Args:
        hh_id: the household that comes in. assignment: its new assignment, "" when nobody works in its village.
        rate: of the year, with this one. skipped: reserves passed over because they are no longer there.
    """

    hh_id: str
    household: str
    assignment: str
    enumerator: str
    rate: YearlyRate
    limit: Limit
    skipped: tuple[str, ...]


def ask(session: Session, assignment: str, outcome: str, evidence: str, words: str = "") -> Ruling:
    """申请替换: for a household whose visits came to a result that allows it.

    Args:
        outcome: code of interview_outcome; the final result that the visits show, which "" stands for.
        evidence: what proves it (document, who confirmed it).
    Raises:
        ReplacementRefused: the rules allow none, or the evidence is missing. NotAllowed: another's household.
        AlreadyDecided: asked for and answered this period.
    """
    session.require("申请替换", Role.ENUM, Role.TSUP, Role.CADM)
    with session.database.transaction() as writing:
        row = _assignment(session, writing, assignment)
        shown = session.changes.view(writing, assignment)
        if isinstance(shown.value("replace_decision"), dict):
            raise AlreadyDecided("decided")
        recorded = final_outcome(session, writing, assignment)
        hh_id = _hh_id(writing, row.household)
        request = Request(hh_id, outcome or recorded, row.period, evidence.strip(), words.strip())
        found = check_request(request, recorded, _earlier(session, writing, row))
        fields = {
            "outcome": request.outcome,
            "evidence": request.evidence,
            "words": request.words,
            "by": session.account,
            "on": session.today().isoformat(),
        }
        _note(session, writing, row, shown, {"replace": fields})
        activity.note(writing, session.now(), session.account, "ask replacement", assignment)
    return found


def find(session: Session, household: str, period: str = "") -> str:
    """The assignment of a household given by hh_id or number, in the period being surveyed or another one.

    Raises:
        NoSuchHousehold, NoSuchAssignment.
    """
    root = find_by_code(session, household)
    if root is None:
        raise NoSuchHousehold("no household under this code")
    with session.database.reading() as reading:
        now = current_period(session, reading)
    wanted = (period,) if period else (now, now[:4])
    for one in assignments_of(session, root):
        if one.period in wanted:
            return one.assignment
    raise NoSuchAssignment("no assignment in this period")


def requests(session: Session, state: str = "") -> tuple[ReplacementRequest, ...]:
    """Requests of this person's scope, oldest first; an enumerator sees the own ones.

    Args:
        state: asked, approved or refused; "" for all.
    """
    session.require("看替换申请", Role.ENUM, Role.TSUP, Role.CADM)
    require_contact(session, "看替换申请")
    with session.database.reading() as reading:
        noted = select(ChangeRow.root).where(ChangeRow.root_type == RootType.ASSIGNMENT, ChangeRow.kind == Kind.NOTE)
        found = []
        for root in dict.fromkeys(reading.exec(noted.order_by(col(ChangeRow.hlc)))):
            row = reading.get(AssignmentRow, root)
            one = None if row is None or not _within(session, reading, row) else _request(session, reading, row)
            if one is not None and state in ("", one.state):
                found.append(one)
    return tuple(found)


def approve(session: Session, assignment: str, explanation: str = "") -> Approved:
    """批准替换 at the county: the next reserve comes in from this period on, with the place and weight of the one that goes.

    Args:
        explanation: needed above 15 % of the year, and for 470.
    Raises:
        NothingAsked, AlreadyDecided, NotOfTheSample, ReplacementRefused, NoReserveLeft: nothing has changed.
    """
    session.require("批准替换", Role.CADM)
    with session.database.transaction() as writing:
        row = _assignment(session, writing, assignment)
        shown = session.changes.view(writing, assignment)
        asked = _open_request(shown)
        old = session.changes.view(writing, row.household)
        stored = draw_records.find_draw(writing, _text(old, "sample_draw")) if _text(old, "sample_draw") else None
        standing = {one.hh_id: one for one in stored.standing()} if stored else {}
        hh_id = _text(old, "hh_id")
        if stored is None or hh_id not in standing:
            raise NotOfTheSample("household not in a draw")
        place = standing[hh_id]
        request = Request(hh_id, str(asked["outcome"]), row.period, str(asked["evidence"]))
        ruling = check_request(request, final_outcome(session, writing, assignment), _earlier(session, writing, row))
        _refuse_while_still_here(session, request, old, place.village, {one.code for one in stored.draw.points})
        year = row.period[:4]
        rate = YearlyRate(1 + sum(1 for one in stored.replaced if one.period[:4] == year), len(standing))
        limit = check_approval(ruling, rate, explanation)
        roots = roots_by_number(writing)
        gone, skipped = _used(session, writing, stored, standing, roots)
        reserve = next_reserve(stored.draw.reserves, gone, place.village, place.stratum, stored.draw.seed)
        record = {
            "new": reserve.hh_id,
            "outcome": request.outcome,
            "period": row.period,
            "evidence": request.evidence,
            "asked_by": str(asked["by"]),
            "approved_by": session.account,
            "words": explanation.strip(),
            "decided_on": session.today().isoformat(),
        }
        write_draw(session, writing, stored.root, {f"replaced:{hh_id}": record})
        mark_household(session, writing, old, {"sample_until": row.period})
        _bring_in(session, writing, roots[reserve.hh_id], old, place.point, place.stratum, row.period)
        enumerator = _enumerator(writing, row.enumerator, reserve.village)
        made = ""
        if enumerator:
            new = NewAssignment(roots[reserve.hh_id], row.form_id, row.period, enumerator, row.due_on)
            made = assign_in(session, writing, new)
        decision = {
            "state": APPROVED, "by": session.account, "on": record["decided_on"], "words": explanation.strip(),
            "new": reserve.hh_id,
        }  # fmt: skip
        _note(session, writing, row, shown, {"replace_decision": decision})
        activity.note(writing, session.now(), session.account, "replace", hh_id, f"{reserve.hh_id} {request.outcome}")
    here = tuple(one for one in skipped if one[:12] == place.village)
    return Approved(reserve.hh_id, roots[reserve.hh_id], made, enumerator, rate, limit, here)


def refuse(session: Session, assignment: str, words: str) -> None:
    """不批准: the household stays in the sample; the words go back to who asked.

    Raises:
        NothingAsked, AlreadyDecided.
    """
    session.require("批准替换", Role.CADM)
    with session.database.transaction() as writing:
        row = _assignment(session, writing, assignment)
        shown = session.changes.view(writing, assignment)
        _open_request(shown)
        decision = {
            "state": REFUSED, "by": session.account, "on": session.today().isoformat(), "words": words.strip(),
        }  # fmt: skip
        _note(session, writing, row, shown, {"replace_decision": decision})
        activity.note(writing, session.now(), session.account, "refuse replacement", assignment)


def _refuse_while_still_here(
    session: Session, request: Request, shown: RootView, drawn_in: str, points: Collection[str]
) -> None:
    """420 is no reason for a household that the register knows in another sample village of the county (monitoring.md 9.6)."""
    lives_in = _text(shown, "cov_village_code")
    if request.outcome == _MOVED_OUT and lives_in != drawn_in and still_surveyed(lives_in, points, session.county):
        raise ReplacementRefused("moved within the county", reason="这户迁到了本县另一个样本村，继续调查")


def _assignment(session: Session, reading: SqlSession, assignment: str) -> AssignmentRow:
    row = reading.get(AssignmentRow, assignment)
    if row is None:
        raise NoSuchAssignment("assignment not here")
    if not _within(session, reading, row):
        raise NotAllowed("outside the scope", role=session.role.zh, deed="替换别处的户")
    return row


def _within(session: Session, reading: SqlSession, row: AssignmentRow) -> bool:
    if session.role is Role.ENUM:
        return row.enumerator == session.account
    household = reading.get(HouseholdRow, row.household)
    return session.role is Role.CADM or (household is not None and household.village_code in session.village_codes)


def _hh_id(reading: SqlSession, household: str) -> str:
    row = reading.get(HouseholdRow, household)
    return row.hh_id if row else ""


def _text(shown: RootView, field: str) -> str:
    return str(shown.value(field) or "")


def _open_request(shown: RootView) -> Mapping[str, Any]:
    asked = shown.value("replace")
    if not isinstance(asked, dict):
        raise NothingAsked("no request")
    if isinstance(shown.value("replace_decision"), dict):
        raise AlreadyDecided("decided")
    return asked


def _earlier(session: Session, reading: SqlSession, row: AssignmentRow) -> tuple[str, ...]:
    """Final outcome of the period just before, of the same questionnaire; "" when it was not surveyed then."""
    query = select(AssignmentRow.root).where(
        AssignmentRow.household == row.household,
        AssignmentRow.form_id == row.form_id,
        AssignmentRow.period == periods.before(row.period),
    )
    before = reading.exec(query).first()
    return (final_outcome(session, reading, before) if before else "",)


def _request(session: Session, reading: SqlSession, row: AssignmentRow) -> ReplacementRequest | None:
    shown = session.changes.view(reading, row.root)
    asked = shown.value("replace")
    if not isinstance(asked, dict):
        return None
    decision = shown.value("replace_decision")
    decided: Mapping[str, Any] = decision if isinstance(decision, dict) else {}
    household = reading.get(HouseholdRow, row.household)
    asker = reading.get(Staff, str(asked.get("by", "")))
    try:
        asked_on = date.fromisoformat(str(asked.get("on", "")))
    except ValueError:
        asked_on = None
    return ReplacementRequest(
        assignment=row.root,
        household=row.household,
        hh_id=household.hh_id if household else "",
        head_name=household.head_name if household else "",
        village_name=household.village_name if household else "",
        form_id=row.form_id,
        period=row.period,
        outcome=str(asked.get("outcome", "")),
        evidence=str(asked.get("evidence", "")),
        words=str(asked.get("words", "")),
        asked_by=str(asked.get("by", "")),
        asked_by_name=asker.name if asker else str(asked.get("by", "")),
        asked_on=asked_on,
        state=str(decided.get("state", ASKED)),
        decision_words=str(decided.get("words", "")),
        replaced_by=str(decided.get("new", "")),
    )


def _note(
    session: Session, writing: SqlSession, row: AssignmentRow, shown: RootView, fields: Mapping[str, Mapping[str, Any]]
) -> None:
    household = writing.get(HouseholdRow, row.household)
    village = household.village_code if household else ""
    writes = tuple(Write((), name, dict(value), shown.prev(name)) for name, value in fields.items())
    session.changes.write(
        writing,
        Content(Kind.NOTE, writes),
        root=row.root,
        root_type=RootType.ASSIGNMENT,
        feed=register_feed(village),
    )


def _used(
    session: Session,
    reading: SqlSession,
    stored: draw_records.StoredDraw,
    standing: Mapping[str, object],
    roots: Mapping[str, str],
) -> tuple[set[str], tuple[str, ...]]:
    """Reserves that cannot come: used before, or gone from the frame since. The second part is the latter alone."""
    used = {one.new for one in stored.replaced} | set(standing)
    skipped = []
    for one in stored.draw.reserves:
        if one.hh_id in used:
            continue
        shown = session.changes.view(reading, roots[one.hh_id]) if one.hh_id in roots else None
        if shown is None or _text(shown, "hh_state") in _GONE_STATES or _text(shown, "frame_out"):
            skipped.append(one.hh_id)
    return used | set(skipped), tuple(skipped)


def _bring_in(
    session: Session, writing: SqlSession, root: str, old: RootView, point: str, stratum: Stratum, period: str
) -> None:
    shown = session.changes.view(writing, root)
    fields = {
        "cov_stratum": str(stratum),
        "cov_sample_role": "2",
        "hh_type_frame": _text(shown, "hh_type_now") or _text(shown, "hh_type_frame"),
        "sample_since": period,
        "sample_until": None,
        "sample_weight": old.value("sample_weight"),
        "sample_draw": old.value("sample_draw"),
        "sample_point": point,
        "cov_replaced_hh": old.value("hh_id"),
    }
    mark_household(session, writing, shown, fields)


def _enumerator(reading: SqlSession, before: str, village: str) -> str:
    """Who interviews the newcomer: the one who had the household that goes, else somebody of the village."""
    workers = [
        row.account
        for row in reading.exec(select(Staff).where(Staff.role == Role.ENUM).order_by(Staff.account))
        if village in row.villages.split()
    ]
    return before if before in workers else next(iter(workers), "")
