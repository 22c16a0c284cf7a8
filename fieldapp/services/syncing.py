"""交接: one exchange with the county server, and what is still on this laptop alone."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import ColumnElement, Integer, func, literal_column
from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import NotEnrolled
from fieldapp.services import leasing, periods, wiping
from fieldapp.services.listing import current_period
from fieldapp.services.session import Session
from fieldapp.store import activity, drafts, facts
from fieldapp.store.tables import AssignmentRow, ChangeRow, ConflictItem, HouseholdRow, InterviewRow, SyncLog
from fieldapp.words import _
from sync.client.http_server import HttpServer
from sync.client.session import Progress as PhaseProgress
from sync.client.session import SyncReport as Done
from sync.client.session import SyncSession
from sync.errors import SyncCancelled
from sync.protocol import CountyServer, Order
from sync.records import FormStatus
from sync.scope import read_device_certificate

_ROWID: ColumnElement[int] = literal_column("change.rowid", Integer)  # grows with every change stored
_RETURNED = (int(FormStatus.RETURNED_TOWNSHIP), int(FormStatus.RETURNED_COUNTY))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an exchange stands."""

    phase: str  # greeting, sending, receiving, checking, done
    sentence: str
    done: int
    total: int  # 0 unknown


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one exchange did."""

    at: datetime
    ok: bool
    cancelled: bool
    sent: int  # changes
    sent_households: int
    received: int
    received_households: int
    quarantined: int
    new_conflicts: int
    returned: int  # interviews that came back
    new_assignments: int
    sentences: tuple[str, ...]  # for the person, in order


@dataclass(frozen=True, slots=True)
class Unsent:
    """What exists on this laptop alone."""

    drafts: int  # roots with answers not yet sealed
    changes: int
    households: int
    handed_in: int  # interviews handed in and not yet handed over
    quarantined: int


@dataclass(frozen=True, slots=True)
class SyncLine:
    """A line of the readable log."""

    at: datetime
    sentence: str
    tone: str  # "", ok, soft, hard


@dataclass(frozen=True, slots=True)
class _Counts:
    """What the store holds before and after, to tell the difference in words."""

    stored: int
    conflicts: int
    returned: frozenset[str]
    assignments: int

    @classmethod
    def of(cls, session: Session) -> _Counts:
        with session.database.reading() as reading:
            mine = select(func.count()).select_from(AssignmentRow).where(AssignmentRow.enumerator == session.account)
            back = select(InterviewRow.root).where(col(InterviewRow.status).in_(_RETURNED))
            return cls(
                stored=reading.exec(select(func.max(_ROWID)).select_from(ChangeRow)).one() or 0,
                conflicts=reading.exec(select(func.count()).select_from(ConflictItem)).one(),
                returned=frozenset(reading.exec(back)),
                assignments=reading.exec(mine).one(),
            )


def exchange(
    session: Session,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancel: Event | None = None,
    server: CountyServer | None = None,
) -> SyncReport:
    """Seals drafts, sends what the county has not, takes what is new.

    Args:
        server: another end than the enrolled address: a relay, a stick, a test.
    Raises:
        ServerUnreachable: nothing is lost; the next exchange goes on from here.
        LaptopWiped: the county ordered it, and everything had been sent.
    """
    tell = progress or (lambda _: None)
    before, waiting = _Counts.of(session), unsent(session)
    own = None
    if server is None:
        server = own = _county(session)
    with session.database.reading() as reading:
        raw = facts.read_meta(reading, "certificate") or b""
        key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")

    def new_talk() -> SyncSession:
        return SyncSession(
            server,
            session.changes,
            read_device_certificate(raw, key),
            session.signing_key,
            now_ms=lambda: int(session.now().timestamp() * 1000),
            progress=lambda step: tell(_progress(step)),
            cancelled=(lambda: False) if cancel is None else cancel.is_set,
        )

    talk = new_talk()
    cancelled = False
    try:
        talk.run()
        _obey(session, talk.report.orders or (), new_talk if talk.report.complete else None)
    except SyncCancelled:
        cancelled = True
    finally:
        if talk.report.server_ms and not session.closed:
            revoked = Order.PUSH_FIRST in talk.report.orders
            leasing.note_contact(session, talk.report.server_ms, revoked=revoked)
        if own is not None:
            own.close()
    return _keep(session, _report(session, talk.report, before, waiting, cancelled))


def by_other_hand(session: Session, work: Callable[[], int]) -> SyncReport:
    """An exchange that is none with the county: what a relay had handed on was taken in, ``work`` returns how many entries."""
    before, waiting = _Counts.of(session), unsent(session)
    done = Done(received=work(), complete=True)
    return _keep(session, _report(session, done, before, waiting, cancelled=False))


def _keep(session: Session, report: SyncReport) -> SyncReport:
    with session.database.transaction() as writing:
        text = json.dumps({**dataclasses.asdict(report), "at": report.at.isoformat()}, ensure_ascii=False)
        tone = "ok" if report.ok else "soft"
        writing.add(SyncLog(at=report.at, sentence=report.sentences[0], tone=tone, report=text))
        activity.note(writing, session.now(), session.account, "exchange", detail=f"{report.sent}/{report.received}")
    _tell_unlock_screen(session)
    return report


def _obey(session: Session, orders: Sequence[Order], again: Callable[[], SyncSession] | None) -> None:
    """Push first, then wipe: the county says "wipe" when it holds everything, which it learns by this very exchange."""
    if Order.PUSH_FIRST in orders and Order.WIPE not in orders and again is not None:
        talk = again()
        talk.run()
        orders = talk.report.orders
    left = unsent(session)
    if Order.WIPE in orders and not left.changes and not left.drafts:
        wiping.wipe(session)


def _county(session: Session) -> HttpServer:
    with session.database.reading() as reading:
        address = facts.read_text(reading, "address")
        pem = facts.read_text(reading, "server_certificate").encode("ascii")
    if not address:
        raise NotEnrolled("no county server known")
    return HttpServer(address, pem)


def _progress(step: PhaseProgress) -> Progress:
    words = _("{phase}……").format(phase=_(step.phase.zh))
    if step.total:
        words = f"{_(step.phase.zh)} {step.done}/{step.total}"
    return Progress(str(step.phase), words, step.done, step.total)


def _report(session: Session, done: Done, before: _Counts, waiting: Unsent, cancelled: bool) -> SyncReport:
    after, left = _Counts.of(session), unsent(session)
    with session.database.reading() as reading:
        came = reading.exec(
            select(func.count(func.distinct(ChangeRow.root))).where(
                before.stored < _ROWID, col(ChangeRow.origin).in_(("feed", "relay"))
            )
        ).one()
    returned = len(after.returned - before.returned)
    conflicts = max(after.conflicts - before.conflicts, 0)
    assigned = max(after.assignments - before.assignments, 0)
    sent_households = max(waiting.households - left.households, 0)
    sentences = [_("送出 {sent} 条，收到 {received} 条").format(sent=done.sent, received=done.received)]
    if cancelled:
        sentences[0] = _("停下了：{done}，下次接着来").format(done=sentences[0])
    if sent_households:
        sentences.append(_("{n} 户交到县里了").format(n=sent_households))
    if returned:
        sentences.append(_("有 {n} 份退回来，要改").format(n=returned))
    if assigned:
        sentences.append(_("新分来 {n} 户").format(n=assigned))
    if conflicts:
        sentences.append(_("{n} 格两人填得不一样，都留着，等人定").format(n=conflicts))
    if done.quarantined:
        sentences.append(_("{n} 条县里要人看过才收，本机都还在").format(n=len(done.quarantined)))
    if left.changes:
        sentences.append(_("还有 {n} 条在本机，下次再送").format(n=left.changes))
    return SyncReport(
        at=session.now(),
        ok=done.complete and not cancelled,
        cancelled=cancelled,
        sent=done.sent,
        sent_households=sent_households,
        received=done.received,
        received_households=came,
        quarantined=len(done.quarantined),
        new_conflicts=conflicts,
        returned=returned,
        new_assignments=assigned,
        sentences=tuple(sentences),
    )


def _tell_unlock_screen(session: Session) -> None:
    """The unlock screen names the period and its window; nothing of any household."""
    with session.database.reading() as reading:
        period = current_period(session, reading)
        said = facts.read_facts(reading, "window").get(period, "")
    _, from_on, until_on = [*said.split("|"), "", ""][:3]
    window = f"{_day(from_on)} — {_day(until_on)}" if from_on and until_on else ""
    session.show_before_unlock(period_title=periods.title(period), window_title=window)


def _day(text: str) -> str:
    day = datetime.fromisoformat(text)
    return _("{month} 月 {day} 日").format(month=day.month, day=day.day)


def unsent(session: Session) -> Unsent:
    """Counts for the status bar."""
    with session.database.reading() as reading:
        open_roots = drafts.open_roots(reading)
        query = select(ChangeRow.root, ChangeRow.state, func.count()).where(
            ChangeRow.origin == "own", col(ChangeRow.state).in_(("sealed", "custody", "quarantined"))
        )
        rows = list(reading.exec(query.group_by(col(ChangeRow.root), col(ChangeRow.state))))
        waiting = {root for root, state, _ in rows if state != "quarantined"}
        touched = waiting | set(open_roots)
        return Unsent(
            drafts=len(open_roots),
            changes=sum(n for _, state, n in rows if state != "quarantined"),
            households=len(_households_of(reading, touched)),
            handed_in=_handed_in(reading, waiting),
            quarantined=sum(n for _, state, n in rows if state == "quarantined"),
        )


def _households_of(reading: SqlSession, roots: set[str]) -> set[str]:
    found = set(reading.exec(select(HouseholdRow.root).where(col(HouseholdRow.root).in_(roots))))
    for table in (InterviewRow, AssignmentRow):
        found |= set(reading.exec(select(table.household).where(col(table.root).in_(roots))))
    return found


def _handed_in(reading: SqlSession, roots: set[str]) -> int:
    states = (int(FormStatus.SUBMITTED), int(FormStatus.IN_REVIEW))
    rows = reading.exec(select(InterviewRow.root).where(col(InterviewRow.status).in_(states)))
    return sum(1 for root in rows if root in roots)


def last_exchange(session: Session) -> SyncReport | None:
    """The last exchange that came to an end."""
    with session.database.reading() as reading:
        row = reading.exec(select(SyncLog).where(SyncLog.report != "").order_by(col(SyncLog.n).desc())).first()
    if row is None:
        return None
    told = json.loads(row.report)
    told["at"] = datetime.fromisoformat(told["at"]).astimezone(UTC)
    told["sentences"] = tuple(told["sentences"])
    return SyncReport(**told)


def log(session: Session, limit: int = 200) -> tuple[SyncLine, ...]:
    """The readable log, newest first."""
    with session.database.reading() as reading:
        rows = reading.exec(select(SyncLog).order_by(col(SyncLog.n).desc()).limit(limit))
        return tuple(SyncLine(row.at, row.sentence, row.tone) for row in rows)
