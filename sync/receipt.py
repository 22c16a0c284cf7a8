"""Receipts for bundles: the county's signed word that it has read one to its end (sync.md 3.8)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import cbor
from sync.errors import BadBytes

_PURPOSE = b"fieldapp receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The county's word that it has read a bundle to its end."""

    bundle: str
    county: str
    server_ms: int
    changes: int


def make_receipt(receipt: Receipt, key: Ed25519PrivateKey) -> bytes:
    """A receipt, signed by the county."""
    core = cbor.dumps([receipt.bundle, receipt.county, receipt.server_ms, receipt.changes])
    return cbor.dumps([core, key.sign(_PURPOSE + core)])


def read_receipt(data: bytes, key: Ed25519PublicKey) -> Receipt | None:
    """A receipt, None if it is damaged or not the county's."""
    try:
        core, signature = cbor.loads(data)
        key.verify(signature, _PURPOSE + core)
        bundle, county, server_ms, changes = cbor.loads(core)
        return Receipt(str(bundle), str(county), int(server_ms), int(changes))
    except (BadBytes, InvalidSignature, TypeError, ValueError):
        return None
