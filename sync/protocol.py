"""What passes between a laptop and the county: messages, size limits, and the two ends as Protocols.

The HTTP client and the county server's own class are both a ``CountyServer``; the laptop's store (and the simulator's
list in memory) is a ``ChangeLog``. Sync joins the two. Every request may be repeated; ``have`` is the only
acknowledgement that a client believes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from hashlib import blake2b
from typing import Any, Final, Protocol

from sync.ids import content_id

PROTOCOL: Final = 1
LARGEST_SEGMENT: Final = 256 * 1024  # bytes of one request's frame that a client sends
SMALLEST_SEGMENT: Final = 1024
FIRST_SEGMENT: Final = 4 * 1024
LARGEST_DOWN: Final = 1024 * 1024  # bytes of feed entries that one reply may carry
BLOCK: Final = 256  # feed entries under one digest
MODULUS: Final = 1 << 128


class Verdict(IntEnum):
    """The county's answer to one change. All five mean: stored. Only no verdict means: send again."""

    ADMITTED = 0
    DUPLICATE = 1
    QUARANTINED = 2
    HELD = 3
    BAD_SIGNATURE = 4


class Order(StrEnum):
    """What the county wants a laptop to do."""

    PUSH_FIRST = "push-first"
    WIPE = "wipe"
    RENEW = "renew"  # take a new replica id: the server knows a higher seq, or a fork


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a feed has been taken in: the last vseq, within one server incarnation, and the digest up to there."""

    feed: str
    epoch: str
    vseq: int
    digest: bytes  # 16 bytes, see feed_digest


@dataclass(frozen=True, slots=True)
class FeedHead:
    """A feed's end at the server."""

    feed: str
    vseq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Have:
    """What the server holds of a replica: every seq up to ``upto`` except ``gaps``, plus ``beyond``."""

    upto: int
    gaps: tuple[int, ...] = ()

    def lacks(self, seq: int) -> bool:
        """True if the server does not hold this seq."""
        return seq > self.upto or seq in self.gaps


