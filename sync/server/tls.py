"""The county's own TLS certificate: made at init, pinned by its fingerprint at enrolment. No authority is asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_YEARS = 10


def make_tls(county: str, names: Sequence[str], now: datetime | None = None) -> tuple[bytes, bytes]:
    """A self-made certificate and its key, both PEM (ECDSA P-256, small on a slow line).

    Args:
        names: host names and addresses the server is reached by.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"fieldapp county {county}")])
    start = (now or datetime.now(UTC)) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * _YEARS))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


def fingerprint(certificate_pem: bytes) -> str:
    """SHA-256 of the certificate, hex: what is written on the enrolment slip."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    return sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def locked_key(private_pem: bytes, word: str) -> bytes:
    """The key's PEM under a password."""
    key = serialization.load_pem_private_key(private_pem, None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(word.encode()),
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
