"""Changes of others, feed by feed: stored before anything else happens to them, merged, or held when merging raises."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError
from sqlmodel import Session, col, select

from fieldapp.store import root_states
from fieldapp.store.facts import read_meta, read_text, write_text
from fieldapp.store.projections import LARGEST
from fieldapp.store.tables import Certificate, ChangeRow, FeedCursor, FeedPlace, Quarantine
from sync.change import Change
from sync.codec import Sealed, change_id_of, open_any
from sync.errors import SyncError
from sync.known_keys import Hand, KnownKeys
from sync.merge import MERGES, merge
from sync.protocol import Cursor, FeedEntry, Verdict, fact_id

log = logging.getLogger(__name__)
UNSIGNED: Final = "signature"  # reason of a quarantine: signed by nobody whom this laptop knows

# What the content of a change can make merging and projecting raise; a full or busy disk is none of it.
_POISON: Final = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError, SyncError,
    StatementError,
)  # fmt: skip

STATE_OF_VERDICT: Final = {
    Verdict.ADMITTED: "admitted",
    Verdict.DUPLICATE: "admitted",
    Verdict.QUARANTINED: "quarantined",
    Verdict.HELD: "held",
    Verdict.BAD_SIGNATURE: "quarantined",
}


def row_of(change: Change, sealed: Sealed, *, origin: str, state: str, at: datetime) -> ChangeRow:
    """A line of the log."""
    return ChangeRow(**line_of(change, sealed, origin=origin, state=state, at=at))


def line_of(change: Change, sealed: Sealed, *, origin: str, state: str, at: datetime) -> dict[str, Any]:
    """The same by column."""
    return {
        "change_id": sealed.change_id,
        "replica": change.replica,
        "seq": change.seq,
        "root": change.root,
        "root_type": change.root_type,
        "feed": change.feed,
        "kind": str(change.kind),
        "hlc": min(change.hlc, LARGEST),
        "actor": change.actor,
        "form_version": change.form_version,
        "raw": sealed.raw,
        "origin": origin,
        "state": state,
        "stored_at": at,
    }


def store_change(session: Session, raw: bytes, *, origin: str, state: str, at: datetime) -> bool:
    """Stores and merges one change; False if it was here already.

    A second change under the same dot (a cloned disk) is kept aside, outside the log.
    """
    change_id = change_id_of(raw)
    known = session.get(ChangeRow, change_id)
    if known is not None:
        if state == "admitted" and (
            known.state in ("sealed", "custody") or (known.origin == "own" and known.state in ("quarantined", "held"))
        ):
            known.state = state  # also what a person at the county let in later
            session.add(known)
        elif state == "admitted" and known.origin == "relay":
            known.state = state  # the county had set it aside before a person let it in: it was in no list here
            session.flush()
            root_states.rebuild(session, known.root)
        if state == "admitted" and known.origin == "relay":
            known.origin = origin
            session.add(known)
        return False
    change = open_any(raw)
    twin = session.exec(
        select(ChangeRow.change_id).where(ChangeRow.replica == change.replica, ChangeRow.seq == change.seq)
    ).first()
    if twin is not None:
        session.merge(Quarantine(change_id=change_id, raw=raw, reason="fork", opened_at=at))
        return True
    row = row_of(change, Sealed(raw, change_id), origin=origin, state=state, at=at)
    session.add(row)
    session.flush()
    try:
        with session.begin_nested():
            state_now = merge(root_states.read(session, change.root), change)
            root_states.write(session, state_now, change.form_version)
    except _POISON as error:
        if isinstance(error, DBAPIError) and not isinstance(error, (IntegrityError, DataError)):
            raise
        # The kind alone: a message may carry an answer.
        log.error("merging raised %s; the change is held, others go on", type(error).__name__)
        row.state = "held"
        session.add(row)
    return True


def take_entries(
    session: Session, entries: Sequence[FeedEntry], at: datetime, keys: KnownKeys | None = None
) -> list[int]:
    """Stores entries of a feed with their places; returns the clock values seen.

    Args:
        keys: whose hand counts. What none of them has signed is set aside and holds up nothing; None on a laptop that has not
            been enrolled, which knows no key at all.
    """
    hlcs = []
    for entry in entries:
        if entry.kind == "change":
            item_id = change_id_of(entry.data)
            if keys is None or session.get(ChangeRow, item_id) is not None or keys.hand(entry.data) is Hand.KNOWN:
                store_change(session, entry.data, origin="feed", state="admitted", at=at)
            else:
                log.info("a change of an unknown hand is set aside until its certificate comes")
                session.merge(Quarantine(change_id=item_id, raw=entry.data, reason=UNSIGNED, opened_at=at))
            row = session.get(ChangeRow, item_id)
            if row is not None:
                hlcs.append(row.hlc)
            place = FeedPlace(feed=entry.feed, vseq=entry.vseq, item_id=item_id, kind="change")
        else:
            place = FeedPlace(
                feed=entry.feed, vseq=entry.vseq, item_id=fact_id(entry.data), kind=entry.kind, fact=entry.data
            )
        session.merge(place)
    return hlcs


def look_again(session: Session, keys: KnownKeys, at: datetime) -> int:
    """Keys have come: what was set aside for want of one and is signed after all, counts. Returns how many."""
    found = 0
    for row in session.exec(select(Quarantine).where(Quarantine.reason == UNSIGNED)).all():
        if keys.hand(row.raw) is Hand.KNOWN:
            session.delete(row)
            session.flush()
            store_change(session, row.raw, origin="feed", state="admitted", at=at)
            found += 1
    return found


def after_upgrade(session: Session) -> int:
    """Once for every newer program: what an older one could not merge or read is tried again; how many changes count now."""
    if read_text(session, "merges") == str(MERGES):
        return 0
    done = 0
    held = select(ChangeRow).where(ChangeRow.origin == "feed", ChangeRow.state == "held").order_by(col(ChangeRow.hlc))
    for row in session.exec(held).all():
        try:
            with session.begin_nested():
                merged = merge(root_states.read(session, row.root), open_any(row.raw))
                root_states.write(session, merged, row.form_version)
        except _POISON as error:
            if isinstance(error, DBAPIError) and not isinstance(error, (IntegrityError, DataError)):
                raise
            continue
        row.state = "admitted"
        session.add(row)
        done += 1
    for root in root_states.unread_roots(session):
        root_states.rebuild(session, root)
    write_text(session, "merges", str(MERGES))
    return done


def known_keys(session: Session) -> KnownKeys | None:
    """The county's key and the certificates of laptops that its feed has told; None before enrolment."""
    county = read_meta(session, "county_signing_key")
    if county is None:
        return None
    told = list(session.exec(select(Certificate.raw).where(Certificate.kind == "device")))
    own = read_meta(session, "certificate")
    return KnownKeys(Ed25519PublicKey.from_public_bytes(county), [*told, *([own] if own else [])])


