"""Predicates at run time: by index where the shape allows, else candidate after candidate.

``[column = expression]`` whose expression does not read the candidate is a look-up; ``[2]``, ``[last()]`` and
``[position() = expression]`` pick; anything else is tried on each candidate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from forms.engine.code import Code, Fn, Frame, Here
from forms.engine.rows import RowList
from forms.engine.secondary import ItemList
from forms.engine.xpath.values import text_to_number, to_boolean, to_number

Stage: TypeAlias = Callable[[list[Any], Here], list[Any]]
"""(candidates, outermost row) → those that stay."""


@dataclass
class Lookup:
    """An equality that an index answers. ``column`` is a slot of a row or the name of an item's child."""

    column: Any
    key: Code
    is_number: bool


@dataclass
class Predicates:
    """All predicates of one step: a look-up first if there is one, then the rest in order.

    ``scan`` does what the look-up does where no index can be had.
    """

    lookup: Lookup | None
    scan: Stage | None
    stages: tuple[Stage, ...]

    def of_rows(self, rows: RowList, cur: Here) -> list[Any]:
        """The relevant rows of a list that pass."""
        found: list[Any]
        if self.lookup is not None:
            found = _look_up_rows(self.lookup, rows, cur)
        else:
            found = rows.relevant()
        for stage in self.stages:
            found = stage(found, cur)
        return found

    def of_list(self, items: ItemList, cur: Here) -> list[Any]:
        """The items of a whole node-set that pass."""
        found = items.items if self.lookup is None else _look_up_items(self.lookup, items, cur)
        for stage in self.stages:
            found = stage(found, cur)
        return found

    def of_candidates(self, candidates: list[Any], cur: Here) -> list[Any]:
        """Those of any candidates that pass."""
        if self.scan is not None:
            candidates = self.scan(candidates, cur)
        for stage in self.stages:
            candidates = stage(candidates, cur)
        return candidates


def _look_up_rows(lookup: Lookup, rows: RowList, cur: Here) -> list[Any]:
    key = lookup.key.fn(None, Frame(cur))
    index = rows.index_of(lookup.column)
    if lookup.is_number:
        number = to_number(key)
        return [row for text, some in index.items() if text_to_number(text) == number for row in some]
    return _union(index, key)


def _look_up_items(lookup: Lookup, items: ItemList, cur: Here) -> list[Any]:
    key = lookup.key.fn(None, Frame(cur))
    if lookup.is_number:
        return items.by_number(lookup.column, text_to_number).get(to_number(key), [])
    return _union(items.by_text(lookup.column), key)


def _union(index: dict[str, list[Any]], key: Any) -> list[Any]:
    if type(key) is str:
        return index.get(key, [])
    if len(key) == 1:
        return index.get(key[0], [])
    wanted = set(key)
    return [one for text, some in index.items() if text in wanted for one in some]


def scan(test: Fn) -> Stage:
    """Keeps candidates for which ``test`` holds."""

    def run(candidates: list[Any], cur: Here) -> list[Any]:
        frame = Frame(cur, 0, len(candidates))
        found = []
        for candidate in candidates:
            frame.pos += 1
            if test(candidate, frame):
                found.append(candidate)
        return found

    return run


def unknown(fn: Fn) -> Stage:
    """The kind shows only at run time: a number is a position, anything else a condition."""

    def run(candidates: list[Any], cur: Here) -> list[Any]:
        frame = Frame(cur, 0, len(candidates))
        found = []
        for candidate in candidates:
            frame.pos += 1
            value = fn(candidate, frame)
            if (value == frame.pos) if type(value) is float else to_boolean(value):
                found.append(candidate)
        return found

    return run


def at(fn: Fn) -> Stage:
    """Keeps the candidate at a position that does not depend on the candidate."""

    def run(candidates: list[Any], cur: Here) -> list[Any]:
        if not candidates:
            return []
        number = to_number(fn(candidates[0], Frame(cur, 1, len(candidates))))
        if 1 <= number <= len(candidates) and number == int(number):
            return [candidates[int(number) - 1]]
        return []

    return run
