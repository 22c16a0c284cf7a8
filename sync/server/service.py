"""The county server as a ``CountyServer``: the same class behind HTTP, in tests and in the simulator.

No session state: a token is a MAC, every request may be repeated, a restart costs the client one hello.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, bindparam, select

from sync import cbor
from sync.codec import LARGEST_RAW, peek
from sync.errors import BadBytes, NewEpoch, NewerProgram, NotRecognised, Refused, TooBig
from sync.ids import REPLICA_BYTES
from sync.merge import MERGES
from sync.messages import hello_signed_part
from sync.packing import PACKING
from sync.project import other_project
from sync.protocol import (
    LARGEST_DOWN,
    BlockDigest,
    Cursor,
    EnrolReply,
    EnrolRequest,
    ExchangeHead,
    ExchangePart,
    FeedEntry,
    FeedHead,
    Have,
    Hello,
    Order,
    Verdict,
    Waiting,
    Welcome,
)
from sync.scope import DeviceCertificate, UserCertificate, covers, read_device_certificate
from sync.server import audit, feeds, tables
from sync.server.admission import Admission, Answer
from sync.server.database import Database
from sync.server.enrol import Enrolment
from sync.server.errors import DatabaseTrouble
from sync.server.keys import CountyKeys, read_value, write_value

_GROUP_CHANGES: Final = 32  # changes in one transaction
_GROUP_BYTES: Final = 64 * 1024
_TOKEN_MS: Final = 12 * 3600 * 1000
_MOST_OFFERED: Final = 5000
_MOST_WAITING: Final = 512 * 1024  # bytes of one list of what waits

# Built once, as in admission.py.
_DEVICE, _REPLICA, _CHANGE = tables.device, tables.replica, tables.change
_COUNTY: Any = bindparam("county")
_AT_DEVICE: Any = bindparam("at_device")
_AT_REPLICA: Any = bindparam("at_replica")
_OF_DEVICE: Final = (_DEVICE.c.county_id == _COUNTY, _DEVICE.c.device == _AT_DEVICE)
_THE_DEVICE: Final = select(_DEVICE).where(*_OF_DEVICE)
_SEEN_NOW: Final = _DEVICE.update().where(*_OF_DEVICE)
_THE_REPLICA: Final = select(_REPLICA).where(_REPLICA.c.county_id == _COUNTY, _REPLICA.c.replica == _AT_REPLICA)
_ID_AT: Final = select(_CHANGE.c.change_id).where(
    _CHANGE.c.county_id == _COUNTY, _CHANGE.c.replica == _AT_REPLICA, _CHANGE.c.seq == bindparam("at_seq")
)


@dataclass(frozen=True, slots=True)
class _Ticket:
    device: str
    replica: bytes


@dataclass(frozen=True, slots=True)
class _Caller:
    ticket: _Ticket
    certificate: DeviceCertificate
    active: bool


class CountyService:
    """The county on its database.

    Args:
        database: with tables and keys.
        keys: the county's.
        now_ms: county time, milliseconds since 1970.
        chance: random bytes; handed in so that a simulation can repeat itself.
    """

    def __init__(
        self,
        database: Database,
        keys: CountyKeys,
        *,
        now_ms: Callable[[], int],
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.database = database
        self.keys = keys
        self.enrolment = Enrolment(database, keys, now_ms=now_ms, chance=chance)
        self._now_ms = now_ms
        self._chance = chance
        self._county = keys.county
        self._epoch_lock = threading.Lock()
        self._epoch: str | None = None

    # --- CountyServer -------------------------------------------------------------------------------------------------

    def hello(self, hello: Hello) -> Welcome:
        """Who is there, what the server has of it, where its feeds end."""
        return self.database.run(lambda connection: self._hello(connection, hello))

    def exchange(
        self, token: bytes, sending: Iterable[bytes], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        """Takes changes in group by group as they arrive, then answers. A cut keeps what had arrived."""
        caller = self._caller(token)
        for cursor in cursors:
            if cursor.epoch != self.epoch and cursor.vseq:
                raise NewEpoch("cursors of another incarnation")
        answers = self._take_all(caller, sending)
        return self._reply(caller, answers, cursors, min(max(max_down, 0), LARGEST_DOWN))

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Entries of one feed, for repair."""
        caller = self._reader(token, feed)
        with self.database.reading() as connection:
            entries = list(feeds.entries_after(connection, self._county, feed, max(after, 0), min(max(most, 0), 1000)))
        self._note_read(caller, entries)
        return iter(entries)

    def digests(self, token: bytes, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
        """Digests of the blocks that touch first…last."""
        self._reader(token, feed)
        with self.database.reading() as connection:
            return feeds.block_digests(connection, self._county, feed, first, last)

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Which of these changes the server lacks."""
        self._caller(token)
        if len(change_ids) > _MOST_OFFERED:
            raise Refused("too many ids in one offer")
        table = tables.change
        with self.database.reading() as connection:
            where = (table.c.county_id == self._county, table.c.change_id.in_(list(change_ids)))
            here = set(connection.execute(select(table.c.change_id).where(*where)).scalars())
        return tuple(change_id for change_id in change_ids if change_id not in here)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Certificates for a one-time code."""
        return self.enrolment.by_code(request)

    def _desk(self, connection: Connection) -> Admission:
        return Admission(self.database, self.keys, connection)

    # --- epoch --------------------------------------------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        """This incarnation of the county's database; a restore makes a new one."""
        with self._epoch_lock:
            if self._epoch is None:
                self._epoch = self.database.run(self._read_epoch)
            return self._epoch

    def _read_epoch(self, connection: Connection) -> str:
        known = read_value(connection, self._county, "epoch")
        if known is None:
            # Two first callers at once: the row that came first stands, both read it.
            made = self.database.insert_once(tables.county)
            connection.execute(made.values(county_id=self._county, name="epoch", value=self._chance(8)))
            known = read_value(connection, self._county, "epoch")
        if known is None:
            raise DatabaseTrouble("the epoch cannot be written")
        return known.hex()

    # --- hello --------------------------------------------------------------------------------------------------------

    def _hello(self, connection: Connection, hello: Hello) -> Welcome:
        refusal = other_project(hello.use_mode, self.keys.use_mode)
        if refusal is not None:
            raise refusal
        row = self._device_row(connection, hello.device)
        if row is None:
            raise NotRecognised("unknown device")
        certificate = read_device_certificate(row.certificate, self.keys.verify_key)
        try:
            key = Ed25519PublicKey.from_public_bytes(certificate.signing_key)
            key.verify(hello.signature, hello_signed_part(hello, self._county))
        except InvalidSignature as error:
            raise NotRecognised("hello not signed by the device") from error
        row = self.enrolment.renew_if_due(connection, row)
        certificate = read_device_certificate(row.certificate, self.keys.verify_key)
        now = self._now_ms()
        replica = self._replica_row(connection, hello)
        if replica.device != hello.device:
            return self._renew_at_once(connection, hello, now)
        device = {"county": self._county, "at_device": hello.device}
        offset = max(min(hello.local_ms - now, 2**60), -(2**60))
        connection.execute(_SEEN_NOW, device | {"last_seen": now, "last_offset_ms": offset})
        have = self._desk(connection).have(hello.replica)
        active = row.status == "active"
        orders: list[Order] = []
        if not active:
            orders.append(Order.PUSH_FIRST)
            if row.status == "wipe" and have.upto >= hello.max_seq and not have.gaps:
                orders.append(Order.WIPE)
                self.enrolment.note_wipe(connection, hello.device)
        if replica.forked or have.upto > hello.max_seq:
            orders.append(Order.RENEW)
        epoch = self._read_epoch(connection)
        return Welcome(
            token=self._token(hello.device, hello.replica, now),
            epoch=epoch,
            server_ms=now,
            have=have,
            durable_upto=replica.durable_upto,
            feeds=self._news(connection, certificate, hello, epoch) if active else (),
            gone=tuple(c.feed for c in hello.cursors if not covers(certificate.feeds, c.feed)) if active else (),
            orders=tuple(orders),
            policy={
                "lease_days": certificate.lease_days,
                "use_mode": str(self.keys.use_mode),
                "packing": PACKING,
            },
            certificate=row.certificate if certificate.serial > hello.serial else None,
            upto_id=self._id_at(connection, hello.replica, have.upto),
        )

    def _renew_at_once(self, connection: Connection, hello: Hello, now: int) -> Welcome:
        """Another laptop goes by this replica id, by mischief or by a copied disk: the id is left to it, nobody is shut out."""
        token = self._token(hello.device, bytes(REPLICA_BYTES), now)
        return Welcome(token, self._read_epoch(connection), now, Have(0), 0, (), orders=(Order.RENEW,))

    def _token(self, device: str, replica: bytes, now: int) -> bytes:
        plain = bytes.fromhex(device) + replica + (now + _TOKEN_MS).to_bytes(8, "big")
        return plain + self.keys.keyed_hash(b"token", plain)

    def _news(
        self, connection: Connection, certificate: DeviceCertificate, hello: Hello, epoch: str
    ) -> tuple[FeedHead, ...]:
        known = {cursor.feed: cursor for cursor in hello.cursors if cursor.epoch == epoch}
        found = []
        for head in feeds.heads(connection, self._county, certificate.feeds):
            cursor = known.get(head.feed)
            if cursor is None or (cursor.vseq, cursor.digest) != (head.vseq, head.digest):
                found.append(head)
        return tuple(found)

    def _replica_row(self, connection: Connection, hello: Hello) -> Any:
        here = {"county": self._county, "at_replica": hello.replica}
        row = connection.execute(_THE_REPLICA, here).first()
        if row is None:
            new = {"county_id": self._county, "replica": hello.replica, "device": hello.device, "upto": 0}
            connection.execute(
                self.database.insert_once(_REPLICA), new | {"beyond": cbor.dumps([]), "durable_upto": 0, "forked": 0}
            )
            row = connection.execute(_THE_REPLICA, here).one()
        return row

    def _id_at(self, connection: Connection, replica: bytes, seq: int) -> bytes:
        here = {"county": self._county, "at_replica": replica, "at_seq": seq}
        return connection.execute(_ID_AT, here).scalar() or b""

    # --- exchange -----------------------------------------------------------------------------------------------------

    def _take_all(self, caller: _Caller, sending: Iterable[bytes]) -> list[Answer]:
        answers: list[Answer] = []
        group: list[bytes] = []
        size = 0
        try:
            for raw in sending:
                group.append(raw)
                size += len(raw)
                if len(group) >= _GROUP_CHANGES or size >= _GROUP_BYTES:
                    answers += self.take_group(group, caller.ticket.replica, "http")
                    group, size = [], 0
        finally:
            # Also when the line broke or the frame went wrong: what is complete is kept.
            if group:
                answers += self.take_group(group, caller.ticket.replica, "http")
        return answers

    def take_group(self, raws: Sequence[bytes], replica: bytes, via: str) -> list[Answer]:
        """Several changes in one transaction; their order within a replica is kept."""

        def work(connection: Connection) -> list[Answer]:
            now = self._now_ms()
            feeds.lock_feeds(connection, self.database, self._county, _feeds_named(raws))
            with self._desk(connection) as desk:
                answers = [desk.take(raw, now_ms=now, replica=replica, via=via) for raw in raws]
            self._audit(connection, answers, now)
            return answers

        return self.database.run(work)

    def _audit(self, connection: Connection, answers: Sequence[Answer], now: int) -> None:
        def lane(answer: Answer) -> str:
            return answer.feed or "quarantine"

        told = [a for a in answers if a.verdict != Verdict.DUPLICATE]
        for name, part in itertools.groupby(sorted(told, key=lane), key=lane):
            listed = [[a.change_id, a.vseq, int(a.verdict), a.reason] for a in part]
            self._record(connection, name, "county", "admission", {"changes": listed}, now)

    def _record(
        self, connection: Connection, lane: str, actor: str, action: str, detail: dict[str, Any], now: int
    ) -> None:
        audit.record(
            connection, self.database, self._county, lane=lane, at=now, actor=actor, action=action, detail=detail
        )

    def _reply(
        self, caller: _Caller, answers: Sequence[Answer], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        entries: list[FeedEntry] = []
        heads: list[FeedHead] = []
        more = False
        wanted = {c.feed: c for c in cursors if caller.active and covers(caller.certificate.feeds, c.feed)}
        with self.database.reading() as connection:
            have = self._desk(connection).have(caller.ticket.replica)
            room, own_replica = max_down, caller.ticket.replica
            for head in feeds.heads(connection, self._county, wanted):
                heads.append(head)
                after = wanted[head.feed].vseq
                while after < head.vseq and not more:
                    page = list(feeds.entries_after(connection, self._county, head.feed, after, 64, own=own_replica))
                    if not page:  # a feed that promises more than it holds must not hold up its readers
                        break
                    for entry in page:
                        if entries and len(entry.data) > room:
                            more = True
                            break
                        room -= len(entry.data)
                        entries.append(entry)
                        after = entry.vseq
        self._note_read(caller, entries)
        own = tuple((a.seq, a.verdict, a.reason) for a in answers if a.replica == caller.ticket.replica)
        return iter([ExchangeHead(self.epoch, have, own, tuple(heads), more), *entries])

    def _note_read(self, caller: _Caller, entries: Sequence[FeedEntry]) -> None:
        """Who was given what: feed and range per device."""
        if not entries:
            return
        ranges: dict[str, list[int]] = {}
        for entry in entries:
            ranges.setdefault(entry.feed, [entry.vseq, entry.vseq])[1] = entry.vseq
        device = caller.ticket.device
        self.database.run(
            lambda connection: self._record(
                connection, f"reads:{device}", device, "read", {"ranges": ranges}, self._now_ms()
            )
        )

    # --- callers ------------------------------------------------------------------------------------------------------

    def _caller(self, token: bytes) -> _Caller:
        plain, mac = token[:-16], token[-16:]
        if len(plain) != 32 or not self.keys.same(mac, self.keys.keyed_hash(b"token", plain)):
            raise NotRecognised("a token that is not ours")
        if int.from_bytes(plain[24:], "big") < self._now_ms():
            raise NotRecognised("an old token")
        ticket = _Ticket(plain[:16].hex(), plain[16:24])
        with self.database.reading() as connection:
            row = self._device_row(connection, ticket.device)
        if row is None:
            raise NotRecognised("unknown device")
        certificate = read_device_certificate(row.certificate, self.keys.verify_key)
        return _Caller(ticket, certificate, row.status == "active")

    def caller(self, token: bytes) -> tuple[DeviceCertificate, bool]:
        """The laptop that a token was given to, and whether it is active. Raises NotRecognised."""
        found = self._caller(token)
        return found.certificate, found.active

    def _reader(self, token: bytes, feed: str) -> _Caller:
        caller = self._caller(token)
        if not caller.active or not covers(caller.certificate.feeds, feed):
            raise Refused("a feed outside the certificate")
        return caller

    def _device_row(self, connection: Connection, device: str) -> Any:
        return connection.execute(_THE_DEVICE, {"county": self._county, "at_device": device}).first()

    # --- what an administrator asks -----------------------------------------------------------------------------------

    def have(self, replica: bytes) -> Have:
        """What is here of a replica."""
        with self.database.reading() as connection:
            return self._desk(connection).have(replica)

    def waiting(self) -> list[tuple[bytes, str, str, str, str]]:
        """Quarantined changes: change_id, device, actor, kind, reason."""
        changes, decided = tables.change, tables.admission
        with self.database.reading() as connection:
            rows = connection.execute(
                select(changes.c.change_id, changes.c.device, changes.c.actor, changes.c.kind, decided.c.reason)
                .select_from(
                    changes.join(
                        decided,
                        (decided.c.county_id == changes.c.county_id) & (decided.c.change_id == changes.c.change_id),
                    )
                )
                .where(
                    changes.c.county_id == self._county,
                    changes.c.verdict.in_([int(Verdict.QUARANTINED), int(Verdict.HELD)]),
                )
                .order_by(changes.c.recv_at, changes.c.replica, changes.c.seq, decided.c.number)
            ).all()
        latest = {row.change_id: tuple(row) for row in rows}
        return list(latest.values())

    def waiting_for(self, token: bytes, account: str) -> tuple[Waiting, ...]:
        """What waits for this person's decision: changes of the own villages, with their content.

        Raises:
            NotRecognised: the laptop. Refused: not a post that decides, or nobody of this laptop.
        """
        user = self._decider(token, account)
        changes, decided = tables.change, tables.admission
        aside = [int(Verdict.QUARANTINED), int(Verdict.HELD)]
        with self.database.reading() as connection:
            rows = connection.execute(
                select(changes, decided.c.reason)
                .select_from(
                    changes.join(
                        decided,
                        (decided.c.county_id == changes.c.county_id) & (decided.c.change_id == changes.c.change_id),
                    )
                )
                .where(changes.c.county_id == self._county, changes.c.verdict.in_(aside))
                .order_by(changes.c.recv_at, changes.c.replica, changes.c.seq, decided.c.number)
            ).all()
        latest = {row.change_id: row for row in rows if covers(user.feeds, row.feed)}
        found: list[Waiting] = []
        room = _MOST_WAITING
        for row in latest.values():
            room -= len(row.raw)
            if found and room < 0:
                break  # the rest comes when these have been decided
            if not row.reason.startswith("refused:"):
                found.append(Waiting(row.change_id, row.device, row.actor, row.reason, row.recv_at, row.raw))
        return tuple(found)

    def decide(self, token: bytes, account: str, change_id: bytes, refusal: str | None) -> bool:
        """A person lets one waiting change in, or leaves it out with a reason; it is kept all the same. False if it does not wait.

        Args:
            refusal: the reason for leaving it out; None lets it in.

        Raises:
            NotRecognised, Refused: as ``waiting_for``.
        """
        if change_id not in {one.change_id for one in self.waiting_for(token, account)}:
            return False
        if refusal is None:
            return self.admit(change_id, account)

        def work(connection: Connection) -> bool:
            now = self._now_ms()
            with self._desk(connection) as desk:
                done = desk.refuse_waiting(change_id, account, refusal[:200], now)
            self._record(connection, "quarantine", account, "refused", {"change": change_id}, now)
            return done

        return self.database.run(work)

    def _decider(self, token: bytes, account: str) -> UserCertificate:
        caller = self._caller(token)
        with self.database.reading() as connection:
            user = self._desk(connection).person_at(account, caller.ticket.device) if caller.active else None
        if user is None or user.role.level is None:
            raise Refused("a post that decides nothing here")
        return user

    def admit(self, change_id: bytes, by: str) -> bool:
        """A person lets one quarantined change in. False if it does not wait here."""

        def work(connection: Connection) -> bool:
            now = self._now_ms()
            with self._desk(connection) as desk:
                answer = desk.admit_waiting(change_id, by, now)
            if answer is None:
                return False
            self._audit(connection, [answer], now)
            return answer.verdict == Verdict.ADMITTED

        return self.database.run(work)

    def after_upgrade(self) -> int:
        """Once for every newer program: what an older one could not merge is tried again; how many changes counted now.

        The county feed is told the certificates of laptops that were enrolled before it told any.
        """
        told = str(MERGES).encode()
        with self.database.reading() as connection:
            if read_value(connection, self._county, "merges") == told:
                return 0
            table = tables.change
            where = (table.c.county_id == self._county, table.c.verdict == int(Verdict.HELD))
            held = list(connection.execute(select(table.c.change_id).where(*where).order_by(table.c.recv_at)).scalars())
        self.enrolment.announce_devices()
        done = sum(self.admit(change_id, "county") for change_id in held)
        self.database.run(lambda connection: write_value(connection, self._county, "merges", told))
        return done


def _feeds_named(raws: Iterable[bytes]) -> set[str]:
    found: set[str] = set()
    for raw in raws:
        if len(raw) <= LARGEST_RAW:
            try:
                found.add(peek(raw).feed)
            except (BadBytes, TooBig, NewerProgram):
                continue
    return found
