"""A root's state as bytes, for ``doc_state``: derived, so it may be dropped and rebuilt from the log at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import zstandard

from sync import cbor
from sync.change import Dot, RowPath
from sync.codec import LARGEST_BODY
from sync.errors import BadBytes, TooBig
from sync.merge import CellKey, Event, Head, Register, RootState

_CELL_BY_CELL: Final = 1
_IN_COLUMNS: Final = 2
_LARGEST: Final = LARGEST_BODY * 4
_NESTED: Final = 40  # what a change may hold at its deepest stands some levels deeper here


def pack_state(state: RootState) -> bytes:
    """Canonical CBOR with one table of dots, then zstd. Cells of one head, nearly all, stand in columns.

    Raises:
        TooBig: it could not be read again.
    """
    dots: dict[Dot, int] = {}
    authors: list[list[Any]] = []  # of the dots that a head in the columns has: hlc, actor
    rows: dict[RowPath, int] = {}
    columns: tuple[list[int], list[str], list[int], list[Any]] = ([], [], [], [])
    others: list[list[Any]] = []
    at, names, writers, values = columns
    for (row, name), cell in sorted(state.cells.items()):
        if len(cell.heads) == 1 and not cell.ghosts:
            (head,) = cell.heads.values()
            place = dots.setdefault(head.dot, len(dots))
            if place == len(authors):
                authors.append([head.hlc, head.actor])
            if authors[place] == [head.hlc, head.actor]:
                at.append(rows.setdefault(row, len(rows)))
                names.append(name)
                writers.append(place)
                values.append(head.value)
                continue
        others.append([list(row), name, [head for _, head in sorted(cell.heads.items())], sorted(cell.ghosts)])
    for cell_parts in others:
        cell_parts[2] = [[dots.setdefault(h.dot, len(dots)), h.value, h.hlc, h.actor] for h in cell_parts[2]]
        cell_parts[3] = [dots.setdefault(dot, len(dots)) for dot in cell_parts[3]]
    events = [
        [dots.setdefault(e.dot, len(dots)), e.kind, e.hlc, e.actor, dict(e.body)]
        for _, e in sorted(state.events.items())
    ]
    unread = [dots.setdefault(dot, len(dots)) for dot in sorted(state.unread)]
    included = [[replica, [list(pair) for pair in ranges]] for replica, ranges in sorted(state.included.items())]
    body = cbor.dumps_checked(
        [
            _IN_COLUMNS, state.root, sorted(state.root_types), included, [list(dot) for dot in dots], authors,
            [list(row) for row in rows], list(columns), others, events, unread,
        ]
    )  # fmt: skip
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
    authors: list[Any] = []
    row_list: list[Any] = []
    columns: Sequence[list[Any]] = ([], [], [], [])
    if items[0] == _CELL_BY_CELL:
        _, root, root_types, included, dot_list, cell_list, event_list, unread = items
    elif items[0] == _IN_COLUMNS:
        _, root, root_types, included, dot_list, authors, row_list, columns, cell_list, event_list, unread = items
    else:
        raise BadBytes("a state of another format")
    dots: list[Dot] = [(replica, seq) for replica, seq in dot_list]
    rows: list[RowPath] = [tuple(row) for row in row_list]
    none: frozenset[Dot] = frozenset()
    cells: dict[CellKey, Register] = {
        (rows[row], name): Register({dots[d]: Head(dots[d], value, *authors[d])}, none)
        for row, name, d, value in zip(*columns, strict=True)
    }
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
