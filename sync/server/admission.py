"""Taking in one change: store first, judge later. Whatever comes is kept; nothing can block what comes after it.

Reasons of a quarantine (a person decides about each of them):
    county revoked certificate feed account rights scope home locked fork unknown unreadable type
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError, DBAPIError, StatementError

from sync import cbor
from sync.change import REVIEW_KINDS, Change, Kind, RootType
from sync.codec import Peek, open_any, peek, verify
from sync.errors import BadBytes, BadSignature, NewerProgram, SyncError, TooBig
from sync.ids import content_id
from sync.merge import RootState, empty, merge
from sync.protocol import Have, Verdict
from sync.records import FormStatus, summary
from sync.scope import (
    DeviceCertificate,
    FeedName,
    UserCertificate,
    covers,
    may_write,
    parse_feed,
    read_device_certificate,
    read_user_certificate,
    register_after_move,
)
from sync.server import feeds, statements, tables
from sync.server.database import Database
from sync.server.keys import CountyKeys
from sync.snapshot import pack_state, unpack_state

log = logging.getLogger(__name__)
_PARTS_OF_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    RootType.HOUSEHOLD: ("r", "s"),
    RootType.ASSIGNMENT: ("r",),
    RootType.INTERVIEW: ("q", "s"),
    RootType.LEAD: ("l",),
    RootType.PLAN: ("l",),
    RootType.DRAW: ("d",),
    RootType.FORM_PACK: ("county",),
    RootType.CONTROL: ("county",),
}
_MOST_GAPS: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """The county's answer to one change.

    Args:
        feed, vseq: where it stands, if admitted now.
    """

    replica: bytes
    seq: int
    verdict: Verdict
    reason: str = ""
    change_id: bytes = b""
    feed: str = ""
    vseq: int = 0


# What the content of a change can make storing and merging raise; a lost connection or a full disk is none of it.
_POISON: Final = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, SyncError, StatementError,
)  # fmt: skip


def _is_of_the_content(error: BaseException) -> bool:
    return not isinstance(error, DBAPIError) or isinstance(error, DataError)


class Admission:
    """Takes changes into the county's database within one transaction of the caller.

    ::

        with Admission(database, keys, connection) as desk:
            answer = desk.take(raw, now_ms=…, replica=…, via="http")

    Certificates read and numbers held are remembered for the transaction; leaving the block writes the numbers.
    """

    def __init__(self, database: Database, keys: CountyKeys, connection: Connection) -> None:
        self._database = database
        self._keys = keys
        self._county = keys.county
        self._connection = connection
        self._devices: dict[bytes, _Device | None] = {}
        self._people: dict[str, UserCertificate | None] = {}
        self._accounts: dict[str, set[str]] = {}
        self._held: dict[bytes, tuple[int, set[int]]] = {}

    def __enter__(self) -> Admission:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._write_held()

    # --- taking in ----------------------------------------------------------------------------------------------------

    def take(self, raw: bytes, *, now_ms: int, replica: bytes, via: str) -> Answer:
        """Stores one change and judges it.

        Args:
            replica: of the laptop that is talking; may differ from the change's (a third party's copy).
        """
        try:
            seen = peek(raw)
        except (BadBytes, TooBig, NewerProgram) as error:
            self._set_aside(raw, b"", 0, "unreadable", now_ms)
            log.warning("unreadable change kept aside: %s", error)
            return Answer(b"", 0, Verdict.QUARANTINED, "unreadable")
        device = self._device_of(seen.replica) or self._device_by_signature(raw, seen.replica)
        if device is None:
            self._set_aside(raw, seen.replica, seen.seq, "unknown", now_ms)
            return self._answer(seen, Verdict.QUARANTINED, "unknown")
        try:
            verify(raw, Ed25519PublicKey.from_public_bytes(device.certificate.signing_key))
        except BadSignature:
            self._set_aside(raw, seen.replica, seen.seq, "signature", now_ms)
            if seen.replica == replica:  # only the replica itself may use up its own number
                self._hold(seen)
            return self._answer(seen, Verdict.BAD_SIGNATURE, "signature")
        twin = self._at_dot(seen)
        if twin is not None:
            if twin.change_id == seen.change_id:
                admitted = twin.verdict in (Verdict.ADMITTED, Verdict.DUPLICATE)
                verdict = Verdict.DUPLICATE if admitted else Verdict(twin.verdict)
                return self._answer(seen, verdict, "" if admitted else self._last_reason(seen.change_id))
            self._set_aside(raw, seen.replica, seen.seq, "fork", now_ms)
            where = (tables.replica.c.county_id == self._county, tables.replica.c.replica == seen.replica)
            self._connection.execute(tables.replica.update().where(*where).values(forked=1))
            return self._answer(seen, Verdict.QUARANTINED, "fork")
        try:
            change: Change | None = open_any(raw)
        except BadBytes:
            change = None
        try:
            with self._connection.begin_nested():
                answer = self._store_and_judge(seen, raw, change, device, now_ms, via)
        except _POISON as error:
            if not _is_of_the_content(error):
                raise
            log.error("storing raised %s; the change is kept aside and the others go on", type(error).__name__)
            self._set_aside(raw, seen.replica, min(seen.seq, 2**62), "unreadable", now_ms)
            answer = self._answer(seen, Verdict.QUARANTINED, "unreadable")
        self._hold(seen)
        return answer

    def _store_and_judge(
        self, seen: Peek, raw: bytes, change: Change | None, device: _Device, now_ms: int, via: str
    ) -> Answer:
        reason = "unreadable" if change is None else self._judge(change, device, now_ms)
        self._store(seen, raw, change, device.device, now_ms, via)
        if change is None or reason:
            self._decide(seen.change_id, Verdict.QUARANTINED, reason, "county", now_ms)
            return self._answer(seen, Verdict.QUARANTINED, reason)
        return self._admit(seen, change, "county", now_ms)

    def admit_waiting(self, change_id: bytes, by: str, now_ms: int) -> Answer | None:
        """A person lets a quarantined change in; None if there is no such change waiting."""
        row = self._row(change_id)
        if row is None or row.verdict not in (Verdict.QUARANTINED, Verdict.HELD):
            return None
        try:
            change = open_any(row.raw)
        except BadBytes:
            return None
        return self._admit(peek(row.raw), change, by, now_ms)

    def refuse_waiting(self, change_id: bytes, by: str, reason: str, now_ms: int) -> bool:
        """A person decides that a quarantined change stays out; it is kept all the same."""
        row = self._row(change_id)
        if row is None or row.verdict != Verdict.QUARANTINED:
            return False
        self._decide(change_id, Verdict.QUARANTINED, f"refused:{reason}", by, now_ms)
        return True

    def _admit(self, seen: Peek, change: Change, by: str, now_ms: int) -> Answer:
        try:
            with self._connection.begin_nested():  # what it wrote before it raised goes too, and nothing else
                feed = self._route(change)
                self._merge(change)
        except _POISON as error:
            if not _is_of_the_content(error):
                raise
            # The kind alone: a message may carry an answer.
            log.error("merging raised %s; the change is held and the others go on", type(error).__name__)
            self._decide(seen.change_id, Verdict.HELD, "held", by, now_ms)
            return self._answer(seen, Verdict.HELD, "held")
        vseq = feeds.append(self._connection, self._database, self._county, feed, seen.change_id)
        self._decide(seen.change_id, Verdict.ADMITTED, "", by, now_ms)
        if change.kind == Kind.MOVE:
            self._move(change)
        return Answer(seen.replica, seen.seq, Verdict.ADMITTED, "", seen.change_id, feed, vseq)

    # --- judging ------------------------------------------------------------------------------------------------------

    def _judge(self, change: Change, device: _Device, now_ms: int) -> str:
        """The reason for a quarantine, "" for none."""
        certificate = device.certificate
        if change.county != self._county:
            return "county"
        if device.status not in ("active", "county"):
            return "revoked"
        if now_ms > certificate.not_after_ms:
            return "certificate"
        try:
            part = parse_feed(change.feed)
        except BadBytes:
            return "feed"
        if part.part not in _PARTS_OF_TYPE.get(change.root_type, (part.part,)):
            return "type"
        if not covers(certificate.feeds, change.feed):
            return "feed"
        target = register_after_move(change.body) if change.kind == Kind.MOVE else ""
        if target is None:
            return "feed"
        if device.is_county:
            return ""
        user = self._person(change.actor)
        if user is None or now_ms > user.not_after_ms or not self._works_at(change.actor, device):
            return "account"
        if not may_write(user.role, change.root_type, change.kind):
            return "rights"
        if not covers(user.feeds, change.feed) or (target and not covers(user.feeds, target)):
            return "scope"
        return self._judge_root(change, user.role.level == "county")

    def _judge_root(self, change: Change, by_county: bool) -> str:
        here = {"county_id": self._county, "root": change.root}
        known = self._connection.execute(statements.STANDING, here).first()
        if known is None:
            return ""
        if known.root_type != change.root_type:
            return "type"
        if not self._homes_allow(change):
            return "home"
        quiet = change.kind in REVIEW_KINDS or change.kind in (Kind.NOTE, Kind.PARADATA)
        if known.status in (FormStatus.LOCKED, FormStatus.ARCHIVED) and not quiet and not by_county:
            return "locked"
        return ""

    def _homes_allow(self, change: Change) -> bool:
        """The change's feed is the root's home, or was: late edits after a move follow the root."""
        if change.feed == "county":
            return True
        part = parse_feed(change.feed)
        for row in self._homes(change.root):
            if row.village == part.village and (part.part in ("r", "l") or row.portfolio in ("", part.portfolio)):
                return True
        return False

    # --- where things live --------------------------------------------------------------------------------------------

    def _homes(self, root: str) -> list[Any]:
        return list(self._connection.execute(statements.HOMES, {"county_id": self._county, "root": root}))

    def _route(self, change: Change) -> str:
        """The feed in which the change is to stand: its own part of the root's present home."""
        if change.feed == "county":
            return change.feed
        part = parse_feed(change.feed)
        homes = self._homes(change.root)
        if not homes:
            self._settle(change.root, 1, part.village, part.portfolio)
            return change.feed
        village, portfolio = homes[-1].village, homes[-1].portfolio
        if part.portfolio and not portfolio:  # the register knew it first; now somebody works on it
            portfolio = part.portfolio
            self._settle(change.root, len(homes) + 1, village, portfolio)
        return str(FeedName(part.part, village, portfolio if part.portfolio else ""))

    def _settle(self, root: str, number: int, village: str, portfolio: str) -> None:
        values = {"county_id": self._county, "root": root, "number": number, "village": village, "portfolio": portfolio}
        self._connection.execute(self._database.insert_once(tables.root_home), values)

    def _move(self, change: Change) -> None:
        """Announces the root's leaving to its old feeds and gives all its changes to the new ones."""
        homes = self._homes(change.root)
        village, portfolio = str(change.body.get("village", "")), str(change.body.get("portfolio", ""))
        if register_after_move(change.body) is None or (
            homes and (homes[-1].village, homes[-1].portfolio) == (village, portfolio)
        ):
            return
        table = tables.feed_entry
        changes = tables.change
        old = self._connection.execute(
            select(table.c.feed_id, table.c.item_id)
            .select_from(
                table.join(
                    changes, (changes.c.county_id == table.c.county_id) & (changes.c.change_id == table.c.item_id)
                )
            )
            .where(table.c.county_id == self._county, changes.c.root == change.root)
            .order_by(table.c.feed_id, table.c.vseq)
        ).all()
        self._settle(change.root, len(homes) + 1, village, portfolio)
        renamed: dict[str, str] = {}
        for feed_id in dict.fromkeys(row.feed_id for row in old):
            part = parse_feed(feed_id)
            if homes and part.village == homes[-1].village:
                owner = (portfolio or part.portfolio) if part.portfolio else ""
                renamed[feed_id] = str(FeedName(part.part, village, owner))
        feeds.lock_feeds(self._connection, self._database, self._county, [*renamed, *renamed.values()])
        for feed_id, target in renamed.items():
            if feed_id == target:
                continue
            for name, at, other in (("moved_out", feed_id, target), ("moved_in", target, feed_id)):
                fact = cbor.dumps({"fact": name, "root": change.root, "feed": other, "change": self._id_of(change)})
                feeds.append_fact(self._connection, self._database, self._county, at, fact)
            for row in old:
                if row.feed_id == feed_id:
                    feeds.append(
                        self._connection, self._database, self._county, target, row.item_id, perhaps_there=True
                    )

    @staticmethod
    def _id_of(change: Change) -> bytes:
        return change.replica + change.seq.to_bytes(8, "big")

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _merge(self, change: Change) -> None:
        here = {"county_id": self._county, "root": change.root}
        reading = statements.STATE if self._database.is_sqlite else statements.STATE_LOCKED
        row = self._connection.execute(reading, here).first()
        if row is None:
            first = {**self._shown(merge(empty(change.root), change)), "village": parse_feed(change.feed).village}
            new = self._database.insert_once(tables.doc_state)
            if self._connection.execute(new, {**here, **first}).rowcount == 1:
                return
            row = self._connection.execute(reading, here).one()  # another writer was first
        values = self._shown(merge(unpack_state(row.state), change))
        named = {f"new_{name}": value for name, value in values.items()}
        self._connection.execute(statements.SET_STATE, {"county": self._county, "id": change.root, **named})

    @staticmethod
    def _shown(state: RootState) -> dict[str, Any]:
        root_type, conflicts, status = summary(state)
        return {"state": pack_state(state), "n_conflict": conflicts, "status": int(status), "root_type": root_type}

    def _store(self, seen: Peek, raw: bytes, change: Change | None, device: str, now_ms: int, via: str) -> None:
        values = {
            "county_id": self._county, "change_id": seen.change_id, "replica": seen.replica, "seq": seen.seq,
            "root": seen.root, "root_type": seen.root_type, "kind": str(seen.kind), "hlc": seen.hlc.to_bytes(8, "big"),
            "actor": seen.actor, "device": device, "feed": seen.feed,
            "form_version": change.form_version if change else "", "raw": raw, "verdict": int(Verdict.QUARANTINED),
            "recv_at": now_ms, "via": via,
        }  # fmt: skip
        self._connection.execute(statements.STORE, values)

    def _decide(self, change_id: bytes, verdict: Verdict, reason: str, by: str, now_ms: int) -> None:
        here = {"county_id": self._county, "change_id": change_id}
        number = len(self._connection.execute(statements.DECISIONS, here).all()) + 1
        told = {"number": number, "verdict": int(verdict), "reason": reason, "decided_by": by, "at": now_ms}
        self._connection.execute(statements.DECIDE, {**here, **told})
        now = {"county": self._county, "id": change_id, "now": int(verdict)}
        self._connection.execute(statements.SET_VERDICT, now)

    def _set_aside(self, raw: bytes, replica: bytes, seq: int, why: str, now_ms: int) -> None:
        """Raw custody outside the unique key (replica, seq): kept for a person, never merged."""
        self._connection.execute(
            self._database.insert_once(tables.quarantine).values(
                county_id=self._county,
                item_id=content_id(raw),
                replica=replica,
                seq=min(seq, 2**62),
                **{"class": why},
                raw=raw,
                opened=now_ms,
                closed=0,
            )
        )

    def _hold(self, seen: Peek) -> None:
        """Notes that this seq of its replica is here, whatever was decided about it."""
        upto, beyond = self._numbers(seen.replica)
        if seen.seq > upto:
            beyond.add(seen.seq)
        while upto + 1 in beyond:
            upto += 1
            beyond.remove(upto)
        self._held[seen.replica] = (upto, beyond)

    def _numbers(self, replica: bytes) -> tuple[int, set[int]]:
        if replica not in self._held:
            table = tables.replica
            where = (table.c.county_id == self._county, table.c.replica == replica)
            row = self._connection.execute(self._database.locked(select(table).where(*where))).one()
            self._held[replica] = (row.upto, set(cbor.loads(row.beyond)))
        return self._held[replica]

    def _write_held(self) -> None:
        table = tables.replica
        for replica, (upto, beyond) in sorted(self._held.items()):
            where = (table.c.county_id == self._county, table.c.replica == replica)
            values = {"upto": upto, "beyond": cbor.dumps(sorted(beyond))}
            self._connection.execute(table.update().where(*where).values(**values))

    def have(self, replica: bytes) -> Have:
        """What is here of a replica, as its owner must know it."""
        table = tables.replica
        where = (table.c.county_id == self._county, table.c.replica == replica)
        row = self._connection.execute(select(table).where(*where)).first()
        if row is None:
            return Have(0)
        beyond = cbor.loads(row.beyond)
        if not beyond:
            return Have(row.upto)
        held = set(beyond)
        gaps: list[int] = []
        for seq in range(row.upto + 1, beyond[-1]):
            if seq not in held:
                gaps.append(seq)
                if len(gaps) > _MOST_GAPS:
                    return Have(gaps[0] - 1)
        return Have(beyond[-1], tuple(gaps))

    def _person(self, account: str) -> UserCertificate | None:
        """The certificate of an open account."""
        if account not in self._people:
            where = (tables.account.c.county_id == self._county, tables.account.c.account == account)
            row = self._connection.execute(select(tables.account).where(*where)).first()
            self._people[account] = (
                read_user_certificate(row.certificate, self._keys.verify_key)
                if row is not None and row.status == "active"
                else None
            )
        return self._people[account]

    def person_at(self, account: str, device: str) -> UserCertificate | None:
        """The certificate of an open account whose person was enrolled on this laptop."""
        where = (tables.device.c.county_id == self._county, tables.device.c.device == device)
        row = self._connection.execute(select(tables.device).where(*where)).first()
        if row is None:
            return None
        known = _Device(device, row.status, read_device_certificate(row.certificate, self._keys.verify_key))
        return self._person(account) if self._works_at(account, known) else None

    def _works_at(self, account: str, device: _Device) -> bool:
        """Whether this person was enrolled on this laptop: a laptop's key vouches for its own people alone."""
        if device.device not in self._accounts:
            codes = tables.enrolment_code
            query = select(codes.c.account).where(codes.c.county_id == self._county, codes.c.used_by == device.device)
            enrolled = set(self._connection.execute(query).scalars())
            self._accounts[device.device] = enrolled | {device.certificate.holder}
        return account in self._accounts[device.device]

    def _device_of(self, replica: bytes) -> _Device | None:
        if replica not in self._devices:
            self._devices[replica] = self._read_device(replica)
        return self._devices[replica]

    def _read_device(self, replica: bytes) -> _Device | None:
        here = {"county_id": self._county, "replica": replica}
        row = self._connection.execute(statements.DEVICE_OF_REPLICA, here).first()
        if row is None:
            return None
        certificate = read_device_certificate(row.certificate, self._keys.verify_key)
        return _Device(row.device, row.status, certificate)

    def _device_by_signature(self, raw: bytes, replica: bytes) -> _Device | None:
        """Whose replica this is, if no hello has told: of a laptop that met the county after the backup, given by another."""
        table = tables.device
        for row in self._connection.execute(select(table).where(table.c.county_id == self._county)).all():
            certificate = read_device_certificate(row.certificate, self._keys.verify_key)
            try:
                verify(raw, certificate.verify_key())
            except (BadSignature, ValueError):
                continue
            new = {"county_id": self._county, "replica": replica, "device": row.device, "upto": 0}
            rest = {"beyond": cbor.dumps([]), "durable_upto": 0, "forked": 0}
            self._connection.execute(self._database.insert_once(tables.replica), new | rest)
            self._devices[replica] = _Device(row.device, row.status, certificate)
            return self._devices[replica]
        return None

    def _at_dot(self, seen: Peek) -> Any:
        here = {"county_id": self._county, "replica": seen.replica, "seq": seen.seq}
        return self._connection.execute(statements.AT_DOT, here).first()

    def _row(self, change_id: bytes) -> Any:
        table = tables.change
        where = (table.c.county_id == self._county, table.c.change_id == change_id)
        return self._connection.execute(self._database.locked(select(table).where(*where))).first()

    def _last_reason(self, change_id: bytes) -> str:
        table = tables.admission
        where = (table.c.county_id == self._county, table.c.change_id == change_id)
        reason = self._connection.execute(
            select(table.c.reason).where(*where).order_by(table.c.number.desc()).limit(1)
        ).scalar()
        return str(reason or "")

    @staticmethod
    def _answer(seen: Peek, verdict: Verdict, reason: str) -> Answer:
        return Answer(seen.replica, seen.seq, verdict, reason, seen.change_id)


@dataclass(frozen=True, slots=True)
class _Device:
    device: str
    status: str
    certificate: DeviceCertificate

    @property
    def is_county(self) -> bool:
        """The server's own hand: what it publishes was decided by the administrator at its command line."""
        return self.device == COUNTY_DEVICE


COUNTY_DEVICE: Final = "00" * 16
