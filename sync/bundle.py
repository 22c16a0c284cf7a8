"""Sealed bundles: frames that travel by stick, by relay or as a file, readable for those they are sealed to.

    bundle = "FSB1" ‖ varint length ‖ header (CBOR) ‖ chunk*       chunk = length (4) ‖ AES-256-GCM of ≤ 64 KiB

A random key K is sealed by HPKE (X25519, HKDF-SHA256, AES-256-GCM) to each recipient. A chunk's nonce is prefix ‖ counter ‖
last-flag and its associated data the header, so chunks cannot be reordered, left out, put elsewhere or cut off unnoticed;
what stands before a cut is good. The sender signs the header together with a hash of K: only who made K can have sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sync import cbor
from sync.codec import SUITE_1, read_varint, varint
from sync.errors import BadBytes, BadSignature, NewerProgram, NotForUs, NotYourCounty

MAGIC: Final = b"FSB1"
COUNTY: Final = "county"  # sender or receiver that is no laptop
CHUNK: Final = 64 * 1024
_LARGEST_HEADER: Final = 1024 * 1024
_TAG: Final = 16
_HPKE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class BundleHeader:
    """What stands in the open: no answers and no names of people.

    Args:
        bundle_id: 16 bytes, random.
        county: area code; a stick of another county is refused by this.
        sender, receiver: device ids, or "county".
        created_ms: the sender's clock.
        facts: further plain data (cursors, ranges of seq, replica).
    """

    bundle_id: bytes
    county: str
    sender: str
    receiver: str
    created_ms: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    suite: int = SUITE_1
    recipients: tuple[tuple[bytes, bytes], ...] = ()  # name of the key, sealed K
    nonce: bytes = b""
    signature: bytes = b""


def key_name(key: X25519PublicKey) -> bytes:
    """8 bytes that tell recipients which of the sealed keys is theirs."""
    return blake2b(key.public_bytes_raw(), digest_size=8).digest()


def seal_bundle(
    header: BundleHeader,
    pieces: Iterable[bytes],
    recipients: Sequence[X25519PublicKey],
    signing_key: Ed25519PrivateKey,
    chance: Callable[[int], bytes],
) -> Iterator[bytes]:
    """The bundle in pieces, memory flat.

    Args:
        pieces: of the frame inside.
        recipients: who can open it.
        signing_key: the sender's.
        chance: random bytes.
    """
    key, nonce = chance(32), chance(7)
    core = _core(replace(header, nonce=nonce))
    sealed = tuple((key_name(one), _HPKE.encrypt(key, one, info=_info(core))) for one in recipients)
    signature = signing_key.sign(_signed_part(core, key))
    packed = _pack(replace(header, nonce=nonce, recipients=sealed, signature=signature))
    yield MAGIC + varint(len(packed)) + packed
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > CHUNK:
            yield _chunk(cipher, nonce, number, bytes(waiting[:CHUNK]), packed, last=False)
            del waiting[:CHUNK]
            number += 1
    yield _chunk(cipher, nonce, number, bytes(waiting), packed, last=True)


class BundleReader:
    """Takes a bundle in pieces and gives back the pieces of the frame inside.

    Attributes:
        header: known after the first pieces, else None.
        complete: the last chunk has been read.
    """

    def __init__(self, key: X25519PrivateKey | None = None) -> None:
        """Args: key: the recipient's; None reads the header only (a relay that carries what it cannot open)."""
        self._private = key
        self._waiting = bytearray()
        self._packed = b""
        self._cipher: AESGCM | None = None
        self._number = 0
        self._key = b""
        self.header: BundleHeader | None = None
        self.complete = False

    def take(self, piece: bytes) -> Iterator[bytes]:
        """The plain pieces that are complete now.

        Raises:
            BadBytes: damaged from here on; what was given before is good.
            NotForUs: not sealed to this key. NewerProgram: another cipher suite.
        """
        self._waiting += piece
        if self.header is None and not self._read_header():
            return
        if self._cipher is None:
            return
        while not self.complete and len(self._waiting) >= 4:
            length = int.from_bytes(self._waiting[:4], "big")
            if not _TAG <= length <= CHUNK + _TAG:
                raise BadBytes("a chunk of an impossible length")
            if len(self._waiting) < 4 + length:
                return
            sealed = bytes(self._waiting[4 : 4 + length])
            del self._waiting[: 4 + length]
            yield self._open_chunk(self._cipher, sealed)

    def check_county(self, county: str) -> None:
        """Raises NotYourCounty, by name, for a stick of another county. The header must have been read; needs no key."""
        if self.header is None:
            raise BadBytes("no header yet")
        if self.header.county != county:
            raise NotYourCounty("bundle of another county", county=self.header.county)

    def check_sender(self, sender: Ed25519PublicKey) -> None:
        """Raises BadSignature unless this sender sealed the bundle. The header must have been read, with a key."""
        if self.header is None or not self._key:
            raise BadSignature("nothing to check yet")
        try:
            sender.verify(self.header.signature, _signed_part(_core(self.header), self._key))
        except InvalidSignature as error:
            raise BadSignature("sealed by somebody else") from error

    def _read_header(self) -> bool:
        if not MAGIC.startswith(self._waiting[: len(MAGIC)]):
            raise BadBytes("not a bundle")
        try:
            length, place = read_varint(self._waiting, len(MAGIC))
        except IndexError:
            return False
        except ValueError as error:
            raise BadBytes("a header without a length") from error
        if length > _LARGEST_HEADER:
            raise BadBytes("a header that is too long")
        if len(self._waiting) < place + length:
            return False
        self._packed = bytes(self._waiting[place : place + length])
        del self._waiting[: place + length]
        self.header = _unpack(self._packed)
        if self._private is not None:
            self._key = self._unseal(self.header, self._private)
            self._cipher = AESGCM(self._key)
        return True

    @staticmethod
    def _unseal(header: BundleHeader, private: X25519PrivateKey) -> bytes:
        if header.suite != SUITE_1:
            raise NewerProgram(f"cipher suite {header.suite}")
        mine = key_name(private.public_key())
        for name, sealed in header.recipients:
            if name == mine:
                try:
                    key = _HPKE.decrypt(sealed, private, info=_info(_core(header)))
                except InvalidTag as error:
                    raise BadBytes("the sealed key does not open") from error
                if len(key) != 32:
                    raise BadBytes("a sealed key of the wrong length")
                return key
        raise NotForUs("not sealed to this key")

    def _open_chunk(self, cipher: AESGCM, sealed: bytes) -> bytes:
        assert self.header is not None
        for last in (False, True):
            try:
                plain = cipher.decrypt(_nonce(self.header.nonce, self._number, last=last), sealed, self._packed)
            except InvalidTag:
                continue
            self._number += 1
            self.complete = last
            return plain
        raise BadBytes("a damaged chunk")


