"""Sealed bundles by wire: what a laptop, a township relay and the county say to each other about them (sync.md 3.7, 3.8).

A bundle is sent in ranges under the name of its content and picked up where the line broke. A relay stores what it cannot open
and says so with its own signature (custody); only the county's receipt and answer count as taken in. Both ends speak to a ``Desk``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import cbor
from sync.errors import BadBytes, CertificateRefused, NotARelay, ServerUnreachable, TooBig
from sync.protocol import Cursor, Hello, Welcome
from sync.scope import DeviceCertificate, read_device_certificate

LARGEST_BUNDLE: Final = 64 * 1024 * 1024
RANGE: Final = 64 * 1024  # bytes of one upload; a line that dies loses at most one
_CUSTODY: Final = b"fieldapp custody"
_CARD: Final = b"fieldapp relay card"
_HEAD: Final = b"fieldapp feed head"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a bundle handed over.

    Attributes:
        custody: the relay's signed word that it holds the bundle; b"" from the county.
        receipts: the county's receipts for bundles of this laptop, each with the bundle's name.
        answers: bundles for this laptop that wait here: name and size.
        verdicts: by change id, for a relay whose certificate covers the change: 0 admitted … as ``protocol.Verdict``.
        refused: why nothing was taken, one sentence; "" if something was.
    """

    custody: bytes = b""
    receipts: tuple[tuple[str, bytes], ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    verdicts: tuple[tuple[bytes, int], ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Vouched:
    """A feed's end under the county's signature: a relay may hand the feed on up to here, and nothing else."""

    cursor: Cursor
    signature: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A bundle in custody, as far as its header tells.

    Attributes:
        device: of the laptop that sealed it. changes: how many it says it carries.
    """

    name: str
    device: str
    changes: int
    made_ms: int


class Desk(Protocol):
    """Where bundles are handed over: the county's, or a township relay's."""

    def card(self) -> bytes:
        """Who serves here, for laptops that have not met this relay; b"" at the county."""
        ...

    def hello(self, hello: Hello) -> Welcome:
        """Who hands over. Raises NotRecognised."""
        ...

    def held(self, token: bytes, name: str) -> int:
        """How many bytes of this file are here, from its beginning."""
        ...

    def put(self, token: bytes, name: str, offset: int, size: int, pieces: Iterable[bytes]) -> int:
        """Adds a range; what had arrived when the line broke is kept. Returns as ``held``.

        Raises:
            Refused: a range that does not go on where the file ends. BadBytes: the whole is not what its name says. TooBig.
        """
        ...

    def deliver(self, token: bytes, name: str) -> Delivered:
        """The bundle is complete: take it in."""
        ...

    def read(self, token: bytes, name: str, offset: int) -> Iterator[bytes]:
        """A file that waits here, from this byte on. Raises Refused."""
        ...

    def vouch(self, token: bytes, cursors: Sequence[Cursor]) -> tuple[Vouched, ...]:
        """The county's signature under these places, of those that are right and within the certificate."""
        ...


def name_of(data: bytes) -> str:
    """The name of a file by its content, as on a stick."""
    return blake2b(data, digest_size=16).hexdigest()


def pack_delivered(told: Delivered) -> bytes:
    """As bytes for the wire."""
    parts = (told.receipts, told.answers, told.verdicts)
    return cbor.dumps([told.custody, *([list(one) for one in part] for part in parts), told.refused])


def unpack_delivered(data: bytes) -> Delivered:
    """Raises BadBytes."""
    try:
        custody, receipts, answers, verdicts, refused = cbor.loads(data)[:5]
        return Delivered(
            bytes(custody),
            tuple((str(name), bytes(receipt)) for name, receipt in receipts),
            tuple((str(name), int(size)) for name, size in answers),
            tuple((bytes(change_id), int(verdict)) for change_id, verdict in verdicts),
            str(refused),
        )
    except (TypeError, ValueError, IndexError) as error:
        raise BadBytes("not an answer to a bundle") from error


# --- the relay's word -------------------------------------------------------------------------------------------------


def make_card(certificate: bytes, tls: str, now_ms: int, key: Ed25519PrivateKey) -> bytes:
    """A relay's card: its certificate by the county, and its own signature under the line it serves on.

    Args:
        tls: SHA-256 of the TLS certificate, hex.
    """
    core = cbor.dumps([certificate, tls, now_ms])
    return cbor.dumps([core, key.sign(_CARD + core)])


def read_card(data: bytes, county_key: Ed25519PublicKey, tls: str) -> tuple[DeviceCertificate, bytes]:
    """The relay's certificate, read and as it is, if the county made this laptop a township's or its own and it serves this very line.

    Times are not looked at: a laptop's clock may be wrong by years, and a relay can neither open nor change what it carries.

    Raises:
        NotARelay.
    """
    try:
        core, signature = cbor.loads(data)
        raw, served, _ = cbor.loads(core)
        certificate = read_device_certificate(raw, county_key)
        certificate.verify_key().verify(signature, _CARD + core)
        if served != tls or certificate.role.level is None:
            raise ValueError("another line, or a post that takes nothing in")
    except (BadBytes, CertificateRefused, InvalidSignature, TypeError, ValueError) as error:
        raise NotARelay("the card does not hold") from error
    return certificate, raw


def make_custody(name: str, county: str, at_ms: int, key: Ed25519PrivateKey) -> bytes:
    """The relay's signed word that it holds a bundle. It is no word of the county: nothing is admitted by it."""
    core = cbor.dumps([name, county, at_ms])
    return cbor.dumps([core, key.sign(_CUSTODY + core)])


def custody_holds(data: bytes, name: str, county: str, relay: DeviceCertificate) -> bool:
    """Whether this relay has said so of this bundle."""
    try:
        core, signature = cbor.loads(data)
        relay.verify_key().verify(signature, _CUSTODY + core)
        return bool(cbor.loads(core)[:2] == [name, county])
    except (BadBytes, InvalidSignature, TypeError, ValueError):
        return False


# --- the county's word under a feed -----------------------------------------------------------------------------------


def _head_part(county: str, cursor: Cursor) -> bytes:
    return _HEAD + cbor.dumps([county, cursor.feed, cursor.epoch, cursor.vseq, cursor.digest])


def sign_head(county: str, cursor: Cursor, key: Ed25519PrivateKey) -> Vouched:
    """The county vouches for a feed's end."""
    return Vouched(cursor, key.sign(_head_part(county, cursor)))


def head_holds(vouched: Vouched, county: str, key: Ed25519PublicKey) -> bool:
    """Whether the county has said so."""
    try:
        key.verify(vouched.signature, _head_part(county, vouched.cursor))
    except InvalidSignature:
        return False
    return True


def pack_vouched(found: Iterable[Vouched]) -> bytes:
    """As bytes."""
    return cbor.dumps([[v.cursor.feed, v.cursor.epoch, v.cursor.vseq, v.cursor.digest, v.signature] for v in found])


def unpack_vouched(data: bytes) -> tuple[Vouched, ...]:
    """Raises BadBytes."""

    def one(items: Any) -> Vouched:
        feed, epoch, vseq, digest, signature = items
        return Vouched(Cursor(str(feed), str(epoch), int(vseq), bytes(digest)), bytes(signature))

    try:
        return tuple(one(items) for items in cbor.loads(data))
    except (TypeError, ValueError) as error:
        raise BadBytes("not signed heads") from error


# --- ranges -----------------------------------------------------------------------------------------------------------


def send_file(desk: Desk, token: bytes, name: str, data: bytes) -> None:
    """Sends a file in ranges, going on from what is there already, and again where the line breaks while it brings something.

    Raises:
        ServerUnreachable: what has arrived stays; call again.
    """
    at = desk.held(token, name)
    while at < len(data):
        try:
            at = desk.put(token, name, at, len(data), [data[at : at + RANGE]])
        except ServerUnreachable:
            before, at = at, desk.held(token, name)
            if at == before:
                raise


def fetch_file(desk: Desk, token: bytes, name: str, size: int) -> bytes:
    """A file that waits there; again from where the line broke while it brings something.

    Raises:
        ServerUnreachable. BadBytes: it is not what its name says. TooBig.
    """
    if size > LARGEST_BUNDLE:
        raise TooBig(f"a file of {size} bytes")
    data = bytearray()
    while len(data) < size:
        before = len(data)
        try:
            for piece in desk.read(token, name, before):
                data += piece
        except ServerUnreachable:
            if len(data) == before:
                raise
            continue
        if len(data) == before:
            break
    if name_of(bytes(data)) != name:
        raise BadBytes("a file that is not what its name says")
    return bytes(data)
