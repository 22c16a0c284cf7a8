"""The county reads a stick: every bundle for it is judged as if it came over the wire, and the answer goes back on the stick."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Connection, select

from sync.bundle import COUNTY, BundleHeader, BundleReader, seal_bundle
from sync.codec import peek
from sync.errors import BadBytes, NotRecognised, SyncError
from sync.frame import EntryKind, FrameReader
from sync.messages import frame_of_parts, unpack_hello
from sync.project import other_project
from sync.protocol import LARGEST_DOWN, Cursor, ExchangeHead, FeedEntry, Hello, Verdict, Welcome
from sync.receipt import Receipt, make_receipt, read_receipt
from sync.scope import DeviceCertificate, read_device_certificate
from sync.server import audit, tables
from sync.server.service import CountyService
from sync.stick import Place, Stick

_MOST_ROUNDS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one bundle.

    Attributes:
        sender: device id.
        waiting: changes that a person has to look at (quarantined or held).
        answered: entries that go back.
        complete: read to its end; only then a receipt is written.
        refused: why nothing was taken, one sentence; "" if something was.
    """

    name: str
    sender: str
    changes: int = 0
    admitted: int = 0
    waiting: int = 0
    answered: int = 0
    complete: bool = False
    refused: str = ""


def take_stick(
    service: CountyService,
    stick: Stick,
    *,
    now_ms: Callable[[], int],
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Delivery]:
    """Takes in every bundle of the stick that has no receipt yet, oldest first, and puts answer and receipt beside it.

    Nothing is deleted: laptops clear their own bundles when they see the receipt. One bad bundle stops no other.

    Raises:
        StickFull, StickReadOnly, StickGone: what was taken in stays in; the stick can be put in again.
    """
    return [
        Counter(service, stick, now_ms, chance).take(name)
        for name in stick.names(Place.OUT)
        if not _receipted(service, stick, name)
    ]


def _receipted(service: CountyService, stick: Stick, name: str) -> bool:
    if not stick.has(Place.ACK, name):
        return False
    receipt = read_receipt(b"".join(stick.pieces(Place.ACK, name)), service.keys.verify_key)
    return receipt is not None and receipt.bundle == name


class Tray(Protocol):
    """Where a bundle lies and its answer is put: a stick, or what came by wire (desk.py)."""

    def pieces(self, place: Place, name: str) -> Iterator[bytes]:
        """A file in pieces."""
        ...

    def put(self, place: Place, pieces: Iterable[bytes], name: str = "") -> str:
        """A whole file; its name."""
        ...


