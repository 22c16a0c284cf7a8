"""How long this laptop may go without the county, and what waits when that time is over (sync.md 3.11).

A laptop that never calls home again must not show the county's households for ever. After the days of its certificate without
contact, own unsent work, entry and the hand-over go on; reading and printing anything else waits for the next contact, or for a
word that the county reads out. Days are counted by this laptop's own clock since that contact: a clock that is wrong by
years was wrong then too, and one that was set back does not make the time shorter.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import func
from sqlmodel import Session as SqlSession
from sqlmodel import col, select

from fieldapp.errors import FieldAppError
from fieldapp.services.session import Session
from fieldapp.store import activity, drafts, facts
from fieldapp.store.tables import Activity, AssignmentRow, ChangeRow, HouseholdRow, InterviewRow
from fieldapp.words import _
from sync.lease import GRANTED_DAYS, WARNING_DAYS, fits, lease_code, make_challenge
from sync.records import FormStatus
from sync.scope import Role, read_device_certificate

_CONTACT, _CHALLENGE = "lease_contact", "lease_challenge"
_UNFINISHED = (
    int(FormStatus.ASSIGNED), int(FormStatus.DRAFT), int(FormStatus.CHECKED), int(FormStatus.RETURNED_TOWNSHIP),
    int(FormStatus.RETURNED_COUNTY),
)  # fmt: skip


class ContactWaits(FieldAppError):
    """The lease has run out: reading and printing others' data waits for the county."""

    zh = (
        "这台电脑太久没有和县里联系了，{deed}要先联系上县里（或请县里念一个码）。自己没送出的都在，接着填、接着送都行。"
    )


class WrongLeaseCode(FieldAppError):
    """The code does not answer this challenge."""

    zh = "这个码对不上，什么都没有变。请把屏幕上的六个字母再念给县里一遍，请县里重新给码。"


@dataclass(frozen=True, slots=True)
class Lease:
    """Where this laptop stands.

    Attributes:
        contact_at: county time of the last contact, or when the certificate began.
        days_left: until reading waits; negative when it does.
        expired: the certificate itself is past its day: a new one comes with the next contact.
    """

    contact_at: datetime
    days_left: int
    expired: bool

    @property
    def over(self) -> bool:
        """Reading and printing others' data waits."""
        return self.expired or self.days_left < 0

    @property
    def warns(self) -> bool:
        """Close enough to the end to be told every day."""
        return self.over or self.days_left < WARNING_DAYS

    def sentence(self) -> str:
        """For the person; "" while there is nothing to say."""
        if self.over:
            return _("太久没有和县里联系：只能接着填和送，看别的、打印要先联系县里。按 F9 交接，或请县里念一个码。")
        if self.warns:
            return _("再过 {n} 天不和县里联系，就只能填和送了。有网时按 F9 交接一次。").format(n=self.days_left)
        return ""


def lease(session: Session) -> Lease:
    """The lease as it stands now."""
    with session.database.reading() as reading:
        return _lease(session, reading)


def _lease(session: Session, reading: SqlSession) -> Lease:
    raw = facts.read_meta(reading, "certificate") or b""
    key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
    certificate = read_device_certificate(raw, key)
    told = json.loads(facts.read_text(reading, _CONTACT, "{}"))
    contact = datetime.fromtimestamp(told.get("county_ms", certificate.not_before_ms) / 1000, UTC)
    # Before the first exchange the enrolment was the contact, the first line of the activity log.
    here = _instant(told.get("here") or reading.exec(select(func.min(Activity.at))).one() or contact.isoformat())
    elapsed = max(_latest(session, reading, int(told.get("line", 0))) - here, timedelta(0))
    granted = _instant(told["granted"]) - here if "granted" in told else timedelta(0)
    allowed = max(timedelta(days=certificate.lease_days), granted)
    over_at = datetime.fromtimestamp(certificate.not_after_ms / 1000, UTC)
    if told.get("revoked"):
        return Lease(contact, -1, expired=True)
    return Lease(contact, (allowed - elapsed).days, contact + elapsed > max(over_at, contact + granted))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _latest(session: Session, reading: SqlSession, line: int) -> datetime:
    """Now, or the latest time that anything was done here at since the contact: a clock set back is not believed."""
    last = reading.exec(select(func.max(Activity.at)).where(col(Activity.n) > line)).one()
    return max(session.now(), _instant(last)) if last else session.now()


