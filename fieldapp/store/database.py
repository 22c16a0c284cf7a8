"""The encrypted database file: opening it with the key, and the only way to write.

Recipe (measured in the stack notes): SQLCipher through the plain sqlite dialect with an own creator, raw 256-bit key, WAL,
``synchronous=FULL`` (every commit is fsynced), ``BEGIN IMMEDIATE`` for writers, a QueuePool.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2
from sqlmodel import Session as SqlSession

from fieldapp.errors import DamagedStore, DiskFull, FieldAppError, ReadOnlyDisk, StoreBusy, StoreError, WrongKey
from fieldapp.store.keys import KeyHolder, Keys

STORE_FILE = "store.db"
_PLAIN_HEADER = b"SQLite format 3\x00"


def connect(path: Path, key: bytes, *, busy_ms: int = 5000, foreign_keys: bool = True) -> Any:
    """A raw keyed connection; what the engine and the migrations stand on.

    Raises:
        WrongKey: the key does not fit, or the file is no encrypted store.
        StoreError: with what the disk said.
    """
    if len(key) != 32:
        # A hex key of the wrong length would silently be taken as a passphrase.
        raise WrongKey("data key is not 32 bytes")
    if _is_plain(path):
        raise WrongKey("the file is a plain database")
    try:
        connection = dbapi2.connect(str(path), timeout=busy_ms / 1000, check_same_thread=False, isolation_level=None)
    except dbapi2.Error as error:
        raise translate(error) from error
    try:
        connection.execute("PRAGMA cipher_log_level=NONE")
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        status = connection.execute("PRAGMA cipher_status").fetchone()
        if status is None or str(status[0]) != "1":
            raise WrongKey("cipher is not active")
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA fullfsync=ON")
        connection.execute(f"PRAGMA busy_timeout={busy_ms}")
        connection.execute("PRAGMA secure_delete=ON")
        # A search reads the whole list: pages stay deciphered in memory instead of being deciphered at every letter.
        connection.execute("PRAGMA cache_size=-16384")
    except dbapi2.Error as error:
        connection.close()
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB" or "not a database" in str(error):
            raise WrongKey("file is not a database under this key") from error
        raise translate(error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _is_plain(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) == _PLAIN_HEADER
    except OSError:
        return False


def translate(error: BaseException) -> FieldAppError:
    """The failure of the world behind a database error, as a sentence."""
    origin = getattr(error, "orig", None) or error
    name = str(getattr(origin, "sqlite_errorname", ""))
    words = str(origin)
    if name.startswith("SQLITE_FULL") or "disk is full" in words:
        return DiskFull("disk full")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in words:
        return DamagedStore("a page cannot be read")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return ReadOnlyDisk("store not writable")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusy("store is locked by another program")
    return StoreError(f"database: {name or type(origin).__name__}")


class Database:
    """An open encrypted store.

    Args:
        path: the file; made when missing (``fieldapp/store/migrations`` makes its tables).
        key: the 32-byte data key. Never kept in a URL, log or repr.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._key: bytes | None = key
        self._writing = threading.RLock()
        self._page_limit: int | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        connect(path, key).close()  # a wrong key shows here, not in the middle of an answer
        if path.stat().st_size and _is_plain(path):
            raise WrongKey("the store would be plaintext")
        self._engine = create_engine(
            f"sqlite:///{path.as_posix()}",
            module=dbapi2,
            creator=self._create,
            poolclass=QueuePool,
            hide_parameters=True,
            json_serializer=lambda value: json.dumps(value, ensure_ascii=False),
        )
        event.listen(self._engine, "begin", _begin)
        self._readers = self._engine.execution_options(fieldapp_read=True)

    def _create(self) -> Any:
        if self._key is None:
            raise StoreError("store is closed")
        connection = connect(self.path, self._key)
        if self._page_limit is not None:
            connection.execute(f"PRAGMA max_page_count={self._page_limit}")
        return connection

    def __repr__(self) -> str:
        return f"Database({self.path.name})"

    @contextlib.contextmanager
    def transaction(self) -> Iterator[SqlSession]:
        """The only way to write: all of it is on disk when the block ends, or none of it.

        Raises:
            DiskFull, StoreBusy, DamagedStore, StoreError.
        """
        with self._writing, _translated(), SqlSession(self._engine, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[SqlSession]:
        """A consistent view for reading; never waits for a writer."""
        with _translated(), SqlSession(self._readers) as session:
            try:
                yield session
            finally:
                session.expunge_all()  # rows stay readable after the block
                session.rollback()

    def fill_at_pages(self, pages: int) -> None:
        """For tests and the crash laboratory: from now on the disk is full at this many pages."""
        self._engine.dispose()
        self._page_limit = pages

    def integrity_problems(self) -> list[str]:
        """What SQLCipher's page check, SQLite's own check and the foreign keys find; empty when all is well."""
        connection = self._create()
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check")]
            found += [str(row[0]) for row in connection.execute("PRAGMA quick_check") if row[0] != "ok"]
            found += [f"foreign key in {row[0]}" for row in connection.execute("PRAGMA foreign_key_check")]
            return found
        except dbapi2.Error as error:
            raise translate(error) from error
        finally:
            connection.close()

    def copy_to(self, target: Path) -> None:
        """An encrypted copy under the same key, consistent while others write."""
        source = self._create()
        copy_encrypted(source, target, self._key or b"")

    def wrap_key(self, keys: Keys, holder: KeyHolder, code: str) -> KeyHolder:
        """The holder's entry with this store's key wrapped under a one-time code; the key itself is never handed out."""
        if self._key is None:
            raise StoreError("store is closed")
        return keys.wrap(holder, self._key, code, first_code=True)

    def close(self) -> None:
        """Folds the log back into the file and forgets the key."""
        self._engine.dispose()
        self._key = None


def copy_encrypted(source: Any, target: Path, key: bytes) -> None:
    """Copies an open keyed connection into a new file under ``key`` and closes both."""
    try:
        copy = connect(target, key)
        try:
            source.backup(copy)
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            copy.close()
    except dbapi2.Error as error:
        raise translate(error) from error
    finally:
        source.close()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, OperationalError, dbapi2.Error) as error:
        raise translate(error) from error


def _begin(connection: Connection) -> None:
    read = connection.get_execution_options().get("fieldapp_read", False)
    connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")
