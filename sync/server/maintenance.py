"""Backups that open elsewhere, restore with a new epoch, and the check that nothing has been bent.

PostgreSQL is backed up with its own tools; here that is said and not pretended.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from sync.codec import open_any, peek, verify
from sync.errors import SyncError
from sync.merge import RootState, empty, merge
from sync.protocol import FeedItem, Verdict, feed_digest
from sync.scope import read_device_certificate
from sync.server import audit, tables
from sync.server.database import Database, open_sqlite
from sync.server.errors import DamagedServer, DatabaseTrouble, ServerError, ServerExists
from sync.server.keys import read_keys, write_value
from sync.server.running import DATABASE_NAME, TLS_NAME
from sync.server.service import CountyService
from sync.server.settings import SETTINGS_NAME, write_settings
from sync.snapshot import unpack_state


class NotHere(ServerError):
    """Backup of a PostgreSQL database."""

    zh = "数据库在 PostgreSQL 上，请用它自己的工具备份（pg_dump 或连续归档）；本命令没有做任何事。"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check has looked at."""

    changes: int
    roots: int
    feeds: int


def back_up(service: CountyService, target: Path, key: bytes) -> int:
    """A whole, encrypted copy under the same key, opened and checked before it counts; returns how many changes it holds.

    Only what the copy truly holds is told to the laptops as durable.

    Raises:
        NotHere: PostgreSQL. ServerExists: the target is there. DatabaseTrouble: no room. DamagedServer: the copy is bad.
    """
    if not service.database.is_sqlite:
        raise NotHere("postgresql")
    if target.exists():
        raise ServerExists("backup exists", folder=target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with service.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("VACUUM INTO ?", (str(part),))
    except Exception as error:
        part.unlink(missing_ok=True)
        raise DatabaseTrouble("backup could not be written") from error
    with contextlib.closing(open_sqlite(part, key)) as copy:
        checked = check(copy)
        with copy.reading() as connection:
            table = tables.replica
            held = [(row.replica, row.upto) for row in connection.execute(select(table.c.replica, table.c.upto))]
    os.replace(part, target)

    def tell(connection: Connection) -> None:
        table = tables.replica
        for replica, upto in held:
            where = (table.c.county_id == service.keys.county, table.c.replica == replica)
            connection.execute(table.update().where(*where).values(durable_upto=upto))

    service.database.run(tell)
    return checked.changes


def restore(backup: Path, folder: Path, key: bytes, tls_pem: Path | None = None) -> Checked:
    """A server in a new folder from a backup, under a new epoch, so that laptops give back what came after it.

    Args:
        tls_pem: the old server's tls.pem, which laptops have pinned; taken from beside the backup by default.
    Raises:
        ServerExists: the folder holds a server. WrongServerKey, DamagedServer: the backup cannot be used.
    """
    if (folder / DATABASE_NAME).exists() or (folder / SETTINGS_NAME).exists():
        raise ServerExists("server exists", folder=folder.name)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / (DATABASE_NAME + ".part")
    try:
        shutil.copyfile(backup, part)
    except OSError as error:
        raise DatabaseTrouble("backup cannot be read or copied") from error
    with contextlib.closing(open_sqlite(part, key)) as database:
        checked = check(database)

        def renew(connection: Connection) -> None:
            keys = read_keys(connection)
            if keys is None:
                raise DamagedServer("no county in it", problem="备份里没有县的钥匙")
            begin_new_epoch(connection, keys.county)

        database.run(renew)
    os.replace(part, folder / DATABASE_NAME)
    source = tls_pem or backup.with_name(TLS_NAME)
    if source.exists():
        shutil.copyfile(source, folder / TLS_NAME)
    write_settings(folder, "", key)
    return checked


def begin_new_epoch(connection: Connection, county: str, chance: Callable[[int], bytes] = secrets.token_bytes) -> None:
    """From here the server is another incarnation than the one whose youngest days it has lost."""
    write_value(connection, county, "epoch", chance(8))
    # Changes after the backup were numbered by a hand that is gone: the office goes on as another replica.
    table = tables.county
    connection.execute(table.delete().where(table.c.county_id == county, table.c.name == "own_replica"))


def check(database: Database) -> Checked:
    """Everything that can be recomputed is: pages, signatures, feeds, states, audit chains. Raises DamagedServer."""
    with database.reading() as connection:
        if database.is_file:
            damage = connection.exec_driver_sql("PRAGMA cipher_integrity_check").all()
            if damage:
                raise DamagedServer("pages do not verify", problem="数据库文件有损坏的页")
        keys = read_keys(connection)
        if keys is None:
            raise DamagedServer("no county in it", problem="里面没有县的钥匙")
        broken = audit.broken_lanes(connection, keys.county)
        if broken:
            raise DamagedServer("audit chain broken", problem="留痕链断了：" + "、".join(broken))
        changes = _check_changes(connection, keys.county, keys.verify_key)
        feeds = _check_feeds(connection, keys.county)
        return Checked(changes, _check_states(connection, keys.county), feeds)


def _check_changes(connection: Connection, county: str, county_key: Any) -> int:
    devices = {}
    for row in connection.execute(select(tables.device).where(tables.device.c.county_id == county)):
        devices[row.device] = read_device_certificate(row.certificate, county_key).verify_key()
    table = tables.change
    count = 0
    for row in connection.execute(
        select(table.c.change_id, table.c.raw, table.c.device).where(table.c.county_id == county)
    ):
        count += 1
        try:
            verify(row.raw, devices[row.device])
            whole = peek(row.raw).change_id == row.change_id
        except (SyncError, KeyError):
            whole = False
        if not whole:
            raise DamagedServer("a change does not verify", problem="有变更的签名或编号不对")
    return count


def _check_feeds(connection: Connection, county: str) -> int:
    table, entries = tables.feed, tables.feed_entry
    feeds = connection.execute(select(table).where(table.c.county_id == county)).all()
    for feed in feeds:
        where = (entries.c.county_id == county, entries.c.feed_id == feed.feed_id)
        rows = connection.execute(
            select(entries.c.vseq, entries.c.item_id).where(*where).order_by(entries.c.vseq)
        ).all()
        gapless = [row.vseq for row in rows] == list(range(1, feed.last_vseq + 1))
        digest = feed_digest(bytes(16), (FeedItem(row.vseq, row.item_id) for row in rows))
        if not gapless or digest != feed.digest:
            raise DamagedServer("a feed has a gap or another digest", problem=f"村级序列 {feed.feed_id} 对不上")
    return len(feeds)


def _check_states(connection: Connection, county: str) -> int:
    """States are what the log says (invariant I6)."""
    table = tables.doc_state
    rows = connection.execute(select(table.c.root, table.c.state).where(table.c.county_id == county)).all()
    for row in rows:
        rebuilt = rebuild(connection, county, row.root)
        if unpack_state(row.state) != rebuilt:
            raise DamagedServer("a state differs from its log", problem="有一户或一份卷的合并状态与日志不符")
    return len(rows)


def rebuild(connection: Connection, county: str, root: str) -> RootState:
    """A root's state from the log of admitted changes alone."""
    table = tables.change
    where = (table.c.county_id == county, table.c.root == root, table.c.verdict == int(Verdict.ADMITTED))
    raws: Iterable[bytes] = connection.execute(select(table.c.raw).where(*where)).scalars()
    state = empty(root)
    for raw in raws:
        state = merge(state, open_any(raw))
    return state
