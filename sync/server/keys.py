"""The county's own keys: made once at init, kept in the database under the data key."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from hashlib import blake2b

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, select

from sync.project import UseMode
from sync.server import tables

DATA_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class CountyKeys:
    """What makes this server the county's.

    Args:
        county: area code.
        name: in words.
        signing: signs certificates, facts and the county's own changes.
        sealing: bundles are sealed to it.
        secret: 32 bytes; derives tokens and hashes enrolment codes.
        use_mode: of the project, fixed when it is founded (monitoring.md 2).
    """

    county: str
    name: str
    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)
    secret: bytes = field(repr=False)
    use_mode: UseMode = UseMode.WORK

    @property
    def verify_key(self) -> Ed25519PublicKey:
        """What laptops know the county by."""
        return self.signing.public_key()

    def keyed_hash(self, purpose: bytes, data: bytes) -> bytes:
        """A 16-byte MAC under the county's secret."""
        return blake2b(data, key=self.secret, person=purpose[:16], digest_size=16).digest()

    def same(self, a: bytes, b: bytes) -> bool:
        """Comparison in constant time."""
        return hmac.compare_digest(a, b)


def make_keys(county: str, name: str, use_mode: UseMode = UseMode.WORK) -> CountyKeys:
    """New keys for a new county project."""
    return CountyKeys(
        county, name, Ed25519PrivateKey.generate(), X25519PrivateKey.generate(), secrets.token_bytes(32), use_mode
    )


def raw_public(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    """The 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def write_keys(connection: Connection, keys: CountyKeys) -> None:
    """Puts the keys into the database."""
    for name, value in (
        ("name", keys.name.encode()),
        ("signing", _private(keys.signing)),
        ("sealing", _private(keys.sealing)),
        ("secret", keys.secret),
        ("use_mode", keys.use_mode.encode()),
    ):
        connection.execute(tables.county.insert().values(county_id=keys.county, name=name, value=value))


def read_keys(connection: Connection) -> CountyKeys | None:
    """The county's keys, None in an empty database."""
    rows = connection.execute(select(tables.county)).all()
    values = {row.name: row.value for row in rows}
    if "signing" not in values:
        return None
    return CountyKeys(
        rows[0].county_id,
        values["name"].decode(),
        Ed25519PrivateKey.from_private_bytes(values["signing"]),
        X25519PrivateKey.from_private_bytes(values["sealing"]),
        values["secret"],
        UseMode(values.get("use_mode", b"WORK").decode()),  # a project founded before there were modes is WORK
    )


def read_value(connection: Connection, county: str, name: str) -> bytes | None:
    """A further setting of the county."""
    where = (tables.county.c.county_id == county, tables.county.c.name == name)
    value: bytes | None = connection.execute(select(tables.county.c.value).where(*where)).scalar()
    return value


def write_value(connection: Connection, county: str, name: str, value: bytes) -> None:
    """Sets it."""
    where = (tables.county.c.county_id == county, tables.county.c.name == name)
    if connection.execute(tables.county.update().where(*where).values(value=value)).rowcount == 0:
        connection.execute(tables.county.insert().values(county_id=county, name=name, value=value))


def _private(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