class Counter:
    """One bundle over the counter.

    Attributes:
        judged: of each change of the bundle that can be read: its id, feed and verdict.
    """

    def __init__(
        self, service: CountyService, stick: Tray, now_ms: Callable[[], int], chance: Callable[[int], bytes]
    ) -> None:
        self._service = service
        self._stick = stick
        self._now_ms = now_ms
        self._chance = chance
        self._changes = 0
        self._complete = False
        self._feeds: set[str] = set()
        self._named: dict[int, tuple[bytes, str]] = {}
        self.judged: list[tuple[bytes, str, Verdict]] = []

    def take(self, name: str) -> Delivery:
        sender = ""
        try:
            header, entries = self._opened(name)
            sender = header.sender
            certificate = self._certificate(sender)
            hello = self._hello(entries, header)
            welcome = self._service.hello(hello)
        except SyncError as error:
            return Delivery(name, sender, refused=error.sentence())
        head, answer = self._exchange(welcome, hello, entries)
        self.judged = [(*self._named[seq], verdict) for seq, verdict, _ in head.verdicts if seq in self._named]
        self._answer(certificate, hello, welcome, head, answer)
        if self._complete:
            receipt = Receipt(name, self._service.keys.county, self._now_ms(), self._changes)
            self._stick.put(Place.ACK, [make_receipt(receipt, self._service.keys.signing)], name)
        self._note(name, sender)
        verdicts = [verdict for _, verdict, _ in head.verdicts]
        admitted = sum(one in (Verdict.ADMITTED, Verdict.DUPLICATE) for one in verdicts)
        return Delivery(name, sender, self._changes, admitted, len(verdicts) - admitted, len(answer), self._complete)

    def _opened(self, name: str) -> tuple[BundleHeader, Iterator[tuple[int, bytes]]]:
        """Header and entries of a bundle that is ours and sealed by a laptop we know."""
        self._check_project(name)
        reader, frame = BundleReader(self._service.keys.sealing), FrameReader()
        pieces = self._stick.pieces(Place.OUT, name)
        waiting: list[bytes] = []
        while reader.header is None or not waiting:
            piece = next(pieces, b"")
            if not piece:
                break
            waiting += reader.take(piece)
        header = reader.header
        if header is None:
            raise BadBytes("a bundle without a header")
        reader.check_county(self._service.keys.county)
        if header.receiver != COUNTY:
            raise BadBytes("a bundle for somebody else")
        key = Ed25519PublicKey.from_public_bytes(self._certificate(header.sender).signing_key)
        reader.check_sender(key)

        def entries() -> Iterator[tuple[int, bytes]]:
            for plain in waiting:
                yield from frame.take(plain)
            for piece in pieces:
                for plain in reader.take(piece):
                    yield from frame.take(plain)
            self._complete = reader.complete and frame.complete

        return header, entries()

    def _check_project(self, name: str) -> None:
        """Refuses by name what a laptop of the county's other project has packed: its key is not ours, so nothing opens it here."""
        reader = BundleReader()
        for piece in self._stick.pieces(Place.OUT, name):
            list(reader.take(piece))
            if reader.header is not None:
                reader.check_county(self._service.keys.county)
                refusal = other_project(str(reader.header.facts.get("use_mode", "")), self._service.keys.use_mode)
                if refusal is not None:
                    raise refusal
                return

    def _certificate(self, device: str) -> DeviceCertificate:
        county = self._service.keys.county
        with self._service.database.reading() as connection:
            where = (tables.device.c.county_id == county, tables.device.c.device == device)
            row = connection.execute(select(tables.device).where(*where)).first()
        if row is None:
            raise NotRecognised("unknown device")
        return read_device_certificate(row.certificate, self._service.keys.verify_key)

    def _hello(self, entries: Iterator[tuple[int, bytes]], header: BundleHeader) -> Hello:
        kind, payload = next(entries, (EntryKind.END, b""))
        if kind != EntryKind.HELLO:
            raise BadBytes("a bundle without a hello")
        hello = unpack_hello(payload)
        if hello.device != header.sender:
            raise NotRecognised("the hello of another laptop")
        return hello

    def _exchange(
        self, welcome: Welcome, hello: Hello, entries: Iterator[tuple[int, bytes]]
    ) -> tuple[ExchangeHead, list[FeedEntry]]:
        """As many exchanges as it takes until nothing waits, made into one answer."""
        raws = list(self._raws(entries))  # what stands before a damage is good
        cursors = self._cursors(welcome, hello)
        head, answer = self._one(welcome, raws, cursors)
        last = head
        for _ in range(_MOST_ROUNDS):
            if not last.more:
                break
            last, further = self._one(welcome, [], cursors)
            answer += further
        return replace(head, heads=last.heads, more=False), answer

    def _one(
        self, welcome: Welcome, raws: list[bytes], cursors: dict[str, Cursor]
    ) -> tuple[ExchangeHead, list[FeedEntry]]:
        first, *rest = self._service.exchange(welcome.token, raws, tuple(cursors.values()), LARGEST_DOWN)
        assert isinstance(first, ExchangeHead)
        found = [part for part in rest if isinstance(part, FeedEntry)]
        for entry in found:
            cursors[entry.feed] = replace(cursors[entry.feed], vseq=entry.vseq)
        return first, found

    def _raws(self, entries: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
        try:
            for kind, payload in entries:
                if kind == EntryKind.CHANGE:
                    self._changes += 1
                    with contextlib.suppress(SyncError):  # admission says what is wrong with it
                        seen = peek(payload)
                        self._feeds.add(seen.feed)
                        self._named[seen.seq] = (seen.change_id, seen.feed)
                    yield payload
        except SyncError:
            self._complete = False

    def _cursors(self, welcome: Welcome, hello: Hello) -> dict[str, Cursor]:
        known = {cursor.feed: cursor for cursor in hello.cursors if cursor.epoch == welcome.epoch}
        named = {head.feed for head in welcome.feeds} | self._feeds | set(known)
        return {feed: known.get(feed, Cursor(feed, welcome.epoch, 0, bytes(16))) for feed in sorted(named)}

    def _answer(
        self,
        certificate: DeviceCertificate,
        hello: Hello,
        welcome: Welcome,
        head: ExchangeHead,
        answer: list[FeedEntry],
    ) -> None:
        keys = self._service.keys
        facts = {"replica": hello.replica}
        header = BundleHeader(self._chance(16), keys.county, COUNTY, certificate.device, self._now_ms(), facts)
        recipient = X25519PublicKey.from_public_bytes(certificate.sealing_key)
        frame = frame_of_parts([head, *answer], replace(welcome, token=b""))
        self._stick.put(Place.IN, seal_bundle(header, frame, [recipient], keys.signing, self._chance))

    def _note(self, name: str, sender: str) -> None:
        detail: dict[str, Any] = {"bundle": name, "changes": self._changes, "complete": self._complete}

        def work(connection: Connection) -> None:
            audit.record(
                connection, self._service.database, self._service.keys.county, lane="sticks", at=self._now_ms(),
                actor=sender, action="stick", detail=detail,
            )  # fmt: skip

        self._service.database.run(work)
