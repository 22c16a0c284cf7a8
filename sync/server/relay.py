"""A township laptop that takes in the enumerators' bundles and carries them to the county (sync.md 3.8).

It serves the county server's own routes on the office's network, but for what only the county can do. What it holds are sealed
bundles: it cannot change one, and losing one loses nothing, since a laptop keeps its changes until the county has answered. A
bundle that is sealed to it as well it opens, to show the supervisor what the county has not seen yet: signatures, feeds and posts
are checked, places in feeds are never given. What it hands on it hands on under the county's signature (feeds up to a vouched
place) or under its own supervisor's (what that laptop wrote and the county has not had yet).
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final, NoReturn, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from sync.bundle import BundleHeader, BundleReader, seal_bundle
from sync.carriage import (
    Delivered,
    Desk,
    Held,
    Vouched,
    fetch_file,
    make_card,
    make_custody,
    name_of,
    pack_vouched,
    send_file,
)
from sync.codec import peek, verify
from sync.errors import BadBytes, CarriesOnly, NotForUs, NotRecognised, Refused, SyncError
from sync.frame import EntryKind, FrameReader, entry
from sync.messages import frame_of_parts, hello_signed_part
from sync.protocol import (
    BlockDigest,
    Cursor,
    EnrolReply,
    EnrolRequest,
    ExchangePart,
    FeedEntry,
    Have,
    Hello,
    Welcome,
)
from sync.receipt import read_receipt
from sync.scope import DeviceCertificate, Role, covers, may_write, read_device_certificate
from sync.server.shelves import FolderShelf
from sync.stick import Place, Stick

log = logging.getLogger(__name__)
_TOKEN_MS: Final = 12 * 3600 * 1000


class RelayBook(Protocol):
    """The township laptop's store, as its relay needs it. Each method is one transaction."""

    def role_of(self, account: str) -> Role | None:
        """The post of somebody whom the county has announced."""
        ...

    def revoked(self, device: str) -> bool:
        """Whether the county has announced that this laptop is not to be given anything."""
        ...

    def take_provisional(self, raws: Sequence[bytes]) -> None:
        """Stores and merges changes whose signatures and rights have been checked; the county has not admitted them yet."""
        ...

    def judged(self, verdicts: Sequence[tuple[bytes, int]]) -> None:
        """The county's word on provisional changes: what it has set aside leaves the lists."""
        ...

    def remember(self, certificate: bytes) -> None:
        """The certificate of a laptop that came here, checked."""
        ...

    def certificate_of(self, device: str) -> bytes:
        """As remembered, b"" for none."""
        ...

    def held(self, bundle: Held) -> None:
        """A bundle is in custody now."""
        ...

    def receipted(self, name: str) -> None:
        """The county has receipted it."""
        ...

    def vouched(self) -> Sequence[Vouched]:
        """Where feeds stand here under the county's signature."""
        ...

    def entries(self, feed: str, after: int, upto: int) -> Sequence[FeedEntry]:
        """What stands at the places after … upto."""
        ...

    def own_unanswered(self) -> Sequence[bytes]:
        """This laptop's own sealed changes that the county has not answered for."""
        ...


@dataclass(frozen=True, slots=True)
class Carried:
    """What came of carrying custody on: bundles receipted, answers brought back, and bundles the county refused, with its sentences."""

    receipted: int = 0
    answers: int = 0
    refused: tuple[str, ...] = ()


