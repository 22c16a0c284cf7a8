"""Opening a county: tables as counties have them, and what each column of them is.

A table comes decoded, row by row. Above its data stand a title and one or two lines of heads, merged or not; heads are called what
people call them. This module finds the heads, guesses what each column is (a person confirms), and names problems by sheet, row and
column, with how to mend them. What the columns say is read by ``opening_values``, ``opening_register`` and ``opening_lists``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice
from typing import Final

from forms.phrases import Phrase

LINES_ABOVE: Final = 15  # among the first so many filled rows the heads stand
MOST_OF_A_KIND: Final = 300  # problems of one kind kept one by one; the rest is only counted


class Numeric(str):
    """A cell that Excel keeps as a number, as it is written in the file."""

    __slots__ = ()


class Computed(str):
    """The last result of a formula."""

    __slots__ = ()


class Faulty(str):
    """A cell that holds an error (#N/A, a formula without a result)."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class TableRow:
    """One filled row: its number as Excel counts, its cells from column A on, whether it is hidden."""

    number: int
    cells: tuple[str, ...]
    hidden: bool = False


class Level(StrEnum):
    """What a problem keeps from being imported."""

    FILE = "file"  # the whole table
    ROW = "row"  # the household or line
    CELL = "cell"  # this value alone
    WARN = "warn"  # nothing: to be looked at

    @property
    def zh(self) -> str:
        """In words."""
        return {"file": "整表不收", "row": "整户不收", "cell": "这格不收", "warn": "请核对"}[self.value]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a table.

    Attributes:
        kind: a short name, the same for all problems of the kind.
        sheet, row, column: where; row 0 is the whole sheet, column "" the whole row.
        zh: what is wrong. Holds no identity number, only its last four places.
        mend: what to do about it.
    """

    level: Level
    kind: str
    sheet: str
    row: int
    column: str
    zh: str
    mend: str


@dataclass(slots=True)
class Problems:
    """Problems as they are met: the first of each kind one by one, all of them counted.

    So a warning that twenty thousand lines share does not push out the three lines that cannot be taken.
    """

    found: list[Problem] = field(default_factory=list)
    counts: dict[tuple[Level, str], int] = field(default_factory=dict)
    _told: set[tuple[str, str, str]] = field(default_factory=set)

    def once(self, level: Level, kind: str, where: tuple[str, int], column: str, zh: str, mend: str) -> None:
        """Notes a problem that many lines of a sheet share, at the first of them."""
        if (kind, where[0], zh) not in self._told:
            self._told.add((kind, where[0], zh))
            self.add(level, kind, where, column, zh, mend)

    def add(self, level: Level, kind: str, where: tuple[str, int], column: str, zh: str, mend: str) -> None:
        """Notes one."""
        count = self.counts[level, kind] = self.counts.get((level, kind), 0) + 1
        if count <= MOST_OF_A_KIND:
            self.found.append(Problem(level, kind, where[0], where[1], column, zh, mend))

    def worst_first(self) -> list[Problem]:
        """Those kept, whole tables before lines before cells before warnings, each as met."""
        ranks = list(Level)
        return sorted(self.found, key=lambda one: ranks.index(one.level))

    def number(self, *levels: Level) -> int:
        """How many of these levels."""
        return sum(count for (level, _), count in self.counts.items() if level in levels)


# --- heads -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of a table.

    Attributes:
        names: of each column, "" without one; of two lines the upper before the lower ("户主" "姓名" → "户主姓名").
        bare: the lowest line alone.
        row: number of the last line of heads.
    """

    names: tuple[str, ...]
    bare: tuple[str, ...]
    row: int


def plain(words: str) -> str:
    """A head or label to compare by: half-width, without blanks, brackets and what stands in them, marks and units."""
    flat = unicodedata.normalize("NFKC", words)
    flat = re.sub(r"\(.*?\)|\[.*?\]|【.*?】|〔.*?〕", "", flat)
    return re.sub(r"[\s*＊:：、/_\-—.·#“”\"']", "", flat).lower()


def find_heads(rows: Sequence[TableRow], known: Mapping[str, str]) -> Heads | None:
    """The heads among the first rows of a table; None when no row names at least two known columns.

    Args:
        known: plain head → field.
    """
    best, score = -1, 1
    for n, row in enumerate(rows):
        named = len({known[plain(cell)] for cell in row.cells if plain(cell) in known})
        if named > score:
            best, score = n, named
    if best < 0:
        return None
    upper, lower = (rows[best - 1] if best else None), rows[best]
    below = rows[best + 1] if best + 1 < len(rows) else None
    if below is not None and _goes_on(lower, below, known):
        upper, lower = lower, below
    width = max(len(lower.cells), len(upper.cells) if upper is not None else 0)
    bare = tuple(_at(lower, n) for n in range(width))
    above = _filled(upper, lower, width) if upper is not None and _is_heads(upper) else ("",) * width
    return Heads(
        tuple((up + low) if up and low and up != low else (low or up) for up, low in zip(above, bare, strict=True)),
        bare,
        lower.number,
    )


def _at(row: TableRow, column: int) -> str:
    return row.cells[column].strip() if column < len(row.cells) else ""


def _goes_on(lower: TableRow, below: TableRow, known: Mapping[str, str]) -> bool:
    """Whether a second line of heads follows: it stands under merged heads, and holds no data."""
    words = [cell for cell in below.cells if cell.strip()]
    if not words or any(re.search(r"\d", cell) for cell in words):
        return False
    under = sum(1 for n, cell in enumerate(below.cells) if cell.strip() and plain(cell) in known)
    return under >= 2 and under >= len(words) / 2 and any(not _at(lower, n) for n in range(len(below.cells)))


def _is_heads(row: TableRow) -> bool:
    words = [cell for cell in row.cells if cell.strip()]
    return len(words) > 1 and not any(re.search(r"\d", cell) for cell in words)


def _filled(upper: TableRow, lower: TableRow, width: int) -> tuple[str, ...]:
    """The upper line with merged heads drawn out over the columns below them."""
    drawn, last = [], ""
    for n in range(width):
        here = _at(upper, n)
        if here:
            last = here
        elif not _at(lower, n):
            last = ""
        drawn.append(here or last)
    return tuple(drawn)


# --- columns -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table and what it is taken for.

    Attributes:
        at: place, from 0.
        head: as it stands in the table.
        field: "" for a column that is not read.
        guessed: False when a person said so.
    """

    at: int
    head: str
    field: str
    guessed: bool = True


def letters(at: int) -> str:
    """A column's letters, as Excel has them."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def guess_columns(heads: Heads, known: Mapping[str, str], told: Mapping[str, str]) -> tuple[Column, ...]:
    """What each column is.

    Args:
        told: a person's word: head or column letters → field, "" for a column that is not to be read.
    """
    found = []
    for n, name in enumerate(heads.names):
        head = name.strip()
        by_person = told.get(head, told.get(heads.bare[n], told.get(letters(n))))
        if by_person is not None:
            found.append(Column(n, head, by_person, guessed=False))
            continue
        guess = known.get(plain(head)) or known.get(plain(heads.bare[n])) or ""
        found.append(Column(n, head, guess))
    return tuple(found)


def doubled(columns: Iterable[Column]) -> tuple[tuple[Column, Column], ...]:
    """Columns taken for the same field; a person has to say which one it is."""
    first: dict[str, Column] = {}
    pairs = []
    for column in columns:
        if column.field:
            if column.field in first:
                pairs.append((first[column.field], column))
            else:
                first[column.field] = column
    return tuple(pairs)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table with its heads found: the columns, and the data rows below them."""

    title: str
    columns: tuple[Column, ...]
    rows: Iterable[TableRow]

    @property
    def fields(self) -> dict[str, int]:
        """Field → place of its column."""
        return {one.field: one.at for one in reversed(self.columns) if one.field}


def read_heads(
    title: str, rows: Iterator[TableRow], known: Mapping[str, str], told: Mapping[str, str], problems: Problems
) -> ReadTable | None:
    """Finds heads and columns of a table; None (with a problem noted) for one that cannot be read.

    Args:
        known: synonyms of the kind of table, plain head → field.
        told: as for :func:`guess_columns`.
    """
    first = list(islice(rows, LINES_ABOVE))
    heads = find_heads(first, {**known, **{plain(head): name for head, name in told.items() if name}})
    if heads is None:
        if first:
            problems.add(
                Level.WARN, "heads", (title, 0), "", "这张表认不出表头，没有读",
                "要读它就把表头改成常用的叫法（如户编码、户主姓名、证件号码），或指明各列是什么",
            )  # fmt: skip
        return None
    columns = guess_columns(heads, known, told)
    pairs = doubled(columns)
    for one, other in pairs:
        problems.add(
            Level.FILE, "doubled", (title, heads.row), letters(other.at),
            Phrase(
                "“{one}”（{one_at} 列）和“{other}”（{other_at} 列）都像是同一项，不知道该用哪一列",
                one=one.head, one_at=letters(one.at), other=other.head, other_at=letters(other.at),
            ),
            "指明用哪一列，另一列写“不用”",
        )  # fmt: skip
    if pairs:
        return None
    data = (row for row in chain(first, rows) if row.number > heads.row)
    return ReadTable(title, columns, data)
