"""交接不靠网：改动装进 U 盘或文件夹带到县里，县里的答复再带回来。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from fieldapp.services import syncing
from fieldapp.services.session import Session
from fieldapp.services.syncing import Progress, SyncReport
from fieldapp.store import activity, facts
from fieldapp.words import _
from sync.client.carrying import Porter
from sync.errors import NothingForUs
from sync.scope import read_device_certificate
from sync.stick import Stick


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What a stick now carries: all that the county has not answered for.

    ``size`` in bytes; ``sentences`` are for the person.
    """

    changes: int
    households: int
    size: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StickView:
    """A look at a stick before anything is done with it.

    Attributes:
        leaving: changes that would go onto it; drafts not yet sealed come on top.
        arriving: bundles on it for this laptop.
        receipted: bundles of this laptop that the county has read to their end.
    """

    leaving: int
    drafts: int
    arriving: int
    receipted: int


def look_at(session: Session, folder: Path) -> StickView:
    """What would leave and arrive. Changes nothing.

    Raises:
        StickGone, NotYourCounty.
    """
    stick, porter = Stick(folder), _porter(session)
    try:
        arriving = len(porter.carried_in(stick))
    except NothingForUs:
        arriving = 0
    receipted = len(porter.receipts(stick))
    return StickView(len(porter.waiting()), syncing.unsent(session).drafts, arriving, receipted)


def carry_out(session: Session, folder: Path) -> CarriedOut:
    """Seals the drafts and puts everything that the county has not answered for onto a stick, sealed to the county.

    Raises:
        StickFull, StickReadOnly, StickGone: all of it is still on this laptop alone, nothing is lost.
    """
    waiting = syncing.unsent(session)
    out = _porter(session).carry_out(Stick(folder))
    sentences = [_("装好了：{n} 条改动，{kb} KB").format(n=out.changes, kb=-(-out.size // 1024))]
    sentences.append(_("U 盘丢了也打不开、也不少东西：县里收到之前，本机都留着"))
    with session.database.transaction() as writing:
        activity.note(writing, session.now(), session.account, "carry out", detail=f"{out.changes}/{out.name}")
    return CarriedOut(out.changes, waiting.households, out.size, tuple(sentences))


def take_in(
    session: Session,
    folder: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    cancel: Event | None = None,
) -> SyncReport:
    """Takes in the county's answers from a stick, oldest first, and clears what is done with.

    Raises:
        NothingForUs, NotYourCounty, NeedsTheLine, StickGone: what had been taken in stays.
    """
    stick, porter = Stick(folder), _porter(session)
    report: SyncReport | None = None
    for server in porter.carried_in(stick):
        report = syncing.exchange(session, progress=progress, cancel=cancel, server=server)
        if report.cancelled:
            return report
        porter.clear(stick, [server] if server.whole else [])
    assert report is not None  # carried_in gives one or says why not
    return report


def _porter(session: Session) -> Porter:
    with session.database.reading() as reading:

        def known(name: str) -> bytes:
            return facts.read_meta(reading, name) or b""

        county_key = Ed25519PublicKey.from_public_bytes(known("county_signing_key"))
        return Porter(
            session.changes,
            read_device_certificate(known("certificate"), county_key),
            session.signing_key,
            X25519PrivateKey.from_private_bytes(known("sealing_key")),
            county_key,
            X25519PublicKey.from_public_bytes(known("county_sealing_key")),
            now_ms=lambda: int(session.now().timestamp() * 1000),
        )