class Relay:
    """Implements ``CountyServer`` (as far as a relay can) and ``carriage.Desk`` over a folder of sealed bundles.

    Args:
        folder: of the custody, laid out like a stick.
        certificate: this laptop's own, by the county.
        county: area code. county_key: what its certificates and receipts are checked with.
    """

    def __init__(
        self,
        folder: Path,
        certificate: bytes,
        signing: Ed25519PrivateKey,
        sealing: X25519PrivateKey,
        county: str,
        county_key: Ed25519PublicKey,
        book: RelayBook,
        *,
        now_ms: Callable[[], int],
        chance: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._shelf = FolderShelf(folder)
        self._raw_certificate = certificate
        self._mine = read_device_certificate(certificate, county_key)
        self._signing = signing
        self._sealing = sealing
        self._county = county
        self._county_key = county_key
        self._book = book
        self._now_ms = now_ms
        self._chance = chance
        self._secret = chance(32)
        self._callers: dict[str, tuple[DeviceCertificate, Mapping[str, Cursor]]] = {}
        self._tls = ""

    # --- Desk ---------------------------------------------------------------------------------------------------------

    def serve_on(self, tls: str) -> None:
        """Notes the line that the card speaks for: SHA-256 of its TLS certificate, hex."""
        self._tls = tls

    def card(self) -> bytes:
        """Who serves here."""
        return make_card(self._raw_certificate, self._tls, self._now_ms(), self._signing)

    def hello(self, hello: Hello) -> Welcome:
        """A laptop of this county, by its certificate. What it is told of the county is nothing: a relay has no say there."""
        certificate = self._certificate(hello.certificate)
        if certificate.device != hello.device:
            raise NotRecognised("the certificate of another laptop")
        try:
            certificate.verify_key().verify(hello.signature, hello_signed_part(hello, self._county))
        except InvalidSignature as error:
            raise NotRecognised("hello not signed by the laptop") from error
        self._book.remember(hello.certificate)
        self._callers[hello.device] = (certificate, {cursor.feed: cursor for cursor in hello.cursors})
        plain = bytes.fromhex(hello.device) + (self._now_ms() + _TOKEN_MS).to_bytes(8, "big")
        return Welcome(plain + self._mac(plain), "", self._now_ms(), Have(0), 0, ())

    def _certificate(self, raw: bytes) -> DeviceCertificate:
        try:
            certificate = read_device_certificate(raw, self._county_key)
        except SyncError as error:
            raise NotRecognised("no certificate of this county") from error
        if certificate.county != self._county:
            raise NotRecognised("a certificate of another county")
        return certificate

    def _mac(self, plain: bytes) -> bytes:
        return blake2b(plain, key=self._secret, digest_size=16).digest()

    def _caller(self, token: bytes) -> tuple[DeviceCertificate, Mapping[str, Cursor]]:
        plain, mac = token[:-16], token[-16:]
        if len(plain) != 24 or not hmac.compare_digest(mac, self._mac(plain)):
            raise NotRecognised("a token that is not ours")
        if int.from_bytes(plain[16:], "big") < self._now_ms() or plain[:16].hex() not in self._callers:
            raise NotRecognised("an old token")
        return self._callers[plain[:16].hex()]

    def held(self, token: bytes, name: str) -> int:
        """How many bytes of this file are here."""
        self._caller(token)
        return self._shelf.held(name)

    def put(self, token: bytes, name: str, offset: int, size: int, pieces: Iterable[bytes]) -> int:
        """Adds a range of a bundle."""
        self._caller(token)
        return self._shelf.add(name, offset, size, pieces)

    def deliver(self, token: bytes, name: str) -> Delivered:
        """The bundle is complete: it is in custody, and what waits here for its laptop is named."""
        certificate, cursors = self._caller(token)
        if not self._shelf.stick.has(Place.OUT, name):
            raise Refused("the bundle is not complete")
        header = _header(self._shelf.stick, Place.OUT, name)
        if (header.county, header.sender) != (self._county, certificate.device):
            self._shelf.stick.remove(Place.OUT, name)
            raise Refused("a bundle of another laptop or county")
        self._take(name, header, certificate)
        self._hand_on(certificate, cursors)
        custody = make_custody(name, self._county, self._now_ms(), self._signing)
        return Delivered(custody, answers=tuple(self._waiting_for(certificate.device)))

    def read(self, token: bytes, name: str, offset: int) -> Iterator[bytes]:
        """A bundle for the caller, from this byte on."""
        certificate, _ = self._caller(token)
        if name not in dict(self._waiting_for(certificate.device)):
            raise Refused("nothing of that name waits for this laptop")
        data = b"".join(self._shelf.stick.pieces(Place.IN, name))
        return iter([data[offset:]])

    def vouch(self, token: bytes, cursors: Sequence[Cursor]) -> tuple[Vouched, ...]:
        """Only the county vouches."""
        self._refuse(token, cursors)

    # --- CountyServer: what only the county can do --------------------------------------------------------------------

    def _refuse(self, *_: object) -> NoReturn:
        raise CarriesOnly("a relay")

    def exchange(
        self, token: bytes, sending: Iterable[bytes], cursors: Sequence[Cursor], max_down: int
    ) -> Iterator[ExchangePart]:
        """Raises CarriesOnly."""
        self._refuse(token, sending, cursors, max_down)

    def feed(self, token: bytes, feed: str, after: int, most: int) -> Iterator[FeedEntry]:
        """Raises CarriesOnly."""
        self._refuse(token, feed, after, most)

    def digests(self, token: bytes, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
        """Raises CarriesOnly."""
        self._refuse(token, feed, first, last)

    def offer(self, token: bytes, change_ids: Sequence[bytes]) -> tuple[bytes, ...]:
        """Raises CarriesOnly."""
        self._refuse(token, change_ids)

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Raises CarriesOnly."""
        self._refuse(request)

    # --- custody ------------------------------------------------------------------------------------------------------

    def _take(self, name: str, header: BundleHeader, certificate: DeviceCertificate | None) -> None:
        count = header.facts.get("changes", 0)
        self._book.held(Held(name, header.sender, count if isinstance(count, int) else 0, header.created_ms))
        if certificate is not None:
            try:
                self._book.take_provisional(list(self._readable(name, certificate)))
            except NotForUs:
                pass  # sealed to the county alone: carried on without being read
            except SyncError as error:
                log.warning("a bundle in custody is carried on unread: %s", type(error).__name__)

    def _readable(self, name: str, certificate: DeviceCertificate) -> Iterator[bytes]:
        """Changes of a bundle that is sealed to this laptop as well, as far as signature, feeds and posts allow."""
        reader, frame = BundleReader(self._sealing), FrameReader()
        if self._book.revoked(certificate.device):
            return
        for piece in self._shelf.stick.pieces(Place.OUT, name):
            for plain in reader.take(piece):
                reader.check_sender(certificate.verify_key())
                for kind, payload in frame.take(plain):
                    if kind == EntryKind.CHANGE and self._allowed(payload, certificate):
                        yield payload

    def _allowed(self, raw: bytes, certificate: DeviceCertificate) -> bool:
        try:
            seen = peek(raw)
            verify(raw, certificate.verify_key())
        except SyncError:
            return False
        role = self._book.role_of(seen.actor)
        scope = all(covers(one.feeds, seen.feed) for one in (certificate, self._mine))
        return scope and role is not None and may_write(role, seen.root_type, seen.kind)

    def _waiting_for(self, device: str) -> Iterator[tuple[str, int]]:
        """The newest bundle for a laptop from each sender, the county's first; older ones lead nowhere that it does not."""
        newest: dict[str, tuple[int, str, int]] = {}
        for name in self._shelf.stick.names(Place.IN):
            header = _header(self._shelf.stick, Place.IN, name)
            if header.receiver != device:
                continue
            size = (self._shelf.stick.root / Place.IN / name).stat().st_size
            before = newest.get(header.sender)
            if before is not None:
                self._shelf.stick.remove(Place.IN, min(before, (header.created_ms, name, size))[1])
            newest[header.sender] = max(before or (-1, "", 0), (header.created_ms, name, size))
        for _, (_, name, size) in sorted(newest.items(), key=lambda one: one[0] == self._mine.device):
            yield name, size

    # --- handing on ---------------------------------------------------------------------------------------------------

    def _hand_on(self, certificate: DeviceCertificate, cursors: Mapping[str, Cursor]) -> None:
        """Seals for this laptop what is here of its feeds under the county's signature, and what the supervisor wrote since."""
        if self._book.revoked(certificate.device):
            return
        heads: list[Vouched] = []
        entries: list[FeedEntry] = []
        for one in self._book.vouched():
            place = one.cursor
            known = cursors.get(place.feed)
            after = known.vseq if known is not None and known.epoch == place.epoch else 0
            if not covers(certificate.feeds, place.feed) or (known and known.epoch != place.epoch):
                continue
            found = self._book.entries(place.feed, after, place.vseq)
            if after < place.vseq and len(found) == place.vseq - after:
                heads.append(one)
                entries += found
        own = [raw for raw in self._book.own_unanswered() if covers(certificate.feeds, peek(raw).feed)]
        if not heads and not own:
            return
        facts = {"relay": self._raw_certificate}
        header = BundleHeader(
            self._chance(16), self._county, self._mine.device, certificate.device, self._now_ms(), facts
        )
        recipient = X25519PublicKey.from_public_bytes(certificate.sealing_key)
        frame = _frame_on(heads, entries, own)
        self._shelf.stick.put(Place.IN, seal_bundle(header, frame, [recipient], self._signing, self._chance))

    # --- on to the county ---------------------------------------------------------------------------------------------

    def custody(self) -> list[str]:
        """Names of the bundles that the county has not receipted."""
        return [name for name in self._shelf.stick.names(Place.OUT) if not self._receipt_here(self._shelf.stick, name)]

    def _receipt_here(self, stick: Stick, name: str) -> bool:
        if not stick.has(Place.ACK, name):
            return False
        receipt = read_receipt(b"".join(stick.pieces(Place.ACK, name)), self._county_key)
        return receipt is not None and receipt.bundle == name and receipt.county == self._county

    def push(self, county: Desk, token: bytes) -> Carried:
        """Carries custody to the county by wire and brings back what waits there. A bundle goes once the county has receipted it.

        Raises:
            ServerUnreachable: what has got through counts; call again.
        """
        receipted = answers = 0
        refused: list[str] = []
        for name in self.custody():
            send_file(county, token, name, b"".join(self._shelf.stick.pieces(Place.OUT, name)))
            told = county.deliver(token, name)
            self._book.judged(told.verdicts)
            for answer, size in told.answers:
                data = fetch_file(county, token, answer, size)
                self._shelf.stick.put(Place.IN, [data])
                answers += 1
            for bundle, receipt in told.receipts:
                self._shelf.stick.put(Place.ACK, [receipt], bundle)
            if self._settle(name):
                receipted += 1
            elif told.refused:
                refused.append(told.refused)
        return Carried(receipted, answers, tuple(refused))

    def _settle(self, name: str) -> bool:
        """A bundle that the county has receipted is no longer in custody."""
        if not self._receipt_here(self._shelf.stick, name):
            return False
        self._book.receipted(name)
        self._shelf.stick.remove(Place.OUT, name)
        return True

    def meet(self, stick: Stick) -> int:
        """Takes from a stick what it carries for the county and for laptops, and gives it the same from here; returns how many
        bundles came into custody. The stick goes to the county, or from laptop to laptop: sealed for whom it is, in any order.

        Raises:
            StickFull, StickReadOnly, StickGone: what was taken stays.
        """
        mine, taken = self._shelf.stick, 0
        for name in stick.names(Place.ACK):
            if not mine.has(Place.ACK, name) and self._receipt_here(stick, name):
                mine.put(Place.ACK, stick.pieces(Place.ACK, name), name)
            self._settle(name)
        for name in stick.names(Place.OUT):
            taken += self._take_from(stick, name)
        for name in stick.names(Place.IN):
            header = _header_or_none(stick, Place.IN, name)
            if header is not None and header.county == self._county and header.receiver != self._mine.device:
                _copy(stick, mine, Place.IN, name)
        for place in (Place.OUT, Place.IN):
            for name in mine.names(place):
                _copy(mine, stick, place, name)
        for name in mine.names(Place.ACK):
            if stick.has(Place.OUT, name):
                _copy(mine, stick, Place.ACK, name)
        return taken

    def _take_from(self, stick: Stick, name: str) -> int:
        mine = self._shelf.stick
        header = _header_or_none(stick, Place.OUT, name)
        if header is None or header.county != self._county or header.sender == self._mine.device:
            return 0
        if mine.has(Place.OUT, name) or self._receipt_here(mine, name):
            return 0
        if not _copy(stick, mine, Place.OUT, name):
            return 0
        known = self._book.certificate_of(header.sender)
        self._take(name, header, self._certificate(known) if known else None)
        return 1


def _frame_on(heads: Sequence[Vouched], entries: Sequence[FeedEntry], own: Sequence[bytes]) -> Iterator[bytes]:
    """A frame: vouched places, the supervisor's own changes, then the places of the feeds."""
    pieces = frame_of_parts(entries)
    yield next(pieces)
    yield entry(EntryKind.VOUCHED, pack_vouched(heads))
    for raw in own:
        yield entry(EntryKind.CHANGE, raw)
    yield from pieces


def _header(stick: Stick, place: Place, name: str) -> BundleHeader:
    reader = BundleReader()
    for piece in stick.pieces(place, name):
        for _ in reader.take(piece):
            break
        if reader.header is not None:
            return reader.header
    raise BadBytes("a bundle without a header")


def _header_or_none(stick: Stick, place: Place, name: str) -> BundleHeader | None:
    try:
        return _header(stick, place, name)
    except SyncError:
        return None


def _copy(source: Stick, target: Stick, place: Place, name: str) -> bool:
    """Copies a file that the other has not; False if it was there, or is not what its name says."""
    if target.has(place, name):
        return False
    try:
        data = b"".join(source.pieces(place, name))
    except BadBytes:
        return False
    if place is not Place.ACK and name_of(data) != name:
        return False
    target.put(place, [data], name)
    return True
