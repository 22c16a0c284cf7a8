"""A roster or item lines as rows and columns: what stands in each cell, kept until an effect names it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from fieldapp.ui.interview.codes import is_code, plain
from fieldapp.ui.interview.figures import shown as shown_figure
from fieldapp.ui.interview.layout import Column, Lines, Roster, name_path
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import CHOICES, Facts, Shown
from fieldapp.words import _, language
from forms.engine import Cell, Effects, Repeat

__all__ = ["CellLook", "GridModel", "GridRow", "readable"]

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row: its head and its cells. ``code`` is what ticks it, ``row`` the roster row itself."""

    number: str
    name: str
    second: str
    cells: tuple[Cell | None, ...]
    code: str = ""
    row: Cell | None = None


@dataclass(frozen=True, slots=True)
class CellLook:
    """One cell ready to draw. ``state``: blank, asked, hatched, computed, compare."""

    state: str
    text: str
    right: bool
    previous: str
    same: bool
    confirm: bool
    flag: str
    flag_open: bool
    comment: bool
    told: bool
    shown: Shown | None


HATCHED = CellLook("hatched", "", False, "", False, False, "", False, False, False, None)
COMPARES = ("prev", "yoy")
_SHOWN = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
_EDITABLE = _SHOWN | Qt.ItemFlag.ItemIsEditable


