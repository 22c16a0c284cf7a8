"""The grid itself: a table view whose keys are those of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QTableView, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview import grid_blocks
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.grid_choices import CellChoices
from fieldapp.ui.interview.grid_delegate import CellDelegate, CellEdit
from fieldapp.ui.interview.grid_heads import ColumnHeads, GridCorner, RowHeads
from fieldapp.ui.interview.grid_model import GridModel
from fieldapp.ui.interview.layout import Lines
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import CHOICES
from fieldapp.ui.widgets.painting import text_width
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["GridView"]

Index = QModelIndex | QPersistentModelIndex
LINE_ROW, ROSTER_ROW = 27, 42


class GridView(QTableView):
    """One roster or one block of item lines."""

    entered_cell = Signal(object)  # Cell
    beyond = Signal(int)
    typing = Signal(str)
    focus_changed = Signal(bool)
    add_wanted = Signal()
    remove_wanted = Signal()
    pasted = Signal(int, object)  # cells taken, list of sentences

    def __init__(
        self,
        presenter: InterviewPresenter,
        cells: GridModel,
        popup: Callable[[], ChoiceList],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._presenter, self.cells = presenter, cells
        self._choices = CellChoices(self, presenter, popup)
        self.down_first = False
        self._row_heads = RowHeads(cells, self)
        self.setModel(cells)
        self.setItemDelegate(CellDelegate(self))
        self.setVerticalHeader(self._row_heads)
        self.setHorizontalHeader(ColumnHeads(cells, self))
        self._row_heads.ticked.connect(self.toggle_tick)
        self._corner = GridCorner(cells, self)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AnyKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setAccessibleName(_("表格"))
        self.fit()
        cells.modelReset.connect(self.fit)

    # Sizes

    def fit(self) -> None:
        """Takes the sizes of the theme and shares out the width."""
        style = theme.current()
        self._row_heads.setDefaultSectionSize(style.px(LINE_ROW if self.cells.is_lines else ROSTER_ROW))
        self._share_width()

    def _wish(self, column: int) -> int:
        style, cells = theme.current(), self.cells
        if column >= len(cells.columns):
            return style.px(76)
        head = text_width(style.font(13), cells.column_words(column)) + style.px(18)
        if not cells.is_lines:
            head = max(head, text_width(style.font(13), cells.column_head(column)) + style.px(18))
        places = [(row, cells.facts(row, column)) for row in range(len(cells.rows))]
        row, facts = next(((row, facts) for row, facts in places if facts is not None), (0, None))
        least = style.px(84)
        if facts is not None and facts.input_method:
            least = style.px(90 if cells.is_lines else 120)
        elif facts is not None and facts.kind in CHOICES and (cell := cells.cell(row, column)) is not None:
            options = self._presenter.options(cell)[:30]
            longest = max((text_width(style.font(15), f"{o.code} {o.label}") for o in options), default=0)
            least = max(least, min(longest + style.px(18), style.px(150)))
        return max(least, min(head, style.px(170)))

    def _share_width(self) -> None:
        count, own = self.cells.columnCount(), len(self.cells.columns)
        if not count:
            return
        style = theme.current()
        wishes = [self._wish(column) for column in range(count)]
        heads = self._row_heads.sizeHint().width()
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 2
        if self.cells.is_lines:
            heads = max(min(heads, room - sum(wishes)), min(heads, style.px(240)))
        self._row_heads.setFixedWidth(heads)
        spare = room - heads - sum(wishes)
        if spare > 0:
            share = min(spare // max(1, own), style.px(120))
            for column in range(own):
                wishes[column] += share
            wishes[own - 1] += max(0, room - heads - sum(wishes)) if share < style.px(120) or self.cells.is_lines else 0
        for column, width in enumerate(wishes):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()
        self._corner.setGeometry(0, 0, self._row_heads.width(), self.horizontalHeader().height())
        self._corner.raise_()

    def content_height(self) -> int:
        """Height that shows every row."""
        heads = self.horizontalHeader().sizeHint().height()
        bar = self.horizontalScrollBar().sizeHint().height() if self.horizontalScrollBar().maximum() else 0
        return heads + len(self.cells.rows) * self._row_heads.defaultSectionSize() + bar + 2

    def sizeHint(self) -> QSize:
        return QSize(400, self.content_height())

    # The cursor

    @property
    def has_cursor(self) -> bool:
        """Whether keys go to this grid."""
        return self.hasFocus() or isinstance(self._editor(), CellEdit)

    @property
    def last_time(self) -> str:
        """What the interview before is called."""
        return self._presenter.last_time

    @property
    def has_block(self) -> bool:
        """Whether more than the cell under the cursor is selected."""
        return self._block

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self._block = len(self.selectionModel().selectedIndexes()) > 1

    _block = False

    def _editor(self) -> QWidget | None:
        index = self.currentIndex()
        return self.indexWidget(index) if index.isValid() else None

    def typed_in(self, index: Index) -> str:
        """What has been typed for the choice cell in hand."""
        current = self.currentIndex()
        here = (current.row(), current.column()) == (index.row(), index.column())
        return self._choices.typed if here else ""

    @property
    def current_cell(self) -> Cell | None:
        """The cell under the cursor."""
        index = self.currentIndex()
        return self.cells.cell(index.row(), index.column()) if index.isValid() else None

    def accessible_words(self, index: Index) -> str:
        """Row, column and value for screen readers."""
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "")

    def focus_cell(self, cell: Cell) -> bool:
        """Puts the cursor on a cell; False if it is not here."""
        place = self.cells.place(cell)
        if place is None:
            return False
        self.setFocus(Qt.FocusReason.TabFocusReason)
        self.setCurrentIndex(self.cells.index(*place))
        return True

    def focus_edge(self, step: int) -> bool:
        """Puts the cursor on the first or last cell that takes keys."""
        places = [(r, c) for r in range(len(self.cells.rows)) for c in range(len(self.cells.columns))]
        for place in places if step > 0 else reversed(places):
            if self.cells.takes_keys(*place):
                self.setFocus(Qt.FocusReason.TabFocusReason)
                self.setCurrentIndex(self.cells.index(*place))
                return True
        if not self.cells.rows:
            self.setFocus(Qt.FocusReason.TabFocusReason)
            return True
        return False

    def step(self, rows: int, columns: int, *, wrap: bool = False) -> bool:
        """Moves by cells that take keys; with ``wrap`` on to the next row or column. False at the edge."""
        index = self.currentIndex()
        if not index.isValid():
            return self.focus_edge(1)
        count, width = len(self.cells.rows), len(self.cells.columns)
        row, column = index.row(), min(index.column(), width - 1)
        for _try in range(count * width + 1):
            row, column = row + rows, column + columns
            if wrap and columns and not 0 <= column < width:
                column = 0 if columns > 0 else width - 1
                row += columns
            if wrap and rows and not 0 <= row < count:
                row = 0 if rows > 0 else count - 1
                column += rows
            if not (0 <= row < count and 0 <= column < width):
                return False
            if self.cells.takes_keys(row, column):
                self.setCurrentIndex(self.cells.index(row, column))
                return True
        return False

    def advance(self, step: int) -> None:
        """Enter: to the right and on to the next row, or down (Alt+H)."""
        if not self.cells.rows:
            self.beyond.emit(step)
            return
        moved = self.step(step, 0, wrap=True) if self.down_first else self.step(0, step, wrap=True)
        if not moved:
            self.beyond.emit(step)

    def _tab(self, step: int) -> None:
        if not self.cells.rows or not self.step(0, step, wrap=True):
            self.beyond.emit(step)

    def currentChanged(self, current: Index, previous: Index) -> None:
        self._choices.end()
        super().currentChanged(current, previous)
        self._set_input_method()
        self._row_heads.viewport().update()
        if not self.cells.is_lines:
            for row in {current.row(), previous.row()}:
                for column in range(self.cells.columnCount()):
                    self.update(self.cells.index(row, column))
        cell = self.current_cell
        if cell is not None and self.has_cursor:
            self.entered_cell.emit(cell)

    def _set_input_method(self) -> None:
        """On for text cells, off for figures, dates and choices; nobody presses Shift for it."""
        index = self.currentIndex()
        facts = self.cells.facts(index.row(), index.column()) if index.isValid() else None
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, facts is not None and facts.input_method)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """A commit without a composition before it (a Chinese comma, handwriting) would be lost on the way into a new editor."""
        index = self.currentIndex()
        direct = bool(event.commitString()) and not event.preeditString() and self._editor() is None
        if direct and index.isValid() and self.cells.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            editor = self._editor()
            if isinstance(editor, CellEdit):
                editor.selectAll()
                editor.insert(event.commitString())
                return
        super().inputMethodEvent(event)

    def focusInEvent(self, _event: QFocusEvent) -> None:
        # The base class would repaint every cell; only the one under the cursor looks different.
        if not self.currentIndex().isValid() and self.cells.rows:
            self.focus_edge(1)
        self._set_input_method()
        self.update(self.currentIndex())
        self.focus_changed.emit(True)
        cell = self.current_cell
        if cell is not None:
            self.entered_cell.emit(cell)

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self._choices.end()
        self.update(self.currentIndex())
        if not isinstance(self._editor(), CellEdit):
            self.focus_changed.emit(False)

    # Keys

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._choices.end(take=True)
            self._tab(-1 if event.key() == Qt.Key.Key_Backtab else 1)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        alt = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if control:
            self._control_key(event)
        elif (alt and key == Qt.Key.Key_Down) or key == Qt.Key.Key_F4:
            self._choices.open_list()
        elif alt:
            event.ignore()
        elif self._choices.active and self._choices.key(event):
            return
        elif is_enter(event):
            self.advance(-1 if shift else 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and not shift:
            step = 1 if key == Qt.Key.Key_Down else -1
            if not self.cells.rows or not self.step(step, 0):
                self.beyond.emit(step)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not shift:
            self.step(0, 1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_F2 and not shift:
            self.open_editor(whole=False)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._clear()
        elif key == Qt.Key.Key_Space:
            self._space()
        elif key in (
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_PageUp,
            Qt.Key.Key_PageDown,
        ):
            super().keyPressEvent(event)
        elif event.text() and event.text().isprintable():
            self._character(event)
        else:
            event.ignore()

    def _control_key(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_C:
            self.copy_block()
        elif key == Qt.Key.Key_V:
            self.paste_block(QGuiApplication.clipboard().text())
        elif key == Qt.Key.Key_X:
            self.copy_block()
            self._clear()
        elif key == Qt.Key.Key_D:
            self.fill_down()
        elif key == Qt.Key.Key_U:
            self.open_editor(whole=False)
        elif key == Qt.Key.Key_I:
            self.add_wanted.emit()
        elif key == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        elif key == Qt.Key.Key_A:
            self.selectAll()
        elif key in (
            Qt.Key.Key_Home,
            Qt.Key.Key_End,
            Qt.Key.Key_Up,
            Qt.Key.Key_Down,
            Qt.Key.Key_Left,
            Qt.Key.Key_Right,
        ):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _character(self, event: QKeyEvent) -> None:
        index = self.currentIndex()
        facts = self.cells.facts(index.row(), index.column()) if index.isValid() else None
        if facts is None or not self.cells.takes_keys(index.row(), index.column()):
            return
        if facts.kind in CHOICES:
            self._choices.type_first(event.text())
        elif facts.kind == "trigger":
            self._presenter.answer(Cell(facts.path, self.current_cell.rows if self.current_cell else ()), "OK")
        elif not self._presenter.readonly:
            QTableView.keyPressEvent(self, event)
            editor = self._editor()
            if isinstance(editor, CellEdit):
                editor.whole = True

    def open_editor(self, *, whole: bool) -> None:
        """F2: edits what stands there."""
        index = self.currentIndex()
        facts = self.cells.facts(index.row(), index.column()) if index.isValid() else None
        if facts is not None and facts.kind in CHOICES:
            self._choices.open_list()
        elif index.isValid() and self.cells.flags(index) & Qt.ItemFlag.ItemIsEditable and not self._presenter.readonly:
            self.edit(index)
            editor = self._editor()
            if isinstance(editor, CellEdit):
                editor.whole = whole
                editor.deselect()
                editor.end(False)

    def editor_key(self, editor: CellEdit, event: QKeyEvent) -> bool:
        """A key in an open editor; True if it was one that ends or moves."""
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))
        if key == Qt.Key.Key_Escape:
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
            self.typing.emit("")
            self.setFocus()
            return True
        moves: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Tab: lambda: self._tab(1),
            Qt.Key.Key_Backtab: lambda: self._tab(-1),
        }
        if is_enter(event):
            moves[key] = lambda: self.advance(-1 if shift else 1)
        if editor.whole and not control and not shift:
            moves[Qt.Key.Key_Up] = lambda: self.step(-1, 0)
            moves[Qt.Key.Key_Down] = lambda: self.step(1, 0)
            moves[Qt.Key.Key_Left] = lambda: self.step(0, -1)
            moves[Qt.Key.Key_Right] = lambda: self.step(0, 1)
        if key not in moves or control:
            return False
        if self.commit(self.currentIndex(), editor.text()):
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)
            self.setFocus()
            moves[key]()
        else:
            theme.restyle(editor, state="hard")
        return True

    # Answers

    def answer(self, cell: Cell, text: str) -> bool:
        """Puts an answer, ticking the row of item lines first if need be."""
        place = self.cells.place(cell)
        if place is not None and self.cells.is_ticked(place[0]) is False and isinstance(self.cells.block, Lines):
            return self._presenter.answer_line(Cell(self.cells.block.tick), self.cells.rows[place[0]].code, cell, text)
        return self._presenter.answer(cell, text)

    def commit(self, index: Index, text: str) -> bool:
        """What was typed into a cell; False when it was refused."""
        cell = self.cells.cell(index.row(), index.column())
        if cell is None:
            return True
        before = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if text == before or (not text and self.cells.is_ticked(index.row()) is False):
            return True
        return self.answer(cell, text)

    def _blocks(self) -> list[tuple[int, int]]:
        places = [(index.row(), index.column()) for index in self.selectedIndexes()]
        current = self.currentIndex()
        return sorted(places) if len(places) > 1 else [(current.row(), current.column())]

    def _clear(self) -> None:
        self.pasted.emit(0, grid_blocks.clear_cells(self._presenter, self.cells, self._blocks()))

    def copy_block(self) -> None:
        """Ctrl+C."""
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(grid_blocks.block_text(self.cells, self._blocks()))

    def paste_block(self, text: str) -> None:
        """Ctrl+V: a block from the cursor on."""
        index = self.currentIndex()
        if index.isValid() and text:
            self.pasted.emit(*grid_blocks.paste_text(self._presenter, self.cells, (index.row(), index.column()), text))

    def fill_down(self) -> None:
        """Ctrl+D."""
        if self.currentIndex().isValid():
            self.pasted.emit(*grid_blocks.fill_down(self._presenter, self.cells, self._blocks()))

    def _space(self) -> None:
        index = self.currentIndex()
        cell = self.current_cell
        if cell is not None and self.cells.look(index.row(), index.column()).confirm:
            if self._presenter.confirm(cell):
                self.advance(1)
        elif index.isValid() and self.cells.is_ticked(index.row()) is not None:
            self.toggle_tick(index.row())
        elif cell is not None and self._presenter.facts(cell).kind in CHOICES:
            self._choices.open_list()

    def toggle_tick(self, row: int) -> None:
        """Ticks or unticks a row; the figures of an unticked row are kept on the laptop."""
        ticked = self.cells.is_ticked(row)
        if ticked is not None and isinstance(self.cells.block, Lines):
            self._presenter.tick(Cell(self.cells.block.tick), self.cells.rows[row].code, not ticked)
