"""Hash-chained record of what was decided and read: one chain per lane, so villages do not wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, bindparam, select

from sync import cbor
from sync.server import tables
from sync.server.database import Database

_FIRST = bytes(16)
_LINE = tables.audit
_LAST = (
    select(_LINE.c.aseq, _LINE.c.hash)
    .where(_LINE.c.county_id == bindparam("county"), _LINE.c.lane == bindparam("at_lane"))
    .order_by(_LINE.c.aseq.desc())
    .limit(1)
)


def record(
    connection: Connection,
    database: Database,
    county: str,
    *,
    lane: str,
    at: int,
    actor: str,
    action: str,
    detail: Mapping[str, Any],
) -> None:
    """Adds one line to a lane, in the transaction of what it tells. ``detail`` holds ids and counts, no answers."""
    last = connection.execute(database.locked(_LAST), {"county": county, "at_lane": lane}).first()
    aseq, before = (last.aseq + 1, last.hash) if last else (1, _FIRST)
    packed = cbor.dumps(dict(detail))
    connection.execute(
        _LINE.insert(),
        {
            "county_id": county,
            "lane": lane,
            "aseq": aseq,
            "at": at,
            "actor": actor,
            "action": action,
            "detail": packed,
            "prev_hash": before,
            "hash": _link(before, lane, aseq, at, actor, action, packed),
        },
    )


def broken_lanes(connection: Connection, county: str) -> list[str]:
    """Lanes whose chain does not verify: a line was changed, taken out or put in."""
    table = tables.audit
    rows = connection.execute(select(table).where(table.c.county_id == county).order_by(table.c.lane, table.c.aseq))
    broken: dict[str, None] = {}
    lane, aseq, before = "", 0, _FIRST
    for row in rows:
        if row.lane != lane:
            lane, aseq, before = row.lane, 0, _FIRST
        aseq += 1
        link = _link(before, row.lane, row.aseq, row.at, row.actor, row.action, row.detail)
        if row.aseq != aseq or row.prev_hash != before or row.hash != link:
            broken[lane] = None
        before = row.hash
    return list(broken)


def _link(before: bytes, lane: str, aseq: int, at: int, actor: str, action: str, detail: bytes) -> bytes:
    return blake2b(cbor.dumps([before, lane, aseq, at, actor, action, detail]), digest_size=16).digest()
