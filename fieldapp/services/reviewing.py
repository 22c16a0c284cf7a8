"""The supervisor's desk: handed-in interviews, odd ones first; lines beside last quarter; return with reasons, or approve.

A supervisor never edits an answer: nothing here writes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import (
    ChangedMeanwhile,
    InConflict,
    NoSuchInterview,
    NotAllowed,
    NotWaiting,
    ReasonMissing,
    ReturnLimit,
)
from fieldapp.services import parameters, unsettled
from fieldapp.services.codes import code_list, status_label
from fieldapp.services.fillings import field_of
from fieldapp.services.leasing import may_see, require_contact
from fieldapp.services.listing import staff_names
from fieldapp.services.review_sheet import sheet_of
from fieldapp.services.review_views import (
    Comment,
    DeskToday,
    ReturnedRow,
    ReturnReason,
    Sheet,
    SheetLine,
    StateStep,
    WaitingRow,
)
from fieldapp.services.session import CHINA, Session
from fieldapp.store import activity, form_packs
from fieldapp.store.projections import at_of
from fieldapp.store.tables import HouseholdRow, InterviewRow
from fieldapp.words import _
from forms.engine import Cell
from sync.change import Content, Kind, RootType
from sync.records import FormStatus, Level, Reason, RootView, note, review_step
from sync.scope import Role

__all__ = [
    "Comment",
    "DeskToday",
    "ReturnReason",
    "ReturnedRow",
    "Sheet",
    "SheetLine",
    "StateStep",
    "WaitingRow",
    "accept",
    "approve",
    "clear",
    "comment",
    "desk_today",
    "open_sheet",
    "read_sheet",
    "reasons",
    "returned",
    "send_back",
    "state_history",
    "waiting",
]

_REVIEWERS = (Role.TSUP, Role.CADM)
_WAITING = (int(FormStatus.SUBMITTED), int(FormStatus.IN_REVIEW))
_PASSED = (int(FormStatus.APPROVED), int(FormStatus.LOCKED))  # only the county sends these back (quarterly.md 12)
_RETURNED = (int(FormStatus.RETURNED_TOWNSHIP), int(FormStatus.RETURNED_COUNTY))
_MOST_RETURNS = 3
_SHORTEST = {"annual": timedelta(minutes=40), "quarterly": timedelta(minutes=20)}


def waiting(session: Session) -> tuple[WaitingRow, ...]:
    """Handed-in interviews of the scope, odd ones first (supervisor, county)."""
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    with session.database.reading() as reading:
        rows = [_waiting_row(reading, *pair) for pair in _in_scope(session, reading, _WAITING)]
    return tuple(sorted(rows, key=lambda row: (-row.score, row.handed_in_at)))


def _in_scope(
    session: Session, reading: SqlSession, states: tuple[int, ...]
) -> list[tuple[InterviewRow, HouseholdRow]]:
    query = select(InterviewRow, HouseholdRow).where(
        InterviewRow.household == HouseholdRow.root, col(InterviewRow.status).in_(states)
    )
    if session.role is not Role.CADM:
        query = query.where(col(HouseholdRow.village_code).in_(session.village_codes))
    return [(interview, household) for interview, household in reading.exec(query)]


def _waiting_row(reading: SqlSession, row: InterviewRow, household: HouseholdRow) -> WaitingRow:
    pack = form_packs.find(reading, row.form_hash)
    conflicts = row.n_conflict + household.n_conflict
    short = 0 < row.duration_s < _SHORTEST.get(row.form_id, timedelta()).total_seconds()
    words, tone = [], ""
    if conflicts:
        words, tone = [_("有冲突，先定")], "conflict"
    elif row.version > 1:
        words, tone = [_("改了 {n} 处").format(n=row.changed)], "accent"
    else:
        if row.soft_noted:
            words, tone = [_("核 {n}").format(n=row.soft_noted)], "soft"
        if short:
            words, tone = [*words, _("用时短")], "soft"
        if not words:
            words, tone = [_("没有疑问")], "ok"
    names = staff_names(reading)
    return WaitingRow(
        interview=row.root,
        household=row.household,
        hh_no=household.hh_no,
        head_name=household.head_name,
        village_name=household.village_name,
        group=household.grp,
        form_id=row.form_id,
        form_title=pack.title if pack else row.form_id,
        period=row.period,
        enumerator=row.enumerator,
        enumerator_name=names.get(row.enumerator, row.enumerator),
        version=row.version,
        status=row.status,
        handed_in_at=row.handed_in_at or at_of(0),
        duration_min=round(row.duration_s / 60),
        soft=row.soft_noted,
        changed=row.changed,
        conflicts=conflicts,
        oddity=" ".join(words),
        tone=tone,
        score=conflicts * 100 + (row.version > 1) * 50 + row.soft_noted * 3 + short * 10,
    )


def returned(session: Session) -> tuple[ReturnedRow, ...]:
    """Returned and not yet handed in again, oldest first."""
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    today = session.today()
    with session.database.reading() as reading:
        names = staff_names(reading)
        rows = [
            ReturnedRow(
                interview=row.root,
                head_name=household.head_name,
                village_name=household.village_name,
                group=household.grp,
                enumerator_name=names.get(row.enumerator, row.enumerator),
                returned_at=row.returned_at,
                days=(today - row.returned_at.astimezone(CHINA).date()).days,
                times=row.returns,
                words=row.returned_words,
            )
            for row, household in _in_scope(session, reading, _RETURNED)
            if row.returned_at is not None
        ]
    return tuple(sorted(rows, key=lambda row: row.returned_at))


def desk_today(session: Session) -> DeskToday:
    """Counts for the foot of the waiting list."""
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    today = session.today()
    every = tuple(int(status) for status in FormStatus)
    done = back = wait = 0
    with session.database.reading() as reading:
        for row, _ in _in_scope(session, reading, every):
            wait += row.status in _WAITING
            back += row.returned_at is not None and row.returned_at.astimezone(CHINA).date() == today
            done += row.decided_at is not None and row.decided_at.astimezone(CHINA).date() == today
    owed = parameters.reminders(session)
    undecided = {one.household for one in unsettled.open_tasks(session)}
    if undecided:
        words = _("{n} 户并走、迁走或分了户，任务要您定：农户页按 F2，再按 Alt+W")
        owed = (*owed, words.format(n=len(undecided)))
    return DeskToday(waiting=wait, reviewed=done + back, returned=back, approved=done, reminders=owed)


def open_sheet(session: Session, interview: str) -> Sheet:
    """The review sheet; an interview handed in becomes 审核中 (55) by being opened by a reviewer.

    Raises:
        NotAllowed: this role does not review, or the person filled it in himself.
    """
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    with session.database.transaction() as writing:
        row, _ = _one(session, writing, interview)
        if row.status == int(FormStatus.SUBMITTED) and row.enumerator != session.account:
            shown = session.changes.view(writing, interview)
            _step(session, writing, row, shown, Kind.OPEN)
    return read_sheet(session, interview)


def read_sheet(session: Session, interview: str) -> Sheet:
    """The same sheet without any effect on its state."""
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    with session.database.reading() as reading:
        row, household = _one(session, reading, interview)
        waiting_row = _waiting_row(reading, row, household)
        shown = session.changes.view(reading, interview)
    session.seen["sheet", interview] = shown.content_digest
    blocked = _approve_blocked(session, row, shown, household.n_conflict)
    back = _return_blocked(session, row, shown)
    return sheet_of(session, waiting_row, shown, blocked, back, reasons(), state_history(session, interview))


def _one(session: Session, reading: SqlSession, interview: str) -> tuple[InterviewRow, HouseholdRow]:
    row = reading.get(InterviewRow, interview)
    household = reading.get(HouseholdRow, row.household) if row else None
    if row is None or household is None:
        raise NoSuchInterview("interview not here")
    if session.role is not Role.CADM and household.village_code not in session.village_codes:
        raise NotAllowed("outside the scope", role=session.role.zh, deed="看别处的问卷")
    return row, household


def _approve_blocked(session: Session, row: InterviewRow, shown: RootView, household_conflicts: int) -> str:
    if row.enumerator == session.account:
        return _("自己填的卷不能自己审")
    if shown.conflicts or household_conflicts:
        return _("有 {n} 格两人填得不一样，先到冲突里定").format(n=len(shown.conflicts) + household_conflicts)
    if row.status not in _WAITING:
        return _("现在是“{status}”").format(status=status_label(row.status))
    return ""


def _return_blocked(session: Session, row: InterviewRow, shown: RootView) -> str:
    allowed = (*_WAITING, *_PASSED) if session.role is Role.CADM else _WAITING
    if row.status not in allowed:
        return _("现在是“{status}”").format(status=status_label(row.status))
    if shown.returns >= _MOST_RETURNS and session.role is not Role.CADM:
        return _("已经退过 3 次，再退要由县里来退")
    return ""


def comment(session: Session, interview: str, cell: Cell | None, text: str) -> None:
    """A word pinned to a question; the enumerator sees it beside the question when the interview is returned."""
    session.require("在题上写话", *_REVIEWERS, Role.ENUM)
    if not text.strip():
        raise ReasonMissing("empty comment")
    _note(session, interview, cell, {"text": text.strip()})


def clear(session: Session, interview: str, cell: Cell, cleared: bool = True) -> None:
    """这题清楚了: a tick of the reviewer on one line."""
    session.require("审核问卷", *_REVIEWERS)
    require_contact(session, "审核问卷")
    _note(session, interview, cell, {"cleared": cleared})


def _note(session: Session, interview: str, cell: Cell | None, said: Mapping[str, object]) -> None:
    with session.database.transaction() as writing:
        row, _ = _one(session, writing, interview)
        form = session.load_form(row.form_hash)
        rows, field = (cell.rows, field_of(form, cell.path)) if cell else ((), "")
        pinned = note("", rows, field)
        _write(session, writing, row, Content(Kind.NOTE, body={**pinned.body, **said}))


def _write(session: Session, writing: SqlSession, row: InterviewRow, content: Content) -> None:
    feed = session.changes.feed_of_root(writing, row.root, RootType.INTERVIEW)
    session.changes.write(
        writing, content, root=row.root, root_type=RootType.INTERVIEW, feed=feed, form_version=row.form_hash
    )


def _step(
    session: Session,
    writing: SqlSession,
    row: InterviewRow,
    shown: RootView,
    kind: Kind,
    *,
    level: Level = Level.TOWNSHIP,
    pinned: tuple[Reason, ...] = (),
    text: str = "",
) -> None:
    # The level also stands in the body: a step that a later one names keeps no register value of its own.
    content = review_step(shown, kind, level, reasons=pinned, text=text, body={"level": str(level)})
    _write(session, writing, row, content)
    if kind is not Kind.OPEN:
        activity.note(writing, session.now(), session.account, str(kind), row.root)


def send_back(
    session: Session,
    interview: str,
    reasons: tuple[str, ...],
    words: str,
    pinned: Mapping[Cell, str] | None = None,
) -> None:
    """退回: at least one reason code and a word on at least one question or the whole.

    Raises:
        ReasonMissing, NotAllowed, ReturnLimit (after three returns only the county may).
    """
    session.require("退回问卷", *_REVIEWERS)
    require_contact(session, "退回问卷")
    codes = [code for code in reasons if code in code_list("reject_reason")]
    said = {cell: text.strip() for cell, text in (pinned or {}).items() if text.strip()}
    if not codes or not (words.strip() or said):
        raise ReasonMissing("a return names a reason and says something")
    with session.database.transaction() as writing:
        row, _ = _one(session, writing, interview)
        shown = session.changes.view(writing, interview)
        if row.enumerator == session.account:
            raise NotAllowed("own work", role=session.role.zh, deed="审自己填的卷")
        if shown.returns >= _MOST_RETURNS and session.role is not Role.CADM:
            raise ReturnLimit("returned three times")
        if _return_blocked(session, row, shown):
            raise NotWaiting("not waiting", status=status_label(row.status))
        form = session.load_form(row.form_hash)
        listed = [Reason(code) for code in codes]
        listed += [Reason(codes[0], cell.rows, field_of(form, cell.path), text) for cell, text in said.items()]
        level = Level.COUNTY if row.status in _PASSED else Level.TOWNSHIP
        _step(session, writing, row, shown, Kind.RETURN, level=level, pinned=tuple(listed), text=words.strip())


def approve(session: Session, interview: str) -> None:
    """通过: names the digest of what was seen; later answers turn it into 通过后改过.

    Raises:
        InConflict: decide the conflicts first. NotAllowed: own work, or no reviewer. NotWaiting: not handed in.
        ChangedMeanwhile: answers have arrived since the sheet was read.
    """
    session.require("通过问卷", *_REVIEWERS)
    require_contact(session, "通过问卷")
    with session.database.transaction() as writing:
        row, household = _one(session, writing, interview)
        shown = session.changes.view(writing, interview)
        if row.enumerator == session.account:
            raise NotAllowed("own work", role=session.role.zh, deed="审自己填的卷")
        open_conflicts = len(shown.conflicts) + household.n_conflict
        if open_conflicts:
            raise InConflict("conflicts open", n=open_conflicts)
        if row.status not in _WAITING:
            raise NotWaiting("not waiting", status=status_label(row.status))
        _as_seen(session, interview, shown)
        _step(session, writing, row, shown, Kind.APPROVE)


def accept(session: Session, interview: str) -> None:
    """县级验收 (90): county office only, an approved interview without conflict."""
    session.require("验收问卷", Role.CADM)
    require_contact(session, "验收问卷")
    with session.database.transaction() as writing:
        row, _ = _one(session, writing, interview)
        shown = session.changes.view(writing, interview)
        if shown.conflicts:
            raise InConflict("conflicts open", n=len(shown.conflicts))
        if row.status != int(FormStatus.APPROVED) or shown.changed_after:
            raise NotWaiting("not approved", status=status_label(row.status))
        _as_seen(session, interview, shown)
        _step(session, writing, row, shown, Kind.LOCK, level=Level.COUNTY)


def _as_seen(session: Session, interview: str, shown: RootView) -> None:
    """What is passed is what the sheet showed: answers that came in meanwhile have to be looked at first."""
    if session.seen.get(("sheet", interview), shown.content_digest) != shown.content_digest:
        raise ChangedMeanwhile("answers have come in since")


def state_history(session: Session, interview: str) -> tuple[StateStep, ...]:
    """Every step of the interview's life, oldest first."""
    session.require("看问卷", *_REVIEWERS, Role.ENUM)
    said = {
        Kind.SUBMIT: (FormStatus.SUBMITTED, "交卷"),
        Kind.OPEN: (FormStatus.IN_REVIEW, "开始审"),
        Kind.RETURN: (FormStatus.RETURNED_TOWNSHIP, "退回"),
        Kind.APPROVE: (FormStatus.APPROVED, "通过"),
        Kind.LOCK: (FormStatus.LOCKED, "县级验收"),
        Kind.UNLOCK: (FormStatus.DRAFT, "解锁"),
        Kind.VOID: (FormStatus.VOID, "作废"),
        Kind.RECALL: (FormStatus.DRAFT, "取回"),
        Kind.ARCHIVE: (FormStatus.ARCHIVED, "归档"),
    }
    with session.database.reading() as reading:
        names = staff_names(reading)
        row = reading.get(InterviewRow, interview)
        if row is None or not may_see(session, reading, row.household):
            return ()
        shown = session.changes.view(reading, interview)
    steps = []
    for review in shown.reviews:
        status, label = said[Kind(review.kind)]
        pinned = [reason.text for reason in review.reasons if reason.text]
        words = " ".join(dict.fromkeys(part for part in (review.text, *pinned) if part))
        steps.append(StateStep(at_of(review.hlc), names.get(review.actor, review.actor), int(status), _(label), words))
    return tuple(steps)


def reasons() -> tuple[ReturnReason, ...]:
    """The reasons for a return (codelists reject_reason)."""
    return tuple(ReturnReason(code, label) for code, label in code_list("reject_reason").items())