def set_cursor(session: Session, cursor: Cursor) -> None:
    """Moves a feed's cursor."""
    session.merge(FeedCursor(feed=cursor.feed, epoch=cursor.epoch, vseq=cursor.vseq, digest=cursor.digest))


def drop_orphans(session: Session, change_ids: Iterable[bytes]) -> None:
    """Changes that a repair took out of their only place in a feed."""
    for change_id in change_ids:
        placed = session.exec(select(FeedPlace.vseq).where(FeedPlace.item_id == change_id).limit(1)).first()
        aside = session.get(Quarantine, change_id)
        if placed is None and aside is not None and aside.reason == UNSIGNED:
            session.delete(aside)
        row = session.get(ChangeRow, change_id)
        if placed is None and row is not None and row.origin == "feed":
            session.delete(row)
            session.flush()
            root_states.rebuild(session, row.root)


def put_away_unplaced(session: Session, at: datetime) -> int:
    """Others' changes without a place go aside; should the county let them in again, they come with its feed."""
    unplaced = ~col(ChangeRow.change_id).in_(select(FeedPlace.item_id))
    rows = session.exec(select(ChangeRow).where(ChangeRow.origin == "feed", unplaced)).all()
    for row in rows:
        session.merge(Quarantine(change_id=row.change_id, raw=row.raw, reason="unplaced", opened_at=at))
        session.delete(row)
    session.flush()
    for root in dict.fromkeys(row.root for row in rows):
        root_states.rebuild(session, root)
    return len(rows)


def drop_feed(session: Session, feed: str) -> None:
    """Forgets a feed and what came through it, but for own work that no county backup holds yet.

    Where a change came from is told by its places: after a move it stands in other feeds than the one it names.
    """
    came = col(ChangeRow.change_id).in_(select(FeedPlace.item_id).where(FeedPlace.feed == feed))
    elsewhere = col(ChangeRow.change_id).in_(select(FeedPlace.item_id).where(FeedPlace.feed != feed))
    # Own work stays until it is in a county backup, quarantined work too: the county may lose what it has only just got.
    unsent = (col(ChangeRow.origin) == "own") & (col(ChangeRow.state) != "durable")
    of_the_feed = came | ((col(ChangeRow.feed) == feed) & (col(ChangeRow.origin) == "own"))
    going = (of_the_feed, ~elsewhere, ~unsent)
    roots = session.exec(select(ChangeRow.root).where(*going).distinct()).all()
    session.execute(delete(ChangeRow).where(*going).execution_options(synchronize_session=False))
    session.execute(delete(FeedCursor).where(col(FeedCursor.feed) == feed))
    session.execute(delete(FeedPlace).where(col(FeedPlace.feed) == feed))
    session.flush()
    for root in roots:
        root_states.rebuild(session, root)
