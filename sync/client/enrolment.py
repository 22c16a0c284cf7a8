"""A laptop becomes known: keys made here, a request with the one-time code, certificates checked and kept by the caller."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.errors import CertificateRefused
from sync.ids import REPLICA_BYTES
from sync.messages import enrol_signed_part
from sync.protocol import CountyServer, EnrolReply, EnrolRequest
from sync.scope import DeviceCertificate, UserCertificate, read_device_certificate, read_user_certificate


@dataclass(frozen=True, slots=True)
class LaptopKeys:
    """A laptop's own keys; the private halves never leave it.

    Args:
        device: 32 hex characters.
        replica: id of this incarnation of its database.
    """

    device: str
    replica: bytes
    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the laptop knows after enrolment. Keep ``reply``'s bytes; the certificates are read from them."""

    keys: LaptopKeys
    reply: EnrolReply
    device: DeviceCertificate
    user: UserCertificate

    @property
    def county_key(self) -> Ed25519PublicKey:
        """What certificates of this county are checked with."""
        return Ed25519PublicKey.from_public_bytes(self.reply.county_signing_key)


def make_laptop_keys(chance: Callable[[int], bytes] = secrets.token_bytes) -> LaptopKeys:
    """New keys for a new laptop."""
    return LaptopKeys(
        chance(16).hex(),
        chance(REPLICA_BYTES),
        Ed25519PrivateKey.from_private_bytes(chance(32)),
        X25519PrivateKey.from_private_bytes(chance(32)),
    )


def enrol_request(keys: LaptopKeys, code: str, device_name: str = "") -> EnrolRequest:
    """The request for a code, signed: it can go by wire or as a file."""
    plain = EnrolRequest(
        code.strip().upper(),
        keys.device,
        keys.signing.public_key().public_bytes_raw(),
        keys.sealing.public_key().public_bytes_raw(),
        device_name,
    )
    return replace(plain, signature=keys.signing.sign(enrol_signed_part(plain)))


def enrol(server: CountyServer, keys: LaptopKeys, code: str, device_name: str = "") -> Enrolled:
    """Asks the county and checks what it answers.

    Asking again with the same keys and code after a broken line gives the certificates again.

    Raises:
        EnrolmentRefused, ServerUnreachable, ServerNotOurs, CertificateRefused.
    """
    return check_reply(keys, server.enrol(enrol_request(keys, code, device_name)))


def check_reply(keys: LaptopKeys, reply: EnrolReply) -> Enrolled:
    """The certificates of a reply, if they fit each other and these keys. Raises CertificateRefused."""
    county_key = Ed25519PublicKey.from_public_bytes(reply.county_signing_key)
    device = read_device_certificate(reply.device_certificate, county_key)
    user = read_user_certificate(reply.user_certificate, county_key)
    mine = (keys.device, keys.signing.public_key().public_bytes_raw(), reply.county)
    if (device.device, device.signing_key, device.county) != mine or user.county != reply.county:
        raise CertificateRefused("certificates of another laptop or county")
    return Enrolled(keys, reply, device, user)
