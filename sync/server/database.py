"""The county server's database: SQLCipher by default, PostgreSQL by URL; one way to run a transaction.

SQLCipher recipe of tech.md 1: raw key, own creator, QueuePool, BEGIN IMMEDIATE for writers.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, Engine, Table, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool, StaticPool

from sync.server import schema, tables
from sync.server.errors import DatabaseTrouble, WrongServerKey

T = TypeVar("T")
log = logging.getLogger(__name__)
MEMORY: Final = ":memory:"
_TRIES: Final = 8
# Serialization failure, deadlock, lock not available; and a key that another writer took first: the second try sees it.
_AGAIN: Final = ("40001", "40P01", "55P03", "23505")


class Database:
    """Connections to the county's database.

    Args:
        engine: from ``open_sqlite`` or ``open_postgresql``.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._inserts: dict[Table, Any] = {}
        self.is_file = self.is_sqlite and not isinstance(engine.pool, StaticPool)

    def create_tables(self) -> None:
        """Makes the tables, or brings older ones to those of this program (schema.py); a file is copied before it is changed.

        Raises:
            NewerServer: a newer program has been here.
        """
        with self.transaction() as connection:
            schema.migrate(connection, self._copy_before)

    def _copy_before(self, number: int) -> None:
        """``county.before-1.db``, encrypted under the same key. PostgreSQL has its own backups, and takes tables back too."""
        if not self.is_file:
            return
        path = Path(str(self.engine.url.database))
        copy = path.with_name(f"{path.stem}.before-{number}{path.suffix}")
        if not copy.exists():
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute("VACUUM INTO ?", (str(copy),))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One writing transaction: all of it or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent read.

        Raises:
            DatabaseTrouble: the database is away or the disk does not read.
        """
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        try:
            with self.engine.connect().execution_options(reads_only=True, **level) as connection, connection.begin():
                yield connection
        except OperationalError as error:
            raise DatabaseTrouble(f"database: {type(error.orig).__name__}") from error

    def run(self, work: Callable[[Connection], T]) -> T:
        """``work`` in a transaction, again from the start if the database asks for it. Everything here is idempotent.

        Raises:
            DatabaseTrouble: the disk is full, the database is away, or it was asked again too often.
        """
        for attempt in range(_TRIES):
            try:
                with self.transaction() as connection:
                    return work(connection)
            except OperationalError as error:
                if not _worth_another_try(error) or attempt == _TRIES - 1:
                    raise DatabaseTrouble(f"database: {type(error.orig).__name__}") from error
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
            except DBAPIError as error:
                if not _worth_another_try(error) or attempt == _TRIES - 1:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise DatabaseTrouble("asked again too often")

    def insert_once(self, table: Table) -> Any:
        """An INSERT that leaves a row that is there already alone."""
        if table not in self._inserts:
            insert: Callable[[Table], Any] = sqlite.insert if self.is_sqlite else postgresql.insert
            self._inserts[table] = insert(table).on_conflict_do_nothing()
        return self._inserts[table]

    def locked(self, query: Any) -> Any:
        """The query with its rows locked until the transaction ends; SQLite's writers are alone already."""
        return query if self.is_sqlite else query.with_for_update()

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def open_sqlite(path: Path | None, key: bytes) -> Database:
    """An encrypted file, or a database in memory for ``None``.

    Args:
        key: the county's data key, 32 bytes.
    Raises:
        WrongServerKey: the key does not open the file.
    """
    if len(key) != 32:  # SQLCipher would take a shorter one for a passphrase
        raise WrongServerKey("a key that is not 32 bytes")
    name = MEMORY if path is None else str(path)

    def connect() -> Any:
        connection = sqlcipher.connect(name, timeout=30, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA cipher_log_level=NONE")
            connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute("PRAGMA foreign_keys=ON")
            if path is not None:
                connection.execute("PRAGMA journal_mode=WAL").fetchone()
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA busy_timeout=30000")
        except BaseException:
            connection.close()
            raise
        return connection

    pool: dict[str, Any] = {"poolclass": StaticPool} if path is None else {"poolclass": QueuePool, "pool_size": 8}
    engine = create_engine(
        "sqlite:///" + ("" if path is None else str(path)),
        module=sqlcipher,
        creator=connect,
        hide_parameters=True,
        **pool,
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except DatabaseError as error:
        engine.dispose()
        raise WrongServerKey("file is not a database under this key") from error
    return Database(engine)


def open_postgresql(url: str, key: bytes) -> Database:
    """A PostgreSQL database by URL (``postgresql://…``); columns of answers are sealed under ``key``."""
    tables.Sealed.key = key
    address = url.replace("postgresql://", "postgresql+psycopg://", 1) if url.startswith("postgresql://") else url
    engine = create_engine(address, hide_parameters=True, pool_size=8, max_overflow=8, pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            connection.execute(select(1))
    except OperationalError as error:
        engine.dispose()
        raise DatabaseTrouble("PostgreSQL does not answer") from error
    return Database(engine)


def _worth_another_try(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _AGAIN or error.connection_invalidated:
        return True
    return getattr(error.orig, "sqlite_errorname", "") in ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_BUSY_SNAPSHOT")
