"""The county server's tables: SQLAlchemy Core, one DDL for SQLite and PostgreSQL.

Rules that cost nothing now and let a province run on Citus or YugabyteDB (sync.md 4): county_id first in every key; no
sequences for order or identity; no triggers, advisory locks or deferrable constraints; feed counters are rows.
Whoever reads the database file without the county's data key learns ids and times, no answers: on SQLite the whole file
is SQLCipher, on PostgreSQL the columns of type Sealed are AES-256-GCM values.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from sync.server.errors import WrongServerKey

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
    }
)


class Sealed(TypeDecorator[bytes]):
    """Bytes under the county's data key, where the file itself is not encrypted (PostgreSQL).

    The place (table and column) is bound in, so a value moved elsewhere does not open.
    """

    impl = LargeBinary
    cache_ok = True
    key: bytes | None = None  # set by Database for the process; one county server is one process

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None or dialect.name == "sqlite" or Sealed.key is None:
            return value
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(Sealed.key).encrypt(nonce, value, self.place.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        if value is None or dialect.name == "sqlite" or Sealed.key is None:
            return value
        try:
            return AESGCM(Sealed.key).decrypt(value[:12], value[12:], self.place.encode())
        except InvalidTag as error:
            raise WrongServerKey("a sealed value does not open") from error


def _county() -> Column[str]:
    return Column("county_id", Text, primary_key=True)


def _key(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _need(name: str, kind: Any = Text) -> Column[Any]:
    return Column(name, kind, nullable=False)


Id = LargeBinary

county = Table("county", metadata, _county(), _key("name"), _need("value", Sealed("county.value")))

change = Table(
    "change",
    metadata,
    _county(),
    _key("change_id", Id),
    _need("replica", Id),
    _need("seq", BigInteger),
    _need("root"),
    _need("root_type"),
    _need("kind"),
    _need("hlc", LargeBinary),  # 8 bytes: half of the values do not fit a signed 64-bit column
    _need("actor"),
    _need("device"),
    _need("feed"),
    _need("form_version"),
    _need("raw", Sealed("change.raw")),
    _need("verdict", Integer),  # the present one; its history is in admission
    _need("recv_at", BigInteger),
    _need("via"),
    UniqueConstraint("county_id", "replica", "seq"),
    Index("ix_change_root", "county_id", "root"),
)

admission = Table(
    "admission",
    metadata,
    _county(),
    _key("change_id", Id),
    _key("number", Integer),
    _need("verdict", Integer),
    _need("reason"),
    _need("decided_by"),
    _need("at", BigInteger),
)

doc_state = Table(
    "doc_state",
    metadata,
    _county(),
    _key("root"),
    _need("root_type"),
    _need("village"),
    _need("state", Sealed("doc_state.state")),
    _need("n_conflict", Integer),
    _need("status", Integer),
    Index("ix_doc_state_village", "county_id", "village"),
)

feed = Table("feed", metadata, _county(), _key("feed_id"), _need("last_vseq", BigInteger), _need("digest", Id))

feed_entry = Table(
    "feed_entry",
    metadata,
    _county(),
    _key("feed_id"),
    _key("vseq", BigInteger),
    _need("kind"),
    _need("item_id", Id),
    Column("fact", Sealed("feed_entry.fact")),
    UniqueConstraint("county_id", "feed_id", "item_id"),
)

root_home = Table(
    "root_home", metadata, _county(), _key("root"), _key("number", Integer), _need("village"), _need("portfolio")
)

replica = Table(
    "replica",
    metadata,
    _county(),
    _key("replica", Id),
    _need("device"),
    _need("upto", BigInteger),
    _need("beyond", LargeBinary),  # CBOR list of seqs beyond upto that are held
    _need("durable_upto", BigInteger),
    _need("forked", Integer),
    Index("ix_replica_device", "county_id", "device"),
)

device = Table(
    "device",
    metadata,
    _county(),
    _key("device"),
    _need("certificate", LargeBinary),
    _need("serial", Integer),
    _need("status"),
    _need("name"),
    _need("last_seen", BigInteger),
    _need("last_offset_ms", BigInteger),
)

account = Table(
    "account",
    metadata,
    _county(),
    _key("account"),
    _need("certificate", Sealed("account.certificate")),
    _need("serial", Integer),
    _need("status"),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    _county(),
    _key("code_hash", Id),
    _need("account"),
    _need("expires_at", BigInteger),
    _need("used_at", BigInteger),
    _need("used_by"),  # the laptop that used it, "" for none
    Index("ix_enrolment_code_used_by", "county_id", "used_by"),
)

quarantine = Table(
    "quarantine",
    metadata,
    _county(),
    _key("item_id", Id),
    _need("replica", Id),
    _need("seq", BigInteger),
    _need("class"),
    _need("raw", Sealed("quarantine.raw")),
    _need("opened", BigInteger),
    _need("closed", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    _county(),
    _key("lane"),
    _key("aseq", BigInteger),
    _need("at", BigInteger),
    _need("actor"),
    _need("action"),
    _need("detail", LargeBinary),
    _need("prev_hash", Id),
    _need("hash", Id),
)

file = Table(
    "file",
    metadata,
    _county(),
    _key("name"),  # of its content, as on a stick
    _need("device"),  # whose it is: who sends it, or whom it waits for
    _need("kind"),  # bundle, answer
    _need("size", BigInteger),
    _need("held", BigInteger),
    _need("at", BigInteger),
)

file_piece = Table(
    "file_piece",
    metadata,
    _county(),
    _key("name"),
    _key("offset", BigInteger),
    _need("data", Sealed("file_piece.data")),
)

# Of the whole database, not of a county: which steps of schema.py it has been through.
schema_version = Table("schema_version", metadata, Column("number", Integer, primary_key=True))