def note_contact(session: Session, county_ms: int, *, revoked: bool = False) -> None:
    """The county itself has answered, at this time of its own. An older answer (a stick found again) changes nothing.

    Args:
        revoked: it wants what is unsent here and nothing else: reading ends at once.
    """
    with session.database.transaction() as writing:
        told = json.loads(facts.read_text(writing, _CONTACT, "{}"))
        if county_ms > told.get("county_ms", -1):
            line = writing.exec(select(func.max(Activity.n))).one() or 0
            now = {"county_ms": county_ms, "here": session.now().isoformat(), "line": line, "revoked": revoked}
            facts.write_text(writing, _CONTACT, json.dumps(now))


def require_contact(session: Session, deed: str) -> None:
    """Raises ContactWaits when the lease is over.

    Args:
        deed: Chinese verb phrase for the sentence: 看审核台.
    """
    if lease(session).over:
        raise ContactWaits("lease over", deed=deed)


def households_left(session: Session, reading: SqlSession) -> set[str] | None:
    """The households that may be seen now: None for all; with the lease over, those of own unsent work and own open tasks."""
    if not _lease(session, reading).over:
        return None
    unsent = select(ChangeRow.root).where(
        ChangeRow.origin == "own", col(ChangeRow.state).in_(("sealed", "custody", "quarantined", "held"))
    )
    roots = {*reading.exec(unsent), *drafts.open_roots(reading)}
    found = set(reading.exec(select(HouseholdRow.root).where(col(HouseholdRow.root).in_(roots))))
    for table in (InterviewRow, AssignmentRow):
        found |= set(reading.exec(select(table.household).where(col(table.root).in_(roots))))
    if session.role is Role.ENUM:
        done = select(InterviewRow.assignment).where(col(InterviewRow.status).not_in(_UNFINISHED))
        mine = select(AssignmentRow.household).where(
            AssignmentRow.enumerator == session.account, col(AssignmentRow.root).not_in(done)
        )
        found |= set(reading.exec(mine))
    return found


def may_see(session: Session, reading: SqlSession, household: str) -> bool:
    """Whether this household is among :func:`households_left`."""
    left = households_left(session, reading)
    return left is None or household in left


def challenge(session: Session) -> str:
    """Six letters to read to the county, which answers with a code for this laptop alone."""
    with session.database.transaction() as writing:
        shown = facts.read_text(writing, _CHALLENGE)
        if not shown:
            shown = make_challenge(secrets.token_bytes)
            facts.write_text(writing, _CHALLENGE, shown)
    return shown


def open_with_code(session: Session, code: str) -> Lease:
    """Two more weeks by the county's word; the same code does not work a second time.

    Raises:
        WrongLeaseCode.
    """
    shown = challenge(session)
    with session.database.transaction() as writing:
        own = X25519PrivateKey.from_private_bytes(facts.read_meta(writing, "sealing_key") or b"")
        county = X25519PublicKey.from_public_bytes(facts.read_meta(writing, "county_sealing_key") or b"")
        if not fits(code, lease_code(own, county, session.device, shown)):
            raise WrongLeaseCode("does not answer the challenge")
        told = json.loads(facts.read_text(writing, _CONTACT, "{}"))
        until = _latest(session, writing, int(told.get("line", 0))) + timedelta(days=GRANTED_DAYS)
        facts.write_text(writing, _CONTACT, json.dumps({**told, "granted": until.isoformat()}))
        facts.write_text(writing, _CHALLENGE, "")
        activity.note(writing, session.now(), session.account, "lease code")
    return lease(session)
