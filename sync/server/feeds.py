"""Feeds: gapless lists of admitted changes and facts. The number is taken in the transaction of what it numbers.

    UPDATE feed SET last_vseq = last_vseq + 1 … RETURNING

so no reader can see a higher number before a lower one, and writers wait for each other per feed only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select

from sync.protocol import BLOCK, BlockDigest, FeedEntry, FeedHead, FeedItem, digests_of, fact_id, feed_digest
from sync.scope import COUNTY_FEED, covers, parse_feed
from sync.server import statements, tables
from sync.server.database import Database

_ORDER = {"county": 0, "r": 1, "l": 2, "d": 2, "q": 3, "s": 4}


def lock_feeds(connection: Connection, database: Database, county: str, feeds: Iterable[str]) -> None:
    """Takes the locks of several feeds in one fixed order, so that two groups of changes cannot wait in a circle."""
    table = tables.feed
    names = sorted(set(feeds))
    for name in names:
        connection.execute(
            database.insert_once(table).values(county_id=county, feed_id=name, last_vseq=0, digest=bytes(16))
        )
    where = (table.c.county_id == county, table.c.feed_id.in_(names))
    connection.execute(database.locked(select(table.c.feed_id).where(*where).order_by(table.c.feed_id))).all()


def append(
    connection: Connection,
    database: Database,
    county: str,
    feed: str,
    item_id: bytes,
    fact: bytes | None = None,
    *,
    perhaps_there: bool = False,
) -> int:
    """Puts a change (by id) or a fact at the feed's end; its vseq.

    Args:
        perhaps_there: the item may stand in this feed already; then it stays where it is and 0 is returned.
    """
    entries = tables.feed_entry
    if perhaps_there:
        lock_feeds(connection, database, county, [feed])
        there = (entries.c.county_id == county, entries.c.feed_id == feed, entries.c.item_id == item_id)
        if connection.execute(select(entries.c.vseq).where(*there)).first() is not None:
            return 0
    here = {"county": county, "id": feed}
    row = connection.execute(statements.TAKE_PLACE, here).first()
    if row is None:
        lock_feeds(connection, database, county, [feed])
        row = connection.execute(statements.TAKE_PLACE, here).one()
    vseq: int = row.last_vseq
    digest = feed_digest(row.digest, [FeedItem(vseq, item_id)])
    connection.execute(statements.SET_DIGEST, {**here, "now": digest})
    kind = "change" if fact is None else "fact"
    place = {"county_id": county, "feed_id": feed, "vseq": vseq, "kind": kind, "item_id": item_id, "fact": fact}
    connection.execute(statements.PUT_ENTRY, place)
    return vseq


def append_fact(connection: Connection, database: Database, county: str, feed: str, fact: bytes) -> int:
    """Puts a fact at the feed's end; its vseq."""
    return append(connection, database, county, feed, fact_id(fact), fact, perhaps_there=True)


def heads(connection: Connection, county: str, patterns: Iterable[str]) -> list[FeedHead]:
    """The ends of all feeds that a certificate with these patterns covers, county first."""
    allowed = tuple(patterns)
    rows = connection.execute(statements.ALL_HEADS, {"county_id": county})
    found = [FeedHead(row.feed_id, row.last_vseq, row.digest) for row in rows if covers(allowed, row.feed_id)]
    return sorted(found, key=lambda head: in_order(head.feed))


def in_order(feed: str) -> tuple[int, str]:
    """Forms and rights first, then the register, then what refers to them."""
    return (_ORDER[parse_feed(feed).part] if feed != COUNTY_FEED else 0, feed)


def entries_after(
    connection: Connection, county: str, feed: str, after: int, most: int, *, own: bytes = b""
) -> Iterator[FeedEntry]:
    """Entries with vseq > after, in order, at most so many; changes of the replica ``own`` by name only."""
    here = {"county_id": county, "feed_id": feed, "after": after, "most": most}
    rows: Any = connection.execute(statements.ENTRIES_AFTER, here)
    for row in rows:
        if row.kind == "change" and own and row.replica == own:
            yield FeedEntry(feed, row.vseq, "own", row.item_id)
        else:
            yield FeedEntry(feed, row.vseq, row.kind, row.fact if row.kind == "fact" else row.raw)


def items(connection: Connection, county: str, feed: str, upto: int) -> list[FeedItem]:
    """What stands at the places 1…upto."""
    table = tables.feed_entry
    where = (table.c.county_id == county, table.c.feed_id == feed, table.c.vseq <= upto)
    rows = connection.execute(select(table.c.vseq, table.c.item_id).where(*where).order_by(table.c.vseq))
    return [FeedItem(row.vseq, row.item_id) for row in rows]


def block_digests(connection: Connection, county: str, feed: str, first: int, last: int) -> tuple[BlockDigest, ...]:
    """Digests of the blocks of BLOCK entries that touch first…last; 256 short rows each, so none are kept."""
    table = tables.feed_entry
    low = (max(first, 1) - 1) // BLOCK * BLOCK + 1
    high = ((max(last, 1) - 1) // BLOCK + 1) * BLOCK
    rows = connection.execute(
        select(table.c.vseq, table.c.item_id)
        .where(table.c.county_id == county, table.c.feed_id == feed, table.c.vseq.between(low, high))
        .order_by(table.c.vseq)
    )
    return digests_of([FeedItem(row.vseq, row.item_id) for row in rows])
