"""Lists of households: by place and state, by what somebody types, and the enumerator's home."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import func
from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.printing import short_code as short_codes
from fieldapp.services import parameters, periods
from fieldapp.services.codes import code_label, status_label
from fieldapp.services.household_states import closed_words, state_words
from fieldapp.services.household_views import (
    EnumeratorHome,
    GroupCount,
    HouseholdList,
    HouseholdRow,
    InProgressLine,
    ReturnedLine,
    VisitPlan,
    WaveProgress,
)
from fieldapp.services.leasing import households_left
from fieldapp.services.session import CHINA, Session, Village
from fieldapp.store import drafts, facts, form_packs, households
from fieldapp.store.households import ListedHousehold
from fieldapp.store.pinyin import pinyin_of
from fieldapp.store.tables import (
    AssignmentRow,
    ChangeRow,
    InterviewPlace,
    InterviewRow,
    Staff,
    SyncLog,
    VillageRow,
)
from fieldapp.store.tables import HouseholdRow as HouseholdTable
from fieldapp.words import _
from forms.errors import FieldAppError
from forms.monitoring.living import TWICE
from sync.records import FormStatus
from sync.scope import Role

ASSIGNED, DRAFT, CHECKED = int(FormStatus.ASSIGNED), int(FormStatus.DRAFT), int(FormStatus.CHECKED)
APPROVED, LOCKED = int(FormStatus.APPROVED), int(FormStatus.LOCKED)
HANDED_IN = (int(FormStatus.SUBMITTED), int(FormStatus.IN_REVIEW))
RETURNED = (int(FormStatus.RETURNED_TOWNSHIP), int(FormStatus.RETURNED_COUNTY))
_ENUMERATORS = (Role.ENUM, Role.ASST)
_IDENTITY = (Role.ENUM, Role.ASST, Role.VSEC, Role.TSUP, Role.CADM, Role.CMON)
KNOWING = (*_IDENTITY, Role.CQC)
_CUSTODY = {"sealed": "unsent", "custody": "custody", "admitted": "admitted", "durable": "durable"}
_RETURN_DAYS = 3
_WHOLE_NUMBER = 16  # digits of an hh_id


class SeveralHouseholds(FieldAppError):
    """A number that two households have, or that one had before it was given another."""

    zh = "{number} 这个号有几户用过：{heads}。哪户都没有打开，请按户主姓名找。"


def list_households(
    session: Session,
    *,
    query: str = "",
    village: str = "",
    group: str = "",
    states: tuple[int, ...] = (),
    ended: bool | None = None,
    order: str = "hh_no",
    limit: int | None = None,
) -> HouseholdList:
    """Households of this person's scope.

    Args:
        query: name, pinyin initials or syllables, hh_no or hh_id, last four of an identity number, a phone number's end, group.
        village: 12-digit code, group: name; "" for all.
        states: form_status codes; () for all.
        ended: True only households that were merged, moved away or are empty, False none of these, None all (marked).
        order: ``hh_no``, ``next_visit``, ``status``, ``name``.
    """
    session.require("看农户名单", *KNOWING)
    wanted = query.strip().lower()
    with session.database.reading() as reading:
        total = _total(session, reading)
        found = listed_in_scope(session, reading, pieces=_patterns(wanted), village=village, group=group)
        if states:
            found = [one for one in found if one.status in states]
        if ended is not None:
            found = [one for one in found if one.ended is ended]
        matching = len(found)
        _sort(found, order, wanted)
        names, custody = staff_names(reading), custody_of(reading)
        rows = tuple(row_of(one, names, custody, wanted) for one in (found if limit is None else found[:limit]))
    return HouseholdList(rows, matching, total)


def _patterns(wanted: str) -> list[str]:
    """Latin letters and digits match the beginning of a piece (zd: 周德顺), Chinese anywhere in it."""
    return [households.like(word, start=word.isascii()) for word in wanted.split()]


def listed_in_scope(
    session: Session, reading: SqlSession, *, pieces: list[str], village: str = "", group: str = "", root: str = ""
) -> list[ListedHousehold]:
    """Households this person may see: the own ones of an enumerator, the own villages of others, all of the county's office;
    with the lease over (leasing.py) only those of own unsent work and own open tasks.

    Args:
        pieces: search patterns (``households.like``); each must fit.
        village, group, root: narrow it; "" for all. A village outside the scope gives nothing.
    """
    # An enumerator's own household stays the own one where it moves to, until somebody else is given it.
    everywhere = session.role in (Role.CADM, Role.ENUM)
    scope: list[str] | None = None if everywhere else list(session.village_codes)
    if village:
        scope = [village] if scope is None or village in scope else []
    left = households_left(session, reading)
    found = households.listed(
        reading,
        pieces=pieces,
        villages=scope,
        group=group,
        root=root,
        enumerator=session.account if session.role is Role.ENUM else "",
        period=current_period(session, reading),
    )
    return found if left is None else [one for one in found if one.root in left]


def _total(session: Session, reading: SqlSession) -> int:
    if session.role is Role.ENUM:
        mine = select(AssignmentRow.household).where(AssignmentRow.enumerator == session.account).distinct()
        return len(reading.exec(mine).all())
    query = select(func.count()).select_from(HouseholdTable)
    if session.role is not Role.CADM:
        query = query.where(col(HouseholdTable.village_code).in_(session.village_codes))
    return reading.exec(query).one()


def _sort(found: list[ListedHousehold], order: str, wanted: str) -> None:
    never = datetime.max.replace(tzinfo=UTC)
    if order == "next_visit":
        found.sort(key=lambda one: one.visit_at or never)
    elif order == "status":
        found.sort(key=lambda one: one.status)
    elif order == "name":
        found.sort(key=lambda one: one.head_pinyin)
    elif wanted:
        # The head's own name first, then households where a member fits.
        found.sort(key=lambda one: not (wanted in one.head_name or wanted in one.head_pinyin or wanted in one.hh_no))


def row_of(one: ListedHousehold, names: dict[str, str], custody: dict[str, str], wanted: str = "") -> HouseholdRow:
    """A listed household as screens show it.

    Args:
        names: account → name. custody: from :func:`custody_of`. wanted: what was searched, to mark in the name.
    """
    return HouseholdRow(
        household=one.root,
        hh_id=one.hh_id,
        hh_no=one.hh_no,
        head_name=one.head_name,
        village_code=one.village_code,
        village_name=one.village_name,
        group=one.grp,
        hh_type=one.hh_type,
        hh_type_label=code_label("hh_type", one.hh_type),
        assignment=one.assignment,
        form_id=one.form_id,
        period=one.period,
        interview=one.interview,
        status=one.status,
        status_label=closed_words(one.closed) or status_label(one.status, one.progress),
        progress=one.progress,
        next_visit_at=one.visit_at,
        hard=one.hard,
        soft=one.soft,
        conflicts=one.n_conflict + one.interview_conflicts,
        custody=custody.get(one.interview, "") or custody.get(one.root, ""),
        enumerator=one.enumerator,
        enumerator_name=names.get(one.enumerator, one.enumerator),
        name_matches=_name_matches(one.head_name, wanted),
        ended=one.ended,
        state_label=state_words(one.state, one.ended_to, one.sample_role),
        closed=bool(one.closed),
    )


def _name_matches(name: str, wanted: str) -> tuple[tuple[int, int], ...]:
    """Ranges of the name that a query hit: its characters, or as many from the beginning as initials were typed."""
    if not wanted:
        return ()
    at = name.find(wanted)
    if at >= 0:
        return ((at, at + len(wanted)),)
    initials, syllables = pinyin_of(name)
    if any(one.startswith(wanted) for one in initials):
        return ((0, len(wanted)),)
    return ((0, len(name)),) if any(one.startswith(wanted) for one in syllables) else ()


def staff_names(reading: SqlSession) -> dict[str, str]:
    """Account → name of everybody the county has announced."""
    return {row.account: row.name for row in reading.exec(select(Staff))}


def custody_of(reading: SqlSession) -> dict[str, str]:
    """How far the newest own work on each root has come: root → unsent, custody, admitted, durable."""
    rank = {"unsent": 0, "custody": 1, "admitted": 2, "durable": 3}
    found: dict[str, str] = {}
    query = select(ChangeRow.root, ChangeRow.state).where(ChangeRow.origin == "own").distinct()
    for root, state in reading.exec(query):
        word = _CUSTODY.get(state, "")
        if word and rank[word] <= rank.get(found.get(root, ""), 9):
            found[root] = word
    for root in drafts.open_roots(reading):
        found[root] = "unsent"
    return found


def current_period(session: Session, reading: SqlSession) -> str:
    """The quarter being surveyed: the one whose window is open, else by the calendar."""
    today = session.today().isoformat()
    for period, said in facts.read_facts(reading, "window").items():
        _, from_on, until_on = [*said.split("|"), "", ""][:3]
        if from_on <= today <= until_on:
            return period
    return periods.at(session.today())


def find_by_code(session: Session, code: str) -> str | None:
    """Root id of the household with this hh_id, hh_no (when only one has it) or printed short code, as it is or was before it was
    given another number; None if not here.

    Raises:
        SeveralHouseholds: two have, or had, this number: nobody is to open the wrong one.
    """
    session.require("找农户", *KNOWING)
    typed = code.strip()
    with session.database.reading() as reading:
        if typed.isdigit():
            roots = households.by_code(reading, "hh_id" if len(typed) == _WHOLE_NUMBER else "hh_no", typed)
        elif "|" in typed:
            roots = households.by_code(reading, "hh_id", short_codes.parse_qr(typed).hh_id)
        else:
            roots = households.by_code(reading, "short_code", short_codes.household_ending(typed))
        allowed = [one for root in roots for one in listed_in_scope(session, reading, pieces=[], root=root)]
    standing = [one for one in allowed if one.state != TWICE] or allowed
    if len(standing) > 1 and (len(typed) == _WHOLE_NUMBER or not typed.isdigit()):
        heads = "、".join(one.head_name for one in standing)
        raise SeveralHouseholds("two under one number", number=standing[0].hh_id, heads=heads)
    return standing[0].root if len(standing) == 1 else None


def groups(session: Session) -> tuple[GroupCount, ...]:
    """Villages and groups of the scope, in order."""
    session.require("看农户名单", *KNOWING)
    counts: dict[tuple[str, str, str], int] = {}
    with session.database.reading() as reading:
        for one in listed_in_scope(session, reading, pieces=[]):
            key = (one.village_code, one.village_name, one.grp)
            counts[key] = counts.get(key, 0) + 1
    return tuple(GroupCount(*key, n) for key, n in sorted(counts.items()))


def villages(session: Session) -> tuple[Village, ...]:
    """Villages of the scope."""
    if session.role is not Role.CADM:
        return session.villages
    with session.database.reading() as reading:
        rows = reading.exec(select(VillageRow).order_by(col(VillageRow.code)))
        return tuple(Village(row.code, row.name) for row in rows)


def home_summary(session: Session) -> EnumeratorHome:
    """The enumerator's home."""
    session.require("看自己的首页", *_ENUMERATORS)
    with session.database.reading() as reading:
        period = current_period(session, reading)
        listed = listed_in_scope(session, reading, pieces=[])
        names, custody = staff_names(reading), custody_of(reading)
        interviews = {row.root: row for row in reading.exec(select(InterviewRow))}
        places = {row.root: row for row in reading.exec(select(InterviewPlace))}
        remarks = {row.root: row.remark for row in reading.exec(select(AssignmentRow))}
        titles = {form_id: title for form_id, (_pack, title) in form_packs.all_newest(reading).items()}
        window = facts.read_facts(reading, "window").get(period, "")
        last = last_report(reading)
    today = session.today()
    visits, back, going = [], [], []
    for one in listed:
        row = row_of(one, names, custody)
        place = places.get(one.interview)
        if (
            one.visit_at is not None
            and one.visit_at.astimezone(CHINA).date() == today
            and one.status <= DRAFT
            and row.to_visit
        ):
            remark = remarks.get(one.assignment, "") or (
                _("停在 {number}").format(number=place.number) if place and place.number else ""
            )
            visits.append(VisitPlan(row, one.visit_at, remark, False))
        interview = interviews.get(one.interview)
        if one.status in RETURNED and interview is not None and interview.returned_at is not None:
            late = (today - interview.returned_at.astimezone(CHINA).date()).days
            by = names.get(interview.returned_by, interview.returned_by)
            title = titles.get(one.form_id, one.form_id)
            days_left = _RETURN_DAYS - late
            back.append(ReturnedLine(row, title, interview.returned_words, by, interview.returned_at, days_left))
        if one.status in (DRAFT, CHECKED) and not row.closed:
            going.append(InProgressLine(row, place.left_at if place else None, place.number if place else ""))
    return EnumeratorHome(
        today=tuple(sorted(visits, key=lambda one: one.visit_at)),
        returned=tuple(sorted(back, key=lambda one: one.days_left)),
        in_progress=tuple(going),
        progress=_wave(period, listed, window),
        ready_unsent=sum(
            1 for one in listed if one.status in HANDED_IN and custody.get(one.interview, "") in ("unsent",)
        ),
        last_exchange_at=last[0] if last else None,
        last_exchange_sentence=last[1] if last else "",
        reminders=parameters.reminders(session, period),
    )


def _wave(period: str, every: list[ListedHousehold], window: str) -> WaveProgress:
    # A household that ended is due no more, unless an interview of it was begun that waits to be decided on.
    listed = [one for one in every if not one.closed and (not one.ended or one.status > ASSIGNED)]
    until = [*window.split("|"), "", ""][2]
    default = periods.window(period)
    return WaveProgress(
        period=period,
        period_title=periods.title(period),
        assigned=len(listed),
        done=sum(1 for one in listed if one.status in HANDED_IN or one.status == APPROVED or one.status >= LOCKED),
        in_progress=sum(1 for one in listed if one.status in (DRAFT, CHECKED)),
        returned=sum(1 for one in listed if one.status in RETURNED),
        not_visited=sum(1 for one in listed if one.status <= ASSIGNED),
        window_until=date.fromisoformat(until) if until else (default[1] if default else None),
    )


def last_report(reading: SqlSession) -> tuple[datetime, str] | None:
    """When the last exchange came to an end, and its sentence."""
    row = reading.exec(select(SyncLog).where(SyncLog.report != "").order_by(col(SyncLog.n).desc()).limit(1)).first()
    return None if row is None else (row.at, row.sentence)
