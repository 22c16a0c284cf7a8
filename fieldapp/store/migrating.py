"""Brings a store to the tables of this program: a new one at once, an old one step by step, after an encrypted copy.

Batch migrations recreate tables; with foreign keys ON that would empty the children (measured), so the connection runs with
``foreign_keys=OFF`` set before BEGIN and ``foreign_key_check`` before COMMIT.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool
from sqlcipher3 import dbapi2

from fieldapp.errors import DamagedStore, NewerStore
from fieldapp.store.database import connect, copy_encrypted, translate

log = logging.getLogger(__name__)
_FOLDER = Path(__file__).resolve().parent / "migrations"


def newest_revision() -> str:
    """The revision this program writes."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None
    return head


def migrate(path: Path, key: bytes) -> bool:
    """Brings the store to the newest revision; True if it was changed.

    An existing store is copied first (``store.before-<revision>.db``, same key). Any failure leaves the store as it was.

    Raises:
        NewerStore: written by a newer program. DamagedStore: foreign keys do not hold after the step.
    """
    fresh = not path.exists() or path.stat().st_size == 0
    with _connection(path, key) as connection:
        at = MigrationContext.configure(connection).get_current_revision()
        newest = newest_revision()
        if at == newest:
            return False
        known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
        if at is not None and at not in known:
            raise NewerStore("revision unknown to this program")
    if not fresh and at is not None:
        _copy_before(path, key, at)
    with _connection(path, key) as connection, connection.begin():
        command.upgrade(_config(connection), "head")
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DamagedStore(f"foreign keys broken in {sorted({str(row[0]) for row in broken})}")
    log.info("store at revision %s", newest)
    return True


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(path: Path, key: bytes) -> Iterator[Connection]:
    def create() -> Any:
        return connect(path, key, foreign_keys=False)

    engine = create_engine(
        f"sqlite:///{path.as_posix()}", module=dbapi2, creator=create, poolclass=NullPool, hide_parameters=True
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.connect() as connection:
            yield connection
    except dbapi2.Error as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def _copy_before(path: Path, key: bytes, revision: str) -> None:
    copy = path.with_name(f"{path.stem}.before-{revision}{path.suffix}")
    aside = copy.with_name(copy.name + ".new")
    aside.unlink(missing_ok=True)
    copy_encrypted(connect(path, key), aside, key)
    os.replace(aside, copy)
