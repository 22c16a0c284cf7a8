"""The statements of admission, built once: putting one together anew costs several times what the database does with it.

Parameters are named; an insert takes its columns by name.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import bindparam, select

from sync.server import tables


def _is(column: Any, name: str = "") -> Any:
    return column == bindparam(name or column.key)


_change, _state, _home, _admission = tables.change.c, tables.doc_state.c, tables.root_home.c, tables.admission.c
_feed, _replica, _device, _entry = tables.feed.c, tables.replica.c, tables.device.c, tables.feed_entry.c

AT_DOT: Final = select(_change.change_id, _change.verdict).where(
    _is(_change.county_id), _is(_change.replica), _is(_change.seq)
)
STORE: Final = tables.change.insert()
# An update's parameters must not be called like the columns it sets.
SET_VERDICT: Final = (
    tables.change.update()
    .where(_is(_change.county_id, "county"), _is(_change.change_id, "id"))
    .values(verdict=bindparam("now"))
)
DECISIONS: Final = select(_admission.number).where(_is(_admission.county_id), _is(_admission.change_id))
DECIDE: Final = tables.admission.insert()

STANDING: Final = select(_state.root_type, _state.status).where(_is(_state.county_id), _is(_state.root))
STATE: Final = select(_state.state).where(_is(_state.county_id), _is(_state.root))
STATE_LOCKED: Final = STATE.with_for_update()
SET_STATE: Final = (
    tables.doc_state.update()
    .where(_is(_state.county_id, "county"), _is(_state.root, "id"))
    .values({name: bindparam(f"new_{name}") for name in ("state", "n_conflict", "status", "root_type")})
)
HOMES: Final = select(tables.root_home).where(_is(_home.county_id), _is(_home.root)).order_by(_home.number)

TAKE_PLACE: Final = (
    tables.feed.update()
    .where(_is(_feed.county_id, "county"), _is(_feed.feed_id, "id"))
    .values(last_vseq=_feed.last_vseq + 1)
    .returning(_feed.last_vseq, _feed.digest)
)
SET_DIGEST: Final = (
    tables.feed.update().where(_is(_feed.county_id, "county"), _is(_feed.feed_id, "id")).values(digest=bindparam("now"))
)
PUT_ENTRY: Final = tables.feed_entry.insert()
ALL_HEADS: Final = select(tables.feed).where(_is(_feed.county_id), _feed.last_vseq > 0)
ENTRIES_AFTER: Final = (
    select(_entry.vseq, _entry.kind, _entry.item_id, _entry.fact, _change.raw, _change.replica)
    .select_from(
        tables.feed_entry.outerjoin(
            tables.change, (_change.county_id == _entry.county_id) & (_change.change_id == _entry.item_id)
        )
    )
    .where(_is(_entry.county_id), _is(_entry.feed_id), _entry.vseq > bindparam("after"))
    .order_by(_entry.vseq)
    .limit(bindparam("most"))
)

DEVICE_OF_REPLICA: Final = (
    select(tables.device)
    .select_from(
        tables.replica.join(
            tables.device, (_device.county_id == _replica.county_id) & (_device.device == _replica.device)
        )
    )
    .where(_is(_replica.county_id), _is(_replica.replica))
)
