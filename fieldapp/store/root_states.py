"""Merged states of roots: kept as bytes in ``doc_state``, always rebuildable from the log."""

from __future__ import annotations

from typing import Any

import zstandard
from sqlmodel import Session

from fieldapp.store.tables import DocState
from sync import cbor
from sync.merge import Event, Head, Register, RootState, empty
from sync.records import RootView

_PACK = zstandard.ZstdCompressor(level=3)
_UNPACK = zstandard.ZstdDecompressor()
_LARGEST = 64 * 1024 * 1024


def pack(state: RootState) -> bytes:
    """The state as compressed canonical CBOR."""
    cells = [
        [
            list(row),
            field,
            [[h.dot[0], h.dot[1], h.value, h.hlc, h.actor] for h in register.heads.values()],
            [list(dot) for dot in sorted(register.ghosts)],
        ]
        for (row, field), register in state.cells.items()
    ]
    events = [[e.dot[0], e.dot[1], e.kind, e.hlc, e.actor, dict(e.body)] for e in state.events.values()]
    included = [[replica, [list(pair) for pair in ranges]] for replica, ranges in state.included.items()]
    plain = [state.root, sorted(state.root_types), included, cells, events, [list(dot) for dot in sorted(state.unread)]]
    return _PACK.compress(cbor.dumps(plain))


def unpack(data: bytes) -> RootState:
    """The inverse of :func:`pack`."""
    root, types, included, cells, events, unread = cbor.loads(_UNPACK.decompress(data, max_output_size=_LARGEST))
    return RootState(
        root=root,
        root_types=frozenset(types),
        included={replica: tuple((first, last) for first, last in ranges) for replica, ranges in included},
        cells={(tuple(row), field): _register(heads, ghosts) for row, field, heads, ghosts in cells},
        events={(r, s): Event((r, s), kind, hlc, actor, body) for r, s, kind, hlc, actor, body in events},
        unread=frozenset((r, s) for r, s in unread),
    )


def _register(heads: list[Any], ghosts: list[Any]) -> Register:
    return Register(
        {(r, s): Head((r, s), value, hlc, actor) for r, s, value, hlc, actor in heads},
        frozenset((r, s) for r, s in ghosts),
    )


def read(session: Session, root: str) -> RootState:
    """The state of a root; empty when nothing is known of it."""
    row = session.get(DocState, root)
    return empty(root) if row is None else unpack(row.body)


def write(session: Session, state: RootState, view: RootView, village: str, form_version: str) -> None:
    """Keeps the state with the few facts that lists need."""
    row = session.get(DocState, state.root) or DocState(root=state.root, type="", body=b"", digest=b"")
    row.type = view.root_type
    row.village = village
    row.form_version = form_version or row.form_version
    row.body = pack(state)
    row.digest = state.digest
    row.n_conflict = len(view.conflicts)
    row.status = int(view.status)
    session.add(row)
