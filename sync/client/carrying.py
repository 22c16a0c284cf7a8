"""Sync without a line: a laptop's changes go out on a stick, the county's answer comes back on one.

Out goes a bundle with a signed hello and every own change that the county has not answered for, whatever other sticks carry them
too. In comes a bundle with the welcome and what an exchange would have answered; ``CarriedServer`` plays it to the very session
that talks over a wire, so both ways have one meaning. What needs question and answer in turn is left for the next line.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from sync.bundle import COUNTY, BundleHeader, BundleReader, seal_bundle
from sync.client.relayed import RelayedBundle
from sync.codec import change_id_of, peek
from sync.errors import BadBytes, NeedsTheLine, NothingForUs, NotYourCounty, SyncError
from sync.frame import EntryKind, FrameReader, frame_of_changes
from sync.messages import hello_signed_part, pack_hello, parts_in, unpack_welcome
from sync.protocol import (
    BlockDigest,
    ChangeLog,
    Cursor,
    EnrolReply,
    EnrolRequest,
    ExchangeHead,
    ExchangePart,
    FeedEntry,
    FeedHead,
    FeedItem,
    Have,
    Hello,
    Order,
    OwnChange,
    Welcome,
    fact_id,
    feed_digest,
)
from sync.receipt import Receipt, read_receipt
from sync.scope import DeviceCertificate, covers
from sync.stick import Place, Stick


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What a stick now carries. ``changes`` are all that the county has not answered for, not only the new ones."""

    name: str
    changes: int
    size: int  # bytes on the stick
    ids: tuple[bytes, ...] = ()  # of the changes in it


