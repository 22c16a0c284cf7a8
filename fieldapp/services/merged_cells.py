"""Cells merged down a column: every line says what stands in the first, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import IO, Final

_CHUNK: Final = 1 << 20
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')


def column_of(letters: str) -> int:
    """A column's place, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class MergedCells:
    """The merged cells of one sheet, for its rows from above downwards.

    Args:
        ranges: first row, last row, column of each, from 0. Cells merged to the right alone say nothing about other lines.
    """

    def __init__(self, ranges: Iterable[tuple[int, int, int]] = ()) -> None:
        self._ends = {(first, column): last for first, last, column in ranges if last > first}
        self._open: dict[int, tuple[int, str]] = {}

    def filled(self, row: int, cells: list[str]) -> list[str]:
        """The cells of a row with what is merged into them from above."""
        if not self._ends:
            return cells
        for column, (last, value) in list(self._open.items()):
            if row > last:
                del self._open[column]
                continue
            cells += [""] * (column + 1 - len(cells))
            cells[column] = cells[column] or value
        for column, value in enumerate(cells):
            last = self._ends.get((row, column), -1)
            if value and last > row:
                self._open[column] = last, value
        return cells


def find_merged(sheet: IO[bytes]) -> MergedCells:
    """Those of a worksheet's XML. They stand behind the rows, so the sheet is gone through once before it is read."""
    found: set[tuple[int, int, int]] = set()
    rest = b""
    while block := sheet.read(_CHUNK):
        rest += block
        for letters, first, last in _MERGED.findall(rest):
            found.add((int(first) - 1, int(last) - 1, column_of(letters.decode())))
        rest = rest[max(rest.rfind(b"<"), 0) :][-1000:]
    return MergedCells(found)
