"""What a township laptop's store holds for its relay, and what any laptop holds that came through one (sync.md 3.8).

Provisional changes stand in the log with origin ``relay`` and state ``custody``: merged and shown, never counted as admitted, and
never given a place in a feed. The county's word replaces that, whichever way it comes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import update
from sqlmodel import col, select

from fieldapp.store import facts, incoming, root_states
from fieldapp.store.database import Database
from fieldapp.store.tables import ChangeRow, FeedCursor, FeedPlace, Meta, Staff
from sync.carriage import Held, Vouched, pack_vouched, unpack_vouched
from sync.protocol import FeedEntry, Verdict
from sync.scope import Role, read_device_certificate

_VOUCHED, _CERTIFICATE, _HELD = "vouched:", "met:", "held:"


class StoreBook:
    """Implements ``sync.server.relay.RelayBook`` over the store of the township's laptop."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def role_of(self, account: str) -> Role | None:
        """The post of somebody whom the county has announced."""
        with self._database.reading() as session:
            row = session.get(Staff, account)
            return Role(row.role) if row is not None and row.role in set(Role) else None

    def revoked(self, device: str) -> bool:
        """Whether the county feed says so."""
        with self._database.reading() as session:
            return device in facts.read_facts(session, "revoked")

    def take_provisional(self, raws: Sequence[bytes]) -> None:
        """Stores and merges changes that the county has not admitted yet."""
        with self._database.transaction() as session:
            for raw in raws:
                incoming.store_change(session, raw, origin="relay", state="custody", at=self._clock())

    def judged(self, verdicts: Sequence[tuple[bytes, int]]) -> None:
        """What the county has set aside leaves the lists; it stays in the log."""
        aside = {Verdict.QUARANTINED, Verdict.HELD, Verdict.BAD_SIGNATURE}
        ids = [change_id for change_id, verdict in verdicts if verdict in aside]
        with self._database.transaction() as session:
            where = (col(ChangeRow.change_id).in_(ids), col(ChangeRow.origin) == "relay")
            roots = set(session.exec(select(ChangeRow.root).where(*where)))
            session.execute(update(ChangeRow).where(*where).values(state="quarantined"))
            session.flush()
            for root in sorted(roots):
                root_states.rebuild(session, root)

    def remember(self, certificate: bytes) -> None:
        """Keeps the certificate of a laptop that came here."""
        with self._database.transaction() as session:
            key = facts.read_meta(session, "county_signing_key") or b""
            device = read_device_certificate(certificate, Ed25519PublicKey.from_public_bytes(key)).device
            facts.write_meta(session, _CERTIFICATE + device, certificate)

    def certificate_of(self, device: str) -> bytes:
        """As remembered."""
        with self._database.reading() as session:
            return facts.read_meta(session, _CERTIFICATE + device) or b""

    def held(self, bundle: Held) -> None:
        """A bundle is in custody."""
        line = {"name": bundle.name, "changes": bundle.changes, "at": self._clock().isoformat(), "receipted": ""}
        with self._database.transaction() as session:
            facts.write_text(session, _HELD + bundle.device, json.dumps(line))

    def receipted(self, name: str) -> None:
        """The county has it."""
        with self._database.transaction() as session:
            for row in session.exec(select(Meta).where(col(Meta.k).startswith(_HELD))).all():
                line = json.loads(row.v)
                if line["name"] == name:
                    facts.write_text(session, row.k, json.dumps({**line, "receipted": self._clock().isoformat()}))

    def lines(self) -> dict[str, dict[str, object]]:
        """The last bundle of each laptop that came here, by device: name, changes, at, receipted."""
        with self._database.reading() as session:
            rows = session.exec(select(Meta).where(col(Meta.k).startswith(_HELD))).all()
            return {row.k.removeprefix(_HELD): json.loads(row.v) for row in rows}

    # --- feeds --------------------------------------------------------------------------------------------------------

    def keep_vouched(self, found: Sequence[Vouched]) -> None:
        """Keeps the county's signatures under the places where feeds stand here."""
        with self._database.transaction() as session:
            for one in found:
                facts.write_meta(session, _VOUCHED + one.cursor.feed, pack_vouched([one]))

    def vouched(self) -> Sequence[Vouched]:
        """Those that still hold: the feed has been followed at least that far, in the same incarnation of the county."""
        with self._database.reading() as session:
            at = {row.feed: row for row in session.exec(select(FeedCursor))}
            rows = session.exec(select(Meta).where(col(Meta.k).startswith(_VOUCHED))).all()
        found = [one for row in rows for one in unpack_vouched(row.v)]
        return [
            one
            for one in found
            if (row := at.get(one.cursor.feed)) and row.epoch == one.cursor.epoch and row.vseq >= one.cursor.vseq
        ]

    def entries(self, feed: str, after: int, upto: int) -> Sequence[FeedEntry]:
        """What stands at these places, byte for byte as the county gave it."""
        with self._database.reading() as session:
            query = (
                select(FeedPlace, ChangeRow)
                .join(ChangeRow, col(ChangeRow.change_id) == col(FeedPlace.item_id), isouter=True)
                .where(FeedPlace.feed == feed, col(FeedPlace.vseq) > after, col(FeedPlace.vseq) <= upto)
                .order_by(col(FeedPlace.vseq))
            )
            found = []
            for place, row in session.exec(query):
                if place.kind == "fact":
                    found.append(FeedEntry(feed, place.vseq, "fact", place.fact))
                elif row is not None:
                    found.append(FeedEntry(feed, place.vseq, "change", row.raw))
            return found

    def own_unanswered(self) -> Sequence[bytes]:
        """Own sealed changes that the county has not answered for."""
        with self._database.reading() as session:
            waiting = (ChangeRow.origin == "own", col(ChangeRow.state).in_(("sealed", "custody")))
            return list(session.exec(select(ChangeRow.raw).where(*waiting).order_by(col(ChangeRow.seq))))

    def put_into_custody(self, ids: Sequence[bytes]) -> None:
        """Own changes that a relay holds now: the first of three ticks, no acknowledgement."""
        with self._database.transaction() as session:
            mine = (col(ChangeRow.change_id).in_(ids), col(ChangeRow.origin) == "own", col(ChangeRow.state) == "sealed")
            session.execute(update(ChangeRow).where(*mine).values(state="custody"))
