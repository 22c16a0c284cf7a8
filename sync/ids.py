"""Names of things, made without asking anybody: roots, replicas, roster rows. Chance and time are handed in."""

from __future__ import annotations

from hashlib import blake2b

REPLICA_BYTES = 8
SAVE_ID_BYTES = 8


def root_id(now_ms: int, chance: bytes) -> str:
    """A UUIDv7 (RFC 9562) as 32 hex characters; nobody trusts the time in it.

    Args:
        now_ms: milliseconds since 1970, UTC.
        chance: at least 10 random bytes.
    """
    if len(chance) < 10:
        raise ValueError("ten random bytes are needed")
    number = (now_ms & (2**48 - 1)) << 80
    number |= 0x7 << 76
    number |= (int.from_bytes(chance[:2], "big") & 0xFFF) << 64
    number |= 0b10 << 62
    number |= int.from_bytes(chance[2:10], "big") & (2**62 - 1)
    return f"{number:032x}"


def row_id(save_id: bytes, k: int) -> str:
    """The lasting id of the k-th row added while the change ``save_id`` was open: 32 hex characters.

    Known at the keystroke, before the change has a sequence number, and never sent: the number k is enough.
    """
    return blake2b(save_id + k.to_bytes(4, "big"), digest_size=16).hexdigest()


def content_id(data: bytes) -> bytes:
    """BLAKE2b-128, the name of immutable bytes."""
    return blake2b(data, digest_size=16).digest()
