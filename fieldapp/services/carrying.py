"""交接不靠网：改动装进 U 盘或文件夹带到县里，县里的答复再带回来。"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from fieldapp.services import syncing
from fieldapp.services.session import Session
from fieldapp.services.syncing import Progress, SyncReport
from fieldapp.store import activity, facts
from fieldapp.store.relaying import StoreBook
from fieldapp.words import _
from sync.client.carrying import Porter
from sync.client.relayed import RelayedBundle
from sync.errors import NothingForUs
from sync.scope import DeviceCertificate, read_device_certificate
from sync.stick import Place, Stick

RELAY_MET = "relay_certificate"  # of the township's laptop that was met last


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


def _relay_met(session: Session) -> DeviceCertificate | None:
    """The township's laptop that was met last: a stick is sealed to it as well, so that it can show what it brings."""
    with session.database.reading() as reading:
        raw = facts.read_meta(reading, RELAY_MET)
        county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
    return read_device_certificate(raw, county_key) if raw else None


def look_at(session: Session, folder: Path) -> StickView:
    """What would leave and arrive. Changes nothing.

    Raises:
        StickGone, NotYourCounty.
    """
    stick, porter = Stick(folder), porter_of(session)
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
    out = porter_of(session).carry_out(Stick(folder), _relay_met(session))
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
    """Takes in the county's answers from a stick, oldest first, then what a relay has handed on, and clears what is done with.

    Raises:
        NothingForUs, NotYourCounty, NeedsTheLine, StickGone: what had been taken in stays.
    """
    stick, porter = Stick(folder), porter_of(session)
    report: SyncReport | None = None
    relayed = porter.relayed_in(stick)
    try:
        answers = porter.carried_in(stick)
    except NothingForUs:
        if not relayed:
            raise
        answers = []
    for server in answers:
        report = syncing.exchange(session, progress=progress, cancel=cancel, server=server)
        if report.cancelled:
            return report
        porter.clear(stick, [server] if server.whole else [])
    if relayed:
        by_relay = syncing.by_other_hand(session, lambda: _take_relayed(session, stick, relayed))
        report = report or by_relay
    assert report is not None  # carried_in gives one or says why not
    return report


def _take_relayed(session: Session, stick: Stick, relayed: Sequence[RelayedBundle]) -> int:
    """What a township relay has handed on: feeds up to a place that the county has signed, and what its supervisor wrote since."""
    with session.database.reading() as reading:
        raw = facts.read_meta(reading, "certificate") or b""
        county_key = Ed25519PublicKey.from_public_bytes(facts.read_meta(reading, "county_signing_key") or b"")
    mine, taken = read_device_certificate(raw, county_key), 0
    for bundle in relayed:
        taken += bundle.take_feeds(session.changes)
        provisional = bundle.provisional(mine)
        StoreBook(session.database, session.now).take_provisional(provisional)
        taken += len(provisional)
        stick.remove(Place.IN, bundle.name)
    return taken


def porter_of(session: Session) -> Porter:
    """Packs and unpacks this laptop's bundles."""
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
