"""隔离区: what the county has set aside waits for a person, who lets it in or leaves it out change by change (sync.md 3.11).

A stolen or returned laptop may hold two weeks of honest work; what it sends after it was revoked is kept and shown here, with who
wrote it, when it came and every value. It needs a line to the county: the decision is the county's, not this laptop's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session as SqlSession

from fieldapp.errors import FieldAppError, NotEnrolled, ReasonMissing
from fieldapp.services import carrying
from fieldapp.services.leasing import require_contact
from fieldapp.services.listing import staff_names
from fieldapp.services.project import UseMode
from fieldapp.services.session import Session
from fieldapp.services.static_labels import household_label
from fieldapp.store import activity, facts
from fieldapp.store.tables import AssignmentRow, HouseholdRow, InterviewRow
from fieldapp.words import _
from sync.change import Change, RootType
from sync.client.http_desk import HttpWaitingRoom
from sync.codec import open_any
from sync.errors import BadBytes
from sync.protocol import Waiting, WaitingRoom
from sync.scope import Role

_DECIDERS = (Role.TSUP, Role.CADM)
_WHY = {
    "revoked": "电脑已停用", "certificate": "电脑证书过期", "account": "账号已停用或不在这台电脑上", "rights": "岗位无权写这一项",
    "scope": "不是本人的村", "feed": "不是这台电脑的村", "home": "户不在这个村", "locked": "县级验收以后才到", "type": "种类不符",
    "unreadable": "读不了", "held": "合并时出错", "county": "别县的", "fork": "编号重了",
}  # fmt: skip
_KINDS = {
    "edit": "填改",
    "submit": "交卷",
    "return": "退回",
    "approve": "通过",
    "row_del": "删行",
    "note": "留言",
    "resolve": "定冲突",
}
_MOST_SHOWN = 40


class NotWaitingAnyMore(FieldAppError):
    """Somebody else has decided meanwhile."""

    zh = "这一条已有人处理过，什么都没有变。按 F5 再看一遍。"


@dataclass(frozen=True, slots=True)
class WaitingChange:
    """One change that waits.

    Attributes:
        change_id: to decide by. who: the writer's name. device: beginning of the laptop's id.
        household: the head's name as it is known here, "" if the household is not here.
        why: why it was set aside. deed: what kind of change. values: field and value, as far as this post may read them.
    """

    change_id: bytes
    who: str
    device: str
    household: str
    why: str
    deed: str
    at: datetime
    values: tuple[tuple[str, str], ...]


def waiting(session: Session, server: WaitingRoom | None = None) -> tuple[WaitingChange, ...]:
    """What waits for this person, oldest first.

    Raises:
        NotAllowed: another post. ServerUnreachable: it needs a line.
    """
    session.require("认领隔离的改动", *_DECIDERS)
    require_contact(session, "认领隔离的改动")
    with _room(session, server) as (room, token):
        found = room.waiting_for(token, session.account)
    with session.database.reading() as reading:
        names = staff_names(reading)
        return tuple(_shown(session, reading, one, names) for one in found)


def admit(session: Session, change_id: bytes, server: WaitingRoom | None = None) -> None:
    """Lets one change in; the next exchange brings it here.

    Raises:
        NotWaitingAnyMore. NotAllowed. ServerUnreachable.
    """
    _decide(session, change_id, None, server)


def leave_out(session: Session, change_id: bytes, reason: str, server: WaitingRoom | None = None) -> None:
    """Leaves one out for good, with a reason; the county keeps it all the same.

    Raises:
        ReasonMissing. NotWaitingAnyMore. NotAllowed. ServerUnreachable.
    """
    if not reason.strip():
        raise ReasonMissing("a decision without a reason")
    _decide(session, change_id, reason.strip(), server)


def _decide(session: Session, change_id: bytes, refusal: str | None, server: WaitingRoom | None) -> None:
    session.require("认领隔离的改动", *_DECIDERS)
    with _room(session, server) as (room, token):
        done = room.decide(token, session.account, change_id, refusal)
    if not done:
        raise NotWaitingAnyMore("decided meanwhile")
    with session.database.transaction() as writing:
        deed = "admit change" if refusal is None else "leave out change"
        activity.note(writing, session.now(), session.account, deed, change_id.hex())


@contextlib.contextmanager
def _room(session: Session, server: WaitingRoom | None) -> Iterator[tuple[WaitingRoom, bytes]]:
    with contextlib.ExitStack() as stack:
        room = server
        if room is None:
            with session.database.reading() as reading:
                address = facts.read_text(reading, "address")
                pem = facts.read_text(reading, "server_certificate").encode("ascii")
            if not address:
                raise NotEnrolled("no county server known")
            room = stack.enter_context(contextlib.closing(HttpWaitingRoom(address, pem)))
        yield room, room.hello(carrying.porter_of(session).introduce()).token


def _shown(session: Session, reading: SqlSession, one: Waiting, names: dict[str, str]) -> WaitingChange:
    try:
        change: Change | None = open_any(one.raw)
    except BadBytes:
        change = None
    return WaitingChange(
        change_id=one.change_id,
        who=names.get(one.actor, one.actor),
        device=one.device[:8],
        household=_household(reading, change) if change else "",
        why=_(_WHY.get(one.reason, one.reason)),
        deed=_(_KINDS.get(str(change.kind), str(change.kind))) if change else "",
        at=datetime.fromtimestamp(one.recv_ms / 1000, UTC),
        values=_values(session, change) if change else (),
    )


def _household(reading: SqlSession, change: Change) -> str:
    row = reading.get(InterviewRow, change.root) or reading.get(AssignmentRow, change.root)
    root = row.household if row is not None else change.root
    told = next((str(write.value) for write in change.writes if write.field == "~household"), root)
    household = reading.get(HouseholdRow, root) or reading.get(HouseholdRow, told)
    return household.head_name if household is not None else ""


def _values(session: Session, change: Change) -> tuple[tuple[str, str], ...]:
    """What it writes. In a statistical survey answers are shown on the review sheet alone, once they are let in."""
    if change.root_type == RootType.INTERVIEW and session.use_mode is UseMode.STAT:
        return ()
    shown = []
    for write in change.writes[:_MOST_SHOWN]:
        if not write.field.startswith("~"):
            label = household_label(write.field) if change.root_type == RootType.HOUSEHOLD else write.field
            shown.append((label or write.field, "" if write.value is None else str(write.value)))
    return tuple(shown)
