"""The county's own hand: forms, villages, parameters, accounts as ordinary signed changes in the county feed.

The server is a device of its own (id of zeros, key = the county's signing key), so what it publishes is checked by the
laptops with the key that they know from enrolment.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, select

from sync import cbor
from sync.change import VERSION, Change, Kind, Value, Write, same_value
from sync.clock import HybridClock
from sync.codec import seal
from sync.merge import empty
from sync.protocol import Verdict
from sync.records import view
from sync.scope import COUNTY_FEED, DeviceCertificate, Role, issue
from sync.server import tables
from sync.server.admission import COUNTY_DEVICE, Admission
from sync.server.database import Database
from sync.server.errors import ServerError
from sync.server.keys import CountyKeys, raw_public, read_value, write_value
from sync.snapshot import unpack_state

OFFICE: Final = "office"
_FOR_EVER_MS: Final = 2**52


def control_root(kind: str, name: str) -> str:
    """The root of a thing of the county feed: the same name, the same root (32 hex characters)."""
    return blake2b(f"{kind}:{name}".encode(), digest_size=16).hexdigest()


def publish(
    connection: Connection,
    database: Database,
    keys: CountyKeys,
    root: str,
    root_type: str,
    facts: Mapping[str, Value],
    *,
    now_ms: int,
    chance: Callable[[int], bytes] = secrets.token_bytes,
    form_version: str = "",
) -> bytes | None:
    """Writes the facts that differ from what stands in the root; the change's id, None if nothing differs.

    Raises:
        ServerError: the change was not admitted (a bug of the caller).
    """
    where = (tables.doc_state.c.county_id == keys.county, tables.doc_state.c.root == root)
    row = connection.execute(select(tables.doc_state.c.state).where(*where)).first()
    shown = view(unpack_state(row.state) if row else empty(root))
    writes = tuple(
        Write((), field, value, shown.prev(field))
        for field, value in facts.items()
        if ((), field) not in shown.cells or not same_value(shown.value(field), value)
    )
    if not writes:
        return None
    return write_change(
        connection, database, keys, now_ms=now_ms, chance=chance, root=root, root_type=root_type, writes=writes,
        form_version=form_version, feed=COUNTY_FEED,
    )  # fmt: skip


def write_change(
    connection: Connection,
    database: Database,
    keys: CountyKeys,
    *,
    now_ms: int,
    root: str,
    root_type: str,
    feed: str,
    chance: Callable[[int], bytes] = secrets.token_bytes,
    **content: Any,
) -> bytes:
    """Seals and admits one change of the county's own; its id."""
    replica, seq = _own_replica(connection, database, keys, chance)
    clock = HybridClock(int.from_bytes(read_value(connection, keys.county, "hlc") or b"", "big")).tick(now_ms)
    write_value(connection, keys.county, "hlc", clock.last.to_bytes(8, "big"))
    fields: dict[str, Any] = {
        "kind": Kind.EDIT, "actor": OFFICE, "tz_min": 480, "save_id": chance(8), **content,
    }  # fmt: skip
    made = Change(
        version=VERSION, county=keys.county, replica=replica, seq=seq, hlc=clock.last, root=root, root_type=root_type,
        feed=feed, **fields,
    )  # fmt: skip
    sealed = seal(made, keys.signing)
    with Admission(database, keys, connection) as desk:
        answer = desk.take(sealed.raw, now_ms=now_ms, replica=replica, via="office")
    if answer.verdict != Verdict.ADMITTED:
        raise ServerError(f"own change not admitted: {answer.reason}")
    return sealed.change_id


def _own_replica(
    connection: Connection, database: Database, keys: CountyKeys, chance: Callable[[int], bytes]
) -> tuple[bytes, int]:
    table = tables.replica
    mine = (table.c.county_id == keys.county, table.c.device == COUNTY_DEVICE)
    current = read_value(connection, keys.county, "own_replica")
    if current is None:
        _enter_county_device(connection, database, keys)
        current = chance(8)
        write_value(connection, keys.county, "own_replica", current)
        connection.execute(
            table.insert().values(
                county_id=keys.county, replica=current, device=COUNTY_DEVICE, upto=0, beyond=cbor.dumps([]),
                durable_upto=0, forked=0,
            )
        )  # fmt: skip
    row = connection.execute(database.locked(select(table).where(*mine, table.c.replica == current))).one()
    return current, row.upto + 1


def _enter_county_device(connection: Connection, database: Database, keys: CountyKeys) -> None:
    certificate = DeviceCertificate(
        keys.county, COUNTY_DEVICE, OFFICE, Role.CADM, (COUNTY_FEED, "v:*"), raw_public(keys.signing),
        raw_public(keys.sealing), 0, _FOR_EVER_MS,
    )  # fmt: skip
    connection.execute(
        database.insert_once(tables.device).values(
            county_id=keys.county, device=COUNTY_DEVICE, certificate=issue(certificate, keys.signing), serial=1,
            status="county", name=OFFICE, last_seen=0, last_offset_ms=0,
        )
    )  # fmt: skip
