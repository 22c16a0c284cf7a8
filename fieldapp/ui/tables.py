"""Lists of frozen rows: one model, one view and one painter for all lists of the window.

Rows come filtered and sorted from a service; nothing here filters or sorts (a proxy over a Python model takes seconds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

T = TypeVar("T")
AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Mark:
    """A small framed word in a cell: ``错 1``, ``改好``; ``tone`` is a tone of the theme, ``solid`` an open check."""

    words: str
    tone: str = "plain"
    solid: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What one cell of a list shows.

    Args:
        text: the words; the first line when ``second`` is given.
        second: a quieter second line; ``third`` one more, in the colour of ``third_tone``.
        tone: ``""`` for plain text, ``quiet``, ``accent``, ``ok``, ``soft``, ``hard`` or ``conflict``.
        marks: framed words after the text.
        ticks: 0 to 3 of the three ticks of the hand-over, before the text; None for none.
        box: a tick box before the text, None for none.
        lit: ranges of ``text`` that a search matched, as (start, length).
        bar: share from 0 to 1 drawn as a bar before the text.
    """

    text: str
    second: str = ""
    tone: str = ""
    third: str = ""
    third_tone: str = "quiet"
    bold: bool = False
    marks: tuple[Mark, ...] = ()
    ticks: int | None = None
    box: bool | None = None
    lit: tuple[tuple[int, int], ...] = ()
    bar: float | None = None

    def spoken(self) -> str:
        """The same for a screen reader: every colour and shape as a word."""
        parts = [self.text, self.second, self.third, *(mark.words for mark in self.marks)]
        if self.bar is not None:
            parts.append(f"{self.bar:.0%}")
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: its head, what it shows of a row, its width in px at 100 % (0 takes what is left)."""

    head: str
    show: Callable[[T], Shown | str]
    width: int = 0
    right: bool = False


SHOWN_ROLE = Qt.ItemDataRole.UserRole + 1
ROW_ROLE = Qt.ItemDataRole.UserRole + 2
HEADING_ROLE = Qt.ItemDataRole.UserRole + 3
EDGE_ROLE = Qt.ItemDataRole.UserRole + 4


class RowsModel(QAbstractTableModel, Generic[T]):
    """A table over frozen rows.

    Args:
        columns: left to right.
        heading: the words of a row that is a group head (it spans the table and takes no cursor), None for ordinary rows.
        edge: tone of a coloured left edge of a row, empty for none.
    """

    def __init__(
        self,
        columns: Sequence[Column[T]],
        parent: QObject | None = None,
        *,
        heading: Callable[[T], str | None] | None = None,
        edge: Callable[[T], str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: list[T] = []
        self._heading = heading
        self._edge = edge

    @property
    def rows(self) -> Sequence[T]:
        return self._rows

    @property
    def columns(self) -> Sequence[Column[T]]:
        return self._columns

    def show(self, rows: Sequence[T]) -> None:
        """Shows these rows instead of the old ones."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def show_columns(self, columns: Sequence[Column[T]]) -> None:
        """Other columns over no rows; :meth:`show` follows."""
        self.beginResetModel()
        self._columns = tuple(columns)
        self._rows = []
        self.endResetModel()

    def replace(self, row: int, value: T) -> None:
        """Shows one row anew, keeping the cursor."""
        self._rows[row] = value
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(self._columns) - 1))

    def row_at(self, index: AnyIndex) -> T | None:
        if index.isValid() and 0 <= index.row() < len(self._rows):
            return self._rows[index.row()]
        return None

    def is_heading(self, row: int) -> bool:
        return self._heading is not None and self._heading(self._rows[row]) is not None

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].head
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._columns[section].right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid() or self.is_heading(index.row()):
            return Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        heading = self._heading(row) if self._heading is not None else None
        if role == HEADING_ROLE:
            return heading
        if role == EDGE_ROLE:
            return self._edge(row) if self._edge is not None else ""
        column = self._columns[index.column()]
        if role == SHOWN_ROLE:
            return self._shown(column, row)
        if role == Qt.ItemDataRole.DisplayRole:
            return heading if heading is not None else self._shown(column, row).text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if heading is not None:
                return heading
            spoken = self._shown(column, row).spoken()
            return f"{column.head} {spoken}".strip()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    @staticmethod
    def _shown(column: Column[T], row: T) -> Shown:
        shown = column.show(row)
        return Shown(shown) if isinstance(shown, str) else shown
