"""A root's state as bytes, for ``doc_state``: derived, so it may be dropped and rebuilt from the log at any time."""

from __future__ import annotations

from typing import Any, Final

import zstandard

from sync import cbor
from sync.change import Dot
from sync.codec import LARGEST_BODY
from sync.errors import BadBytes, TooBig
from sync.merge import CellKey, Event, Head, Register, RootState

_FORMAT: Final = 1
_LARGEST: Final = LARGEST_BODY * 4
_NESTED: Final = 40  # what a change may hold at its deepest stands some levels deeper here


def pack_state(state: RootState) -> bytes:
    """Canonical CBOR with one table of dots, then zstd.

    Raises:
        TooBig: it could not be read again.
    """
    dots: dict[Dot, int] = {}

    def place(dot: Dot) -> int:
        return dots.setdefault(dot, len(dots))

    cells = [
        [
            list(row),
            name,
            [[place(head.dot), head.value, head.hlc, head.actor] for _, head in sorted(cell.heads.items())],
            [place(dot) for dot in sorted(cell.ghosts)],
        ]
        for (row, name), cell in sorted(state.cells.items())
    ]
    events = [[place(e.dot), e.kind, e.hlc, e.actor, dict(e.body)] for _, e in sorted(state.events.items())]
    unread = [place(dot) for dot in sorted(state.unread)]
    included = [[replica, [list(pair) for pair in ranges]] for replica, ranges in sorted(state.included.items())]
    body = cbor.dumps_checked(
        [_FORMAT, state.root, sorted(state.root_types), included, [list(dot) for dot in dots], cells, events, unread]
    )
    if len(body) > _LARGEST:
        raise TooBig(f"a state of {len(body)} bytes")
    return zstandard.ZstdCompressor(level=3).compress(body)


def unpack_state(data: bytes) -> RootState:
    """The inverse of ``pack_state``. Raises BadBytes: then rebuild from the log."""
    try:
        if not 0 <= zstandard.frame_content_size(data) <= _LARGEST:
            raise BadBytes("a state that is too big")
        return _read(cbor.loads(zstandard.ZstdDecompressor().decompress(data), nested=_NESTED))
    except (zstandard.ZstdError, TypeError, ValueError, IndexError, KeyError) as error:
        raise BadBytes("not a state") from error


def _read(items: list[Any]) -> RootState:
    version, root, root_types, included, dot_list, cell_list, event_list, unread = items
    if version != _FORMAT:
        raise BadBytes("a state of another format")
    dots: list[Dot] = [(replica, seq) for replica, seq in dot_list]
    cells: dict[CellKey, Register] = {}
    for row, name, heads, ghosts in cell_list:
        cells[tuple(row), name] = Register(
            {dots[d]: Head(dots[d], value, hlc, actor) for d, value, hlc, actor in heads},
            frozenset(dots[d] for d in ghosts),
        )
    return RootState(
        root,
        frozenset(root_types),
        {replica: tuple((first, last) for first, last in ranges) for replica, ranges in included},
        cells,
        {dots[d]: Event(dots[d], kind, hlc, actor, body) for d, kind, hlc, actor, body in event_list},
        frozenset(dots[d] for d in unread),
    )
