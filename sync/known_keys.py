"""Whose hand a change is from, as far as this laptop or relay can tell without asking: the county's key and the laptops' certificates.

The certificates of laptops stand in the county feed (control roots ``device``). A change is taken at its word only if one of
these keys signed it; so it does not matter who carried it: a wire, a stick, a township's laptop.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.codec import peek, verify
from sync.errors import BadBytes, BadSignature, CertificateRefused, NewerProgram, TooBig
from sync.scope import read_device_certificate

DEVICE_CONTROL = "device"  # field ``control`` of the root that carries a laptop's certificate


class Hand(Enum):
    """What is known of a change's signature."""

    KNOWN = "known"
    UNKNOWN = "unknown"  # no key here fits: forged, or its certificate has not come yet
    FORGED = "forged"  # this replica is known to be another's


class KnownKeys:
    """Keys that may have signed a change of this county.

    Args:
        county_key: pinned at enrolment; the county's own changes are signed with it.
        certificates: of laptops, the own one among them, signed by the county; what is not is left out.
    """

    def __init__(self, county_key: Ed25519PublicKey, certificates: Iterable[bytes]) -> None:
        self._county_key = county_key
        self._keys: dict[bytes, Ed25519PublicKey] = {}  # by raw key: a laptop keeps its key when its scope changes
        self._of_replica: dict[bytes, Ed25519PublicKey] = {}
        for one in certificates:
            self.add(one)

    def add(self, certificate: bytes) -> None:
        """One more laptop; a certificate that the county did not sign is left out."""
        try:
            read = read_device_certificate(certificate, self._county_key)
            self._keys[read.signing_key] = read.verify_key()
        except (CertificateRefused, ValueError):
            return

    def hand(self, raw: bytes) -> Hand:
        """Whether one of these keys signed the change. A replica once seen to be one laptop's stays that laptop's."""
        try:
            replica = peek(raw).replica
        except (BadBytes, TooBig, NewerProgram):
            return Hand.UNKNOWN
        bound = self._of_replica.get(replica)
        if bound is not None:
            return Hand.KNOWN if _signed_by(raw, bound) else Hand.FORGED
        for key in (self._county_key, *self._keys.values()):
            if _signed_by(raw, key):
                self._of_replica[replica] = key
                return Hand.KNOWN
        return Hand.UNKNOWN


def _signed_by(raw: bytes, key: Ed25519PublicKey) -> bool:
    try:
        verify(raw, key)
    except (BadSignature, BadBytes):
        return False
    return True
