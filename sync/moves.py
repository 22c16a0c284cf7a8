"""Roots that have left: what the facts ``moved_out`` and ``moved_in`` of the feeds say together (sync.md 3.6)."""

from __future__ import annotations

from collections.abc import Iterable

from sync import cbor
from sync.errors import BadBytes


def roots_away(facts: Iterable[tuple[str, int, bytes]]) -> frozenset[str]:
    """Roots that the feeds held here have given away and none has received: read-only on this laptop.

    Args:
        facts: feed, vseq and bytes of every fact held.
    """
    last: dict[tuple[str, str], tuple[int, bool]] = {}  # root, feed → vseq, has left it
    for feed, vseq, data in facts:
        try:
            fact = cbor.loads(data)
            name, root = fact["fact"], str(fact["root"])
        except (BadBytes, KeyError, TypeError):
            continue  # of a newer server
        if name in ("moved_out", "moved_in") and last.get((root, feed), (0, False))[0] < vseq:
            last[root, feed] = (vseq, name == "moved_out")
    left = {root for (root, _), (_, out) in last.items() if out}
    return frozenset(left - {root for (root, _), (_, out) in last.items() if not out})