def _chunk(cipher: AESGCM, prefix: bytes, number: int, plain: bytes, packed: bytes, *, last: bool) -> bytes:
    sealed = cipher.encrypt(_nonce(prefix, number, last=last), plain, packed)
    return len(sealed).to_bytes(4, "big") + sealed


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes((last,))


def _core(header: BundleHeader) -> bytes:
    return cbor.dumps(
        [
            header.suite, header.bundle_id, header.county, header.sender, header.receiver, header.created_ms,
            dict(header.facts), header.nonce,
        ]
    )  # fmt: skip


def _info(core: bytes) -> bytes:
    return b"fieldapp bundle" + blake2b(core, digest_size=32).digest()


def _signed_part(core: bytes, key: bytes) -> bytes:
    return b"fieldapp bundle" + core + blake2b(key, digest_size=32).digest()


def _pack(header: BundleHeader) -> bytes:
    return cbor.dumps([_core(header), [list(pair) for pair in header.recipients], header.signature])


def _unpack(data: bytes) -> BundleHeader:
    try:
        core, recipients, signature = cbor.loads(data)[:3]
        suite, bundle_id, county, sender, receiver, created_ms, facts, nonce = cbor.loads(core)[:8]
        sealed = tuple((bytes(name), bytes(key)) for name, key in recipients)
        texts = all(isinstance(text, str) for text in (county, sender, receiver))
        octets = all(isinstance(item, bytes) for item in (bundle_id, nonce, signature)) and len(nonce) == 7
        numbers = isinstance(suite, int) and isinstance(created_ms, int)
        if not (texts and octets and numbers and isinstance(facts, dict)):
            raise ValueError("wrong types")
    except (TypeError, ValueError, IndexError) as error:
        raise BadBytes("a header of the wrong shape") from error
    return BundleHeader(bundle_id, county, sender, receiver, created_ms, facts, suite, sealed, nonce, signature)
