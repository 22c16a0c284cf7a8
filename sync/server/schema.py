"""Brings a county's database to the tables of this program: a new one at once, an old one step by step, one transaction each.

As the laptop's store does it, with steps that are written once and never changed. A new database is made from ``tables.py`` and
given the newest number; a test holds that the steps lead to the same tables. The same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, Table, Text, inspect, select

from sync.server import tables
from sync.server.errors import NewerServer

log = logging.getLogger(__name__)
_version: Final = tables.schema_version
Step = Callable[[Connection], None]


def migrate(connection: Connection, before: Callable[[int], None] = lambda _: None) -> bool:
    """Brings the database to the newest number, in the caller's transaction; True if it was changed.

    Args:
        before: called with the present number before an older database is touched: the place for a copy.

    Raises:
        NewerServer: a newer program has been here.
    """
    present = _present(connection)
    newest = len(STEPS)
    if present > newest:
        raise NewerServer("schema number unknown to this program")
    if present == newest:
        return False
    if present == 0:
        tables.metadata.create_all(connection)
    else:
        before(present)
        for step in STEPS[present:]:
            step(connection)
    _version.create(connection, checkfirst=True)
    connection.execute(_version.delete())
    connection.execute(_version.insert().values(number=newest))
    log.info("county database at schema %s", newest)
    return True


def _present(connection: Connection) -> int:
    names = inspect(connection).get_table_names()
    if _version.name in names:
        return connection.execute(select(_version.c.number)).scalar() or 0
    return 1 if "change" in names else 0  # databases from before there were numbers


def _first(connection: Connection) -> None:
    """The tables of the first version; only databases from before there were numbers have them, and those stand at 1."""
    raise AssertionError(f"{connection} has no number and no tables")


def _files_in_ranges(connection: Connection) -> None:
    """Bundles, answers and attachments that are sent in ranges."""
    frozen = MetaData()
    Table(
        "file", frozen,
        Column("county_id", Text, primary_key=True), Column("name", Text, primary_key=True),
        Column("device", Text, nullable=False), Column("kind", Text, nullable=False),
        Column("size", BigInteger, nullable=False), Column("held", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip
    Table(
        "file_piece", frozen,
        Column("county_id", Text, primary_key=True), Column("name", Text, primary_key=True),
        Column("offset", BigInteger, primary_key=True), Column("data", LargeBinary, nullable=False),
    )  # fmt: skip
    frozen.create_all(connection)


STEPS: Final[Sequence[Step]] = (_first, _files_in_ranges)