class Porter:
    """Packs and unpacks a laptop's bundles.

    Args:
        log: the laptop's.
        certificate, signing_key, sealing_key: the laptop's.
        county_key: certificates, receipts and bundles of the county are checked with it.
        county_sealing_key: bundles for the county are sealed to it.
        now_ms: the laptop's clock.
    """

    def __init__(
        self,
        log: ChangeLog,
        certificate: DeviceCertificate,
        signing_key: Ed25519PrivateKey,
        sealing_key: X25519PrivateKey,
        county_key: Ed25519PublicKey,
        county_sealing_key: X25519PublicKey,
        *,
        now_ms: Callable[[], int],
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._log = log
        self._certificate = certificate
        self._signing = signing_key
        self._sealing = sealing_key
        self._county_key = county_key
        self._county_sealing = county_sealing_key
        self._now_ms = now_ms
        self._chance = chance

    def waiting(self) -> Sequence[OwnChange]:
        """Own sealed changes that the county has not answered for, by seq."""
        return self._log.own_lacking(self._log.answered(), 1 << 62)

    def carry_out(self, stick: Stick, relay: DeviceCertificate | None = None) -> CarriedOut:
        """Seals the drafts and puts a bundle on the stick; this laptop's older ones there go once the new one stands.

        Args:
            relay: the township's laptop; the bundle is sealed to it as well if it may know every feed in it, else it is carried
                unopened.

        Raises:
            StickFull, StickReadOnly, StickGone: all changes are where they were.
        """
        self._log.seal_drafts()
        changes = self.waiting()
        me = self._log.identity()
        hello = self._hello()
        facts = {"replica": me.replica, "seq": me.max_seq, "use_mode": me.use_mode, "changes": len(changes)}
        header = BundleHeader(self._chance(16), me.county, me.device, COUNTY, self._now_ms(), facts)
        frame = frame_of_changes([change.raw for change in changes], pack_hello(hello))
        recipients = [self._county_sealing]
        if relay is not None and all(covers(relay.feeds, peek(change.raw).feed) for change in changes):
            recipients.append(X25519PublicKey.from_public_bytes(relay.sealing_key))
        pieces = list(seal_bundle(header, frame, recipients, self._signing, self._chance))
        name = stick.put(Place.OUT, pieces)
        for older in self._own_names(stick):
            if older != name:
                stick.remove(Place.OUT, older)
                stick.remove(Place.ACK, older)
        self._log.note_sync(f"装进 U 盘 {len(changes)} 条。")
        return CarriedOut(
            name, len(changes), sum(len(piece) for piece in pieces), tuple(change.change_id for change in changes)
        )

    def introduce(self) -> Hello:
        """A hello for a relay that has not met this laptop: with its certificate."""
        return replace(self._hello(), certificate=self._log.identity().certificate)

    def relayed_in(self, stick: Stick) -> list[RelayedBundle]:
        """What township relays have sealed for this laptop, oldest first. What is damaged or forged is left out."""
        me = self._log.identity()
        found: list[RelayedBundle] = []
        for name in stick.names(Place.IN):
            with contextlib.suppress(SyncError):
                header = _header_of(stick, Place.IN, name)
                if header.county == me.county and header.receiver == me.device and header.sender != COUNTY:
                    data = b"".join(stick.pieces(Place.IN, name))
                    found.append(RelayedBundle(name, data, self._sealing, self._county_key))
        return sorted(found, key=lambda one: one.created_ms)

    def receipts(self, stick: Stick) -> list[Receipt]:
        """Receipts of this laptop's bundles; a forged one is not among them."""
        found = []
        for name in self._own_names(stick):
            if stick.has(Place.ACK, name):
                with_it = read_receipt(b"".join(stick.pieces(Place.ACK, name)), self._county_key)
                if with_it is not None and with_it.bundle == name:
                    found.append(with_it)
        return found

    def carried_in(self, stick: Stick) -> list[CarriedServer]:
        """The county's bundles for this laptop, oldest first. What is damaged, forged or for others is left out.

        Raises:
            NotYourCounty: the stick has bundles, all of another county. NothingForUs: none for this laptop.
        """
        me = self._log.identity()
        found: list[CarriedServer] = []
        counties: set[str] = set()
        for name in stick.names(Place.IN):
            try:
                header = _header_of(stick, Place.IN, name)
                counties.add(header.county)
                if header.county == me.county and header.receiver == me.device:
                    found.append(CarriedServer(stick, name, self._sealing, self._county_key))
            except SyncError:
                continue
        if not found:
            strange = counties - {me.county}
            if strange and strange == counties:
                raise NotYourCounty("a stick of another county", county="、".join(sorted(strange)))
            raise NothingForUs("no bundle for this laptop")
        return sorted(found, key=lambda one: one.created_ms)

    def clear(self, stick: Stick, taken: Iterable[CarriedServer]) -> None:
        """Takes bundles off the stick that were taken in, and those of this laptop that the county has receipted."""
        for one in taken:
            stick.remove(Place.IN, one.name)
        for receipt in self.receipts(stick):
            stick.remove(Place.OUT, receipt.bundle)
            stick.remove(Place.ACK, receipt.bundle)

    def _hello(self) -> Hello:
        me = self._log.identity()
        plain = Hello(
            me.device, self._certificate.serial, self._chance(16), self._now_ms(), me.replica, me.max_seq,
            tuple(self._log.cursors()), use_mode=me.use_mode,
        )  # fmt: skip
        return replace(plain, signature=self._signing.sign(hello_signed_part(plain, me.county)))

    def _own_names(self, stick: Stick) -> list[str]:
        me = self._log.identity()
        mine = []
        for name in stick.names(Place.OUT):
            try:
                header = _header_of(stick, Place.OUT, name)
            except SyncError:
                continue
            if (header.county, header.sender) == (me.county, me.device):
                mine.append(name)
        return mine


class CarriedServer:
    """A ``CountyServer`` whose answers were written down on a stick beforehand.

    Attributes:
        name: of the bundle.
        created_ms: the county's clock when it was made.
        whole: False if it is damaged; what stands before the damage is good.
    """

    def __init__(self, stick: Stick, name: str, key: X25519PrivateKey, county_key: Ed25519PublicKey) -> None:
        """Raises BadBytes, BadSignature, NotForUs, NewerProgram."""
        self._stick = stick
        self.name = name
        self._key = key
        self._county_key = county_key
        self.created_ms = 0
        self.whole = True
        self._asked_by = b""  # the replica whose hello this answers; of an older server it is not told
        self._about_us = True
        self._reach: dict[str, tuple[int, int]] = {}
        self._welcome = self._look_through()

    def hello(self, hello: Hello) -> Welcome:
        """The county's answer to the hello that the stick took there, with the feeds ending where this bundle leads."""
        epoch = self._welcome.epoch
        welcome = _about_us(self._welcome, self._asked_by, hello)
        self._about_us = welcome is self._welcome
        at = {cursor.feed: cursor for cursor in hello.cursors if cursor.epoch == epoch}
        starts = ((head, at.get(head.feed, Cursor(head.feed, epoch, 0, bytes(16)))) for head in self._welcome.feeds)
        return replace(welcome, feeds=tuple(self._end(head, cursor) for head, cursor in starts))

    def exchange(
        self,
        token: bytes,  # noqa: ARG002 - written down for this laptop alone
        sending: Iterable[bytes],  # noqa: ARG002 - what went out went out with the bundle
        cursors: Sequence[Cursor],
        max_down: int,  # noqa: ARG002 - it is all here
    ) -> Iterator[ExchangePart]:
        """Head and entries from the stick; entries that the laptop has already are left out."""
        at = {cursor.feed: cursor.vseq for cursor in cursors if self._joins(cursor)}
        for part in self._parts():
            if isinstance(part, ExchangeHead):
                if not self._about_us:
                    part = replace(part, have=Have(0), verdicts=())
                ahead = tuple(h for h in part.heads if self._reaches(h, at) and h.vseq >= at[h.feed])
                yield replace(part, heads=ahead, more=False)
            elif part.feed in at and part.vseq > at[part.feed]:
                yield part

    def _end(self, head: FeedHead, cursor: Cursor) -> FeedHead:
        if head.vseq < cursor.vseq:  # an older answer than what a line or a relay has brought since
            return FeedHead(head.feed, cursor.vseq, cursor.digest)
        if self._reaches(head, {head.feed: cursor.vseq}):
            return head
        items: list[FeedItem] = []
        if self._joins(cursor):
            entries = (part for part in self._parts() if isinstance(part, FeedEntry) and part.feed == head.feed)
            items = [_item(entry) for entry in entries if entry.vseq > cursor.vseq]
        return FeedHead(head.feed, cursor.vseq + len(items), feed_digest(cursor.digest, items))

    def _joins(self, cursor: Cursor) -> bool:
        """Whether what is here goes on where the laptop stands; another bundle may have to be taken in first."""
        return cursor.feed not in self._reach or self._reach[cursor.feed][0] <= cursor.vseq + 1

    def _reaches(self, head: FeedHead, at: Mapping[str, int]) -> bool:
        """Whether the laptop can stand at this end of a feed after taking in what is here."""
        if head.feed not in at:
            return False
        return head.vseq <= max(at[head.feed], self._reach.get(head.feed, (0, 0))[1])

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Raises NeedsTheLine."""
        raise NeedsTheLine(f"feed {feed} after {after}, {most}, {len(token)}")

    def digests(self, token: bytes, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
        """Raises NeedsTheLine."""
        raise NeedsTheLine(f"digests of {feed} {first}-{last}, {len(token)}")

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Raises NeedsTheLine."""
        raise NeedsTheLine(f"offer of {len(change_ids)}, {len(token)}")

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Raises NeedsTheLine."""
        raise NeedsTheLine(f"enrolment of {request.device}")

    def _plain(self) -> Iterator[bytes]:
        reader = BundleReader(self._key)
        for piece in self._stick.pieces(Place.IN, self.name):
            for plain in reader.take(piece):
                reader.check_sender(self._county_key)
                yield plain
        if not reader.complete:
            raise BadBytes("the bundle ends early")

    def _parts(self) -> Iterator[ExchangePart]:
        try:
            yield from parts_in(self._plain())
        except BadBytes:
            self.whole = False

    def _look_through(self) -> Welcome:
        """Reads the welcome and notes how far each feed goes. Raises what makes the bundle unusable as a whole."""
        header = _header_of(self._stick, Place.IN, self.name)
        self.created_ms, self._asked_by = header.created_ms, bytes(header.facts.get("replica", b""))
        welcome: Welcome | None = None
        frame = FrameReader()
        for plain in self._plain():
            for kind, payload in frame.take(plain):
                if kind == EntryKind.WELCOME:
                    welcome = unpack_welcome(payload)
            if welcome is not None:
                break
        if welcome is None:
            raise BadBytes("a bundle without a welcome")
        for part in self._parts():
            if isinstance(part, FeedEntry):
                first, _ = self._reach.get(part.feed, (part.vseq, part.vseq))
                self._reach[part.feed] = (first, part.vseq)
        return welcome


def _about_us(welcome: Welcome, asked_by: bytes, hello: Hello) -> Welcome:
    """The welcome without what it says of own work, if the stick left in a former life of this laptop.

    Another replica id packed it, or one that had given out more numbers: then ``have`` speaks of changes that are not ours.
    """
    if asked_by in (b"", hello.replica) and welcome.have.upto <= hello.max_seq:
        return welcome
    orders = tuple(order for order in welcome.orders if order is not Order.RENEW)
    return replace(welcome, have=Have(0), upto_id=b"", durable_upto=0, orders=orders)


def _item(entry: FeedEntry) -> FeedItem:
    match entry.kind:
        case "fact":
            return FeedItem(entry.vseq, fact_id(entry.data))
        case "own":
            return FeedItem(entry.vseq, entry.data)
        case _:
            return FeedItem(entry.vseq, change_id_of(entry.data))


def _header_of(stick: Stick, place: Place, name: str) -> BundleHeader:
    """What stands in the open. Raises BadBytes."""
    reader = BundleReader()
    for piece in stick.pieces(place, name):
        for _ in reader.take(piece):
            break
        if reader.header is not None:
            return reader.header
    raise BadBytes("a bundle without a header")
