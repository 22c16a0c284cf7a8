"""A store on disk with cheap keys, a clock that stands still, and small forms."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fieldapp.store import facts
from fieldapp.store.changes import ChangeStore
from fieldapp.store.database import STORE_FILE, Database
from fieldapp.store.migrating import migrate

START = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)
COUNTY = "529900"


class Clock:
    """Now, moved by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=7)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def data_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
def database(tmp_path: Path, data_key: bytes) -> Iterator[Database]:
    path = tmp_path / "县 一" / STORE_FILE  # blanks and Chinese in paths are usual in the field
    path.parent.mkdir()
    migrate(path, data_key)
    opened = Database(path, data_key)
    yield opened
    opened.close()


@pytest.fixture
def store_of(tmp_path: Path, data_key: bytes, clock: Clock) -> Iterator[Callable[[str], ChangeStore]]:
    """Makes laptops: each with its own file, replica and signing key."""
    opened: list[Database] = []

    def make(name: str) -> ChangeStore:
        path = tmp_path / name / STORE_FILE
        path.parent.mkdir(exist_ok=True)
        migrate(path, data_key)
        base = Database(path, data_key)
        opened.append(base)
        with base.transaction() as session:
            facts.write_text(session, "county", COUNTY)
            facts.write_text(session, "device", name)
            facts.write_meta(session, "replica", secrets.token_bytes(8))
        return ChangeStore(base, clock=clock, actor=f"{name}01", signing_key=Ed25519PrivateKey.generate())

    yield make
    for base in opened:
        base.close()