@dataclass(frozen=True, slots=True)
class Hello:
    """First words of a sync.

    Args:
        device: 32 hex characters; the county knows its certificate.
        serial: of the device certificate that the laptop holds.
        nonce: 16 random bytes.
        local_ms: the laptop's clock, milliseconds since 1970.
        replica, max_seq: this incarnation and the last seq it has given out.
        dictionaries: names of the form dictionaries the laptop holds.
        signature: Ed25519 by the device over ``signed_bytes()``.
        use_mode: of the laptop's project, see sync/project.py; "" from a program older than modes.
        certificate: the laptop's own, for a relay that has not met it; outside the signature, since the county signed it.
    """

    device: str
    serial: int
    nonce: bytes
    local_ms: int
    replica: bytes
    max_seq: int
    cursors: tuple[Cursor, ...] = ()
    dictionaries: tuple[bytes, ...] = ()
    signature: bytes = b""
    protocol: int = PROTOCOL
    use_mode: str = ""
    certificate: bytes = b""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The county's answer to a hello.

    Args:
        token: for the requests that follow; bound to device, replica and feeds.
        epoch: the server's incarnation; another one than the cursors' means that it was restored.
        server_ms: county time.
        upto_id: change_id of the replica's change at ``have.upto`` (empty: none or not known). If the laptop holds
            another one there, two laptops use one replica id (a cloned or restored disk) and it must renew.
        durable_upto: own changes up to this seq are in a county backup.
        feeds: the ends of the feeds in the certificate that differ from the hello's cursors.
        gone: feeds among the cursors that the certificate no longer covers.
        orders: what the laptop should do.
        policy: settings by name (lease days, when to send photos, use_mode of the county's project).
        certificate: a newer device certificate, if there is one.
    """

    token: bytes
    epoch: str
    server_ms: int
    have: Have
    durable_upto: int
    feeds: tuple[FeedHead, ...]
    gone: tuple[str, ...] = ()
    orders: tuple[Order, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)
    certificate: bytes | None = None
    upto_id: bytes = b""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One place of a feed.

    Args:
        vseq: 1, 2, 3 … without gaps.
        kind: "change" or "fact"; on the way from an exchange to the session also "own".
        data: the change's raw bytes, or the fact as CBOR (a map with "fact": moved_in, moved_out, revoked, rejected …),
            or of an own change, whose bytes the laptop has, its change_id. A ChangeLog never sees "own".
    """

    feed: str
    vseq: int
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A feed's place without its content: for digests and repair. ``item_id`` is the change_id or the fact's hash."""

    vseq: int
    item_id: bytes


@dataclass(frozen=True, slots=True)
class ExchangeHead:
    """First part of the answer to an exchange: what the server now holds, and its verdicts by seq of this replica.

    Args:
        verdicts: seq, verdict, reason code ("" if admitted); of this replica's changes alone.
        heads: the ends of the feeds asked for, at the moment of this answer.
        more: further feed entries wait beyond max_down.
    """

    epoch: str
    have: Have
    verdicts: tuple[tuple[int, Verdict, str], ...]
    heads: tuple[FeedHead, ...] = ()
    more: bool = False


ExchangePart = ExchangeHead | FeedEntry


@dataclass(frozen=True, slots=True)
class BlockDigest:
    """Digest of up to BLOCK feed entries: vseq from ``first`` to ``last``."""

    first: int
    last: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """A laptop asks to be known. ``code`` is the one-time code that the county gave the holder."""

    code: str
    device: str
    signing_key: bytes
    sealing_key: bytes
    device_name: str = ""
    signature: bytes = b""  # by the signing key over the other fields: proof of possession


@dataclass(frozen=True, slots=True)
class EnrolReply:
    """Certificates for the laptop and its holder, and the keys it must know the county by."""

    county: str
    county_name: str
    county_signing_key: bytes
    county_sealing_key: bytes
    device_certificate: bytes
    user_certificate: bytes
    server_ms: int
    use_mode: str = ""


class CountyServer(Protocol):
    """The county, over a wire or in the same process."""

    def hello(self, hello: Hello) -> Welcome:
        """Who is there, what the server has of it, where its feeds end. Raises NotRecognised, ServerBusy."""
        ...

    def exchange(
        self, token: bytes, sending: Iterable[bytes], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        """Sends sealed changes, receives verdicts and feed entries.

        Args:
            token: of the last welcome.
            sending: raw changes. The server commits each as it arrives; a cut loses at most the last.
            cursors: feeds to send on from here; others are left out.
            max_down: bytes of feed entries to send at most (at least one entry is sent).
        Returns:
            First one ExchangeHead, then FeedEntry in vseq order per feed. The iterator may raise midway
            (ServerUnreachable): what came before is good.
        Raises:
            NotRecognised, NewEpoch, ServerBusy, ServerUnreachable.
        """
        ...

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Feed entries with vseq > after, at most so many, for repair of a range."""
        ...

    def digests(self, token: bytes, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
        """Digests of the blocks (vseq // BLOCK) that touch first…last."""
        ...

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Which of these admitted changes the server lacks (after it was restored); send them by ``exchange``."""
        ...

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Certificates for a one-time code. Raises EnrolmentRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that the county has set aside until a person decides.

    Attributes:
        device: of the laptop that signed it. reason: code of admission.py. recv_ms: county time. raw: the change itself.
    """

    change_id: bytes
    device: str
    actor: str
    reason: str
    recv_ms: int
    raw: bytes


class WaitingRoom(Protocol):
    """The county's quarantine, as a supervisor's or the office's laptop meets it."""

    def hello(self, hello: Hello) -> Welcome:
        """Who asks."""
        ...

    def waiting_for(self, token: bytes, account: str) -> tuple[Waiting, ...]:
        """What waits for this person's decision. Raises NotRecognised, Refused."""
        ...

    def decide(self, token: bytes, account: str, change_id: bytes, refusal: str | None) -> bool:
        """Lets one in (None) or leaves it out with a reason; False if it does not wait any more."""
        ...


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """Whose log this is. ``certificate`` is the signed device certificate, ``use_mode`` that of the project."""

    county: str
    device: str
    replica: bytes
    max_seq: int  # the last seq given out, 0 for none
    certificate: bytes
    use_mode: str = ""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A sealed change of this laptop, as it waits to be sent."""

    seq: int
    change_id: bytes
    raw: bytes
    root: str
    kind: str


class ChangeLog(Protocol):
    """A laptop's log of changes, as sync needs it. Each method is one transaction; nothing half-done is ever visible.

    ``fieldapp/store/changes.py`` implements it over SQLCipher.
    """

    def identity(self) -> LogIdentity:
        """Whose log this is, with the last seq given out."""
        ...

    def seal_drafts(self) -> int:
        """Seals every open draft of every root into changes; returns how many changes came of it."""
        ...

    def append(self, raw: bytes) -> bool:
        """Stores one own sealed change and merges it; False if it was there."""
        ...

    def own_lacking(self, have: Have, most_bytes: int) -> Sequence[OwnChange]:
        """Own changes of the present replica that the server lacks, by seq, until ``most_bytes`` are full.

        At least one if there is any. Changes that a former replica sealed are not among them.
        """
        ...

    def own_of_former_replicas(self) -> Sequence[bytes]:
        """Ids of own changes that a former replica sealed: for a server that was restored and may have lost them."""
        ...

    def own_waiting(self, have: Have) -> int:
        """How many own changes the server lacks."""
        ...

    def record_verdicts(self, verdicts: Sequence[tuple[int, Verdict, str]], have: Have) -> None:
        """Marks own changes by the county's answers, and all that ``have`` covers as admitted at least."""
        ...

    def answered(self) -> Have:
        """What the county has answered for of the present replica, as far as this laptop knows without asking."""
        ...

    def record_durable(self, upto: int) -> None:
        """Marks own changes up to this seq as being in a county backup."""
        ...

    def cursors(self) -> Sequence[Cursor]:
        """One per feed known; none for a feed never heard of."""
        ...

    def take_in(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        """Stores consecutive entries of one feed, merges them, moves the feed's cursor: one transaction.

        A change that is here already (an own one, or from another feed) is only marked as admitted. If merging one
        raises, it is stored as held and the others go on. ``cursor`` is the new one, digest included.
        """
        ...

    def put_right(self, entries: Sequence[FeedEntry], cursor: Cursor) -> None:
        """Replaces what the log believes at these vseq by these entries (digest repair) and sets the cursor."""
        ...

    def feed_items(self, feed: str, first: int, last: int) -> Sequence[FeedItem]:
        """What the log believes to stand at these places of a feed."""
        ...

    def raw_of(self, change_ids: Sequence[bytes]) -> Sequence[bytes]:
        """The bytes of those of these changes that are here, own or others'."""
        ...

    def forget_cursors(self, epoch: str) -> None:
        """The server was restored: drop all cursors and the places of feed entries; changes stay. New epoch given."""
        ...

    def put_away_unplaced(self) -> int:
        """Every feed has been followed to its end: after a restore, others' changes that stand in none are no longer shown.

        They are kept aside (the county may let them in again); own ones stay. Returns how many went. Without a restore since
        the last time there is nothing to look for.
        """
        ...

    def drop_feed(self, feed: str) -> None:
        """The certificate no longer covers this feed: drop its cursor and, of its roots, what is not own unsent work."""
        ...

    def renew_replica(self, replica: bytes, have: Have) -> int:
        """Continuity is doubtful: go on as ``replica``; own changes the server lacks are sealed anew under it.

        Returns how many were sealed anew.
        """
        ...

    def set_certificate(self, certificate: bytes) -> None:
        """A newer device certificate from the county."""
        ...

    def observe_clock(self, server_ms: int, local_ms: int, round_trip_ms: int) -> None:
        """A pair of clock readings, for corrected times in reports."""
        ...

    def note_sync(self, line: str) -> None:
        """One plain Chinese sentence for the readable sync log (no names, no answers)."""
        ...


def fact_id(data: bytes) -> bytes:
    """Name of a fact in a feed."""
    return content_id(data)


def place_digest(item_id: bytes, vseq: int) -> int:
    """What one place adds to its feed's digest."""
    return int.from_bytes(blake2b(item_id + vseq.to_bytes(8, "big"), digest_size=16).digest(), "big")


def feed_digest(before: bytes, items: Iterable[FeedItem]) -> bytes:
    """A feed's digest grown by further places: a sum mod 2^128, so blocks can be taken out and put in.

    Args:
        before: 16 bytes; ``bytes(16)`` for an empty feed.
    """
    total = int.from_bytes(before, "big")
    for item in items:
        total += place_digest(item.item_id, item.vseq)
    return (total % MODULUS).to_bytes(16, "big")


def digests_of(items: Iterable[FeedItem]) -> tuple[BlockDigest, ...]:
    """Digests of the blocks of BLOCK places that ``items`` fill, in order."""
    blocks: dict[int, list[FeedItem]] = {}
    for item in items:
        blocks.setdefault((item.vseq - 1) // BLOCK, []).append(item)
    return tuple(
        BlockDigest(block * BLOCK + 1, (block + 1) * BLOCK, feed_digest(bytes(16), found))
        for block, found in sorted(blocks.items())
    )