class GridModel(QAbstractTableModel):
    """Rows and columns of one grid.

    In item lines two columns are added at the right: the previous quarter and the same quarter last year of the row's sum.
    """

    def __init__(self, presenter: InterviewPresenter, block: Roster | Lines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.block = block
        self.rows: list[GridRow] = []
        self.only_ticked = False
        self._looks: dict[tuple[int, int], CellLook] = {}
        self._at: dict[Cell, tuple[int, int]] = {}
        self._sum_column = self._find_sum_column()
        self._labels: dict[int, str] = {}
        self._ticked: frozenset[str] = frozenset()
        self.read_rows()

    # Shape

    @property
    def is_lines(self) -> bool:
        """Item lines with previous figures beside."""
        return isinstance(self.block, Lines)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The form's own columns."""
        return self.block.columns

    @property
    def compares(self) -> int:
        """How many columns of earlier figures stand at the right."""
        if not self.is_lines or self._presenter.header.first_of_its_kind:
            return 0
        return len(COMPARES) if self._presenter.quarterly else 1

    def read_rows(self) -> None:
        """Reads the rows anew."""
        self.beginResetModel()
        self._looks.clear()
        self.rows = self._line_rows(self.block) if isinstance(self.block, Lines) else self._roster_rows(self.block)
        self._at = {
            cell: (r, c) for r, row in enumerate(self.rows) for c, cell in enumerate(row.cells) if cell is not None
        }
        self._ticked = self.ticked_codes
        self.endResetModel()

    def _line_rows(self, block: Lines) -> list[GridRow]:
        rows = []
        ticked = self.ticked_codes
        for line in block.lines:
            if self.only_ticked and line.code and line.code not in ticked:
                continue
            cells = tuple(Cell(line.cells[c.key]) if c.key in line.cells else None for c in block.columns)
            node = self._presenter.form.node(line.path)
            label = plain(self._presenter.interview.label(Cell(line.path)))
            number = node.number or line.code
            if not label and cells:
                first = next((cell for cell in cells if cell is not None), None)
                label = plain(self._presenter.interview.label(first)) if first is not None else line.path
            rows.append(GridRow(number, label.removeprefix(number).strip(), "", cells, line.code))
        return rows

    def _roster_rows(self, block: Roster) -> list[GridRow]:
        rows = []
        interview = self._presenter.interview
        for at, path in enumerate(self._presenter.roster_rows(block.repeat), 1):
            name = self._name(Cell(block.name_path, path)) if block.name_path else ""
            number = interview.value(Cell(block.number_path, path)) if block.number_path else ""
            cells = tuple(Cell(column.path, path) for column in block.columns)
            second = self._second_line(block.repeat, path)
            rows.append(
                GridRow(
                    number.zfill(2) if number.isdigit() else f"{at:02}",
                    name or (_("还没填") if block.name_path else _("第 {n} 行").format(n=at)),
                    second,
                    cells,
                    "",
                    Cell(block.repeat, path),
                )
            )
        return rows

    def _name(self, cell: Cell) -> str:
        """What a row is called: its name, or the words of what was chosen."""
        if self._presenter.facts(cell).kind not in CHOICES:
            return self._presenter.interview.value(cell)
        shown = self._presenter.look(cell, texts=False)
        code, _blank, label = shown.display.partition(" ")
        return label if label and is_code(code) else shown.display

    def _second_line(self, repeat: str, rows: tuple[str, ...]) -> str:
        """Under the name: ``fa:second`` of the roster names the questions, else relation, sex and age of a member."""
        node = self._presenter.form.node(repeat)
        if len(rows) > 1:
            return self._parent_words(repeat, rows)
        names = node.fa.get("second", "mem_relation mem_sex mem_age").split()
        words = []
        for name in names:
            path = self._presenter.form.path_of(name)
            if path is None or not path.startswith(repeat + "/"):
                continue
            cell = Cell(path, rows)
            value = self._presenter.interview.value(cell)
            if value:
                facts = self._presenter.facts(cell)
                words.append(
                    plain(self._presenter.interview.choice_label(cell, value)) if facts.kind in CHOICES else value
                )
        return " ".join(words)

    def _parent_words(self, repeat: str, rows: tuple[str, ...]) -> str:
        """To which row of the roster above a row belongs."""
        above = self._presenter.repeats_above(repeat)[-1]
        node = self._presenter.form.node(above)
        path = name_path(node) if isinstance(node, Repeat) else ""
        name = self._presenter.interview.value(Cell(path, rows[:-1])) if path else ""
        ids = self._presenter.roster_rows(above)
        return name or _("第 {n} 行").format(n=ids.index(rows[:-1]) + 1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns) + self.compares

    # Cells

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell at a place; None for a gap or a column of earlier figures."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.columns):
            return self.rows[row].cells[column]
        return None

    def place(self, cell: Cell) -> tuple[int, int] | None:
        """Row and column of a cell."""
        return self._at.get(cell)

    def facts(self, row: int, column: int) -> Facts | None:
        """What is asked in a cell."""
        cell = self.cell(row, column)
        return self._presenter.facts(cell) if cell is not None else None

    @property
    def ticked_codes(self) -> frozenset[str]:
        """Codes ticked now."""
        if isinstance(self.block, Lines) and self.block.tick:
            return frozenset(self._presenter.interview.value(Cell(self.block.tick)).split())
        return frozenset()

    def is_ticked(self, row: int) -> bool | None:
        """Whether a row is ticked; None where rows have no tick box."""
        code = self.rows[row].code
        return code in self.ticked_codes if code else None

    def takes_keys(self, row: int, column: int) -> bool:
        """Whether the cursor stops there: asked now, or in a row that typing would tick."""
        look = self.look(row, column)
        return look.state in ("asked", "blank")

    def look(self, row: int, column: int) -> CellLook:
        """How a cell looks now."""
        key = (row, column)
        if key not in self._looks:
            self._looks[key] = self._make_look(row, column)
        return self._looks[key]

    def _make_look(self, row: int, column: int) -> CellLook:
        if column >= len(self.columns):
            return self._compare_look(row, COMPARES[column - len(self.columns)])
        cell = self.cell(row, column)
        if cell is None:
            return HATCHED
        shown = self._presenter.look(cell, texts=False)
        if not shown.relevant and self.is_ticked(row) is not False:
            return HATCHED
        facts = shown.facts
        before = self._presenter.previous(cell)
        previous = (
            (before.prev_label or (shown_figure(before.prev) if before.prev else "")) if before.prev is not None else ""
        )
        if facts.kind in CHOICES and before.prev:
            previous = before.prev_label or before.prev
        check = self._presenter.ledger.flags.get(cell)
        state = "computed" if shown.readonly else ("asked" if shown.relevant else "blank")
        return CellLook(
            state=state,
            text=shown.display if shown.relevant else "",
            right=facts.figure and shown.status not in ("8", "9"),
            previous=previous,
            same=before.prev is not None and before.prev == shown.value and shown.value != "",
            confirm=shown.confirm,
            flag="hard" if shown.problem else check.kind if check is not None else "",
            flag_open=bool(shown.problem) or (check is not None and check.is_open),
            comment=bool(self._presenter.interview.comment(cell)),
            told=shown.status in ("8", "9"),
            shown=shown,
        )

    def _find_sum_column(self) -> int:
        """The column compared with earlier quarters: the last sum of the row, else the last one of money."""
        found = [at for at, c in enumerate(self.block.columns) if c.calculated and c.unit in ("元", "")]
        found = found or [at for at, c in enumerate(self.block.columns) if c.unit == "元"]
        return found[-1] if found else len(self.block.columns) - 1

    def _compare_look(self, row: int, which: str) -> CellLook:
        cells = self.rows[row].cells
        cell = cells[self._sum_column] if cells else None
        if cell is None:
            cell = next((other for other in reversed(cells) if other is not None), None)
        text = ""
        if cell is not None:
            before = self._presenter.previous(cell)
            value = before.prev if which == "prev" else before.yoy
            text = "—" if value is None else shown_figure(value)
        return CellLook("compare", text, True, "", False, False, "", False, False, False, None)

    # Qt

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        look = self.look(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return look.text
        if role == Qt.ItemDataRole.EditRole:
            shown = look.shown
            return shown.value if shown is not None and shown.status not in ("8", "9") and shown.relevant else ""
        if role == Qt.ItemDataRole.AccessibleTextRole:
            row = self.rows[index.row()]
            words = f"{row.name} {self.column_words(index.column())} {look.text or _('没填')}"
            return words + (f"，{self._presenter.last_time} {look.previous}" if look.previous else "")
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        look = self.look(index.row(), index.column())
        typed = look.shown is not None and look.shown.facts.typed and look.state in ("asked", "blank")
        return _EDITABLE if typed else _SHOWN

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.column_words(section)
        row = self.rows[section]
        return f"{row.number} {row.name}"

    def column_words(self, column: int) -> str:
        """Second line of a column's head."""
        if column >= len(self.columns):
            return (self._presenter.last_time, _("去年同季"))[column - len(self.columns)]
        if column not in self._labels:
            spec = self.columns[column]
            label = spec.short if readable(spec.short) else ""
            if not label:
                cell = next((row.cells[column] for row in self.rows if row.cells[column] is not None), Cell(spec.path))
                assert cell is not None
                label = plain(self._presenter.interview.label(cell)) if self.rows else ""
                label = (label or spec.path.rsplit("/", 1)[-1]).replace("\n", " ")
                if self.is_lines and ": " in label:
                    label = label.partition(": ")[2]
                if self.is_lines and not spec.key:
                    label = _("金额") if spec.unit == "元" else _("数")
            self._labels[column] = label
        return self._labels[column]

    def column_head(self, column: int) -> str:
        """First line of a column's head: the heading of a group of columns, or the printed number."""
        if column >= len(self.columns):
            return _("和以前比")
        spec = self.columns[column]
        head = spec.head if readable(spec.head) else ""
        return head if self.is_lines else head or spec.number

    def column_unit(self, column: int) -> str:
        """Unit under the head, where all rows have the same."""
        return self.columns[column].unit if column < len(self.columns) else ""

    # Changes

    def refresh(self, effects: Effects) -> None:
        """Forgets what an effect touched and repaints it."""
        roster = self.block.repeat if isinstance(self.block, Roster) else ""
        if roster and any(cell.path == roster or roster.startswith(cell.path + "/") for cell in effects.rows):
            self.read_rows()
            return
        ticked = isinstance(self.block, Lines) and any(cell.path == self.block.tick for cell in effects.changed)
        if ticked and self.only_ticked:
            self.read_rows()
            return
        self._forget(effects.changed)
        if ticked:
            self._refresh_ticks()
        if roster and isinstance(self.block, Roster):
            self._refresh_heads(effects)

    def _refresh_ticks(self) -> None:
        """Rows that were ticked or unticked look different as a whole."""
        before, self._ticked = self._ticked, self.ticked_codes
        for row in range(len(self.rows)):
            if self.rows[row].code and (self.rows[row].code in before) != (self.rows[row].code in self._ticked):
                for column in range(self.columnCount()):
                    self._looks.pop((row, column), None)
                self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))
                self.headerDataChanged.emit(Qt.Orientation.Vertical, row, row)

    def _refresh_heads(self, effects: Effects) -> None:
        assert isinstance(self.block, Roster)
        block = self.block
        touched = {cell.rows for cell in effects.changed if cell.path.startswith(block.repeat + "/")}
        if not touched:
            return
        fresh = self._roster_rows(block)
        for at, (old, new) in enumerate(zip(self.rows, fresh, strict=False)):
            if (old.name, old.number, old.second) != (new.name, new.number, new.second):
                self.rows[at] = new
                self.headerDataChanged.emit(Qt.Orientation.Vertical, at, at)

    def _forget(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            place = self._at.get(Cell(cell.path.removesuffix("@comment"), cell.rows))
            if place is not None:
                self._looks.pop(place, None)
                index = self.index(*place)
                self.dataChanged.emit(index, index)

    def refresh_checks(self) -> None:
        """The check list is new: cells with or without triangles."""
        for place, look in list(self._looks.items()):
            cell = self.cell(*place)
            if cell is None:
                continue
            check = self._presenter.ledger.flags.get(cell)
            now = (check.kind, check.is_open) if check is not None else ("", False)
            if now != (look.flag, look.flag_open):
                self._looks.pop(place)
                index = self.index(*place)
                self.dataChanged.emit(index, index)

    def show_only_ticked(self, only: bool) -> None:
        """Ctrl+E."""
        if only != self.only_ticked:
            self.only_ticked = only
            self.read_rows()

    # Sums

    def has_total(self, column: int) -> bool:
        """Whether a column is added up: where the form says so, and money in item lines except prices."""
        if column >= len(self.columns):
            return True
        spec = self.columns[column]
        price = spec.key.endswith("sp") or "单价" in spec.short
        return spec.total or (self.is_lines and spec.unit == "元" and not price)

    def total(self, column: int) -> tuple[str, str]:
        """Sum of a column and of the previous quarter's figures; empty where nothing stands."""
        if not self.has_total(column):
            return "", ""
        now, before, some, some_before = Decimal(0), Decimal(0), False, False
        for row in range(len(self.rows)):
            if column >= len(self.columns):
                figure = _number(self.look(row, column).text.replace(",", ""))
                if figure is not None:
                    before, some_before = before + figure, True
                continue
            cell = self.cell(row, column)
            if cell is None:
                continue
            if self.look(row, column).state in ("asked", "computed"):
                figure = _number(self._presenter.interview.value(cell))
                if figure is not None:
                    now, some = now + figure, True
            figure = _number(self._presenter.previous(cell).prev or "")
            if figure is not None:
                before, some_before = before + figure, True
        return (shown_figure(f"{now:f}") if some else ""), (shown_figure(f"{before:f}") if some_before else "")


def readable(text: str) -> bool:
    """Short heads are written in Chinese alone; in English the question's own words stand there."""
    return bool(text) and (language() == "zh" or text.isascii())


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None
