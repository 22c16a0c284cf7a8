"""The grid itself: cells drawn by a delegate, keys as in a spreadsheet, choices by digits or a list, blocks from WPS and Excel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QGuiApplication, QInputMethodEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from fieldapp.ui import theme
from fieldapp.ui.interview.choice_list import ChoiceList
from fieldapp.ui.interview.codes import Option, Typing, options_of
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.grid_heads import ColumnHeads, RowHeads
from fieldapp.ui.interview.grid_model import CellLook, GridModel
from fieldapp.ui.interview.layout import Lines
from fieldapp.ui.interview.presenter import InterviewPresenter
from fieldapp.ui.interview.questions import CHOICES, value_in_words
from fieldapp.ui.widgets.painting import LEFT, RIGHT, draw_corner, draw_hatch, text_width, write
from fieldapp.words import _
from forms.engine import Cell

__all__ = ["GridView"]

Index = QModelIndex | QPersistentModelIndex
LINE_ROW, ROSTER_ROW = 27, 42


class CellEdit(QLineEdit):
    """The editor inside a cell. ``whole`` says that arrows commit and move; after F2 they move the caret."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.whole = True
        self.composing = False
        self.setFrame(False)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)


class CellDelegate(QStyledItemDelegate):
    """Draws cells and opens editors."""

    def __init__(self, grid: GridView) -> None:
        super().__init__(grid)
        self._grid = grid

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        grid = self._grid
        model = grid.cells
        look = model.look(index.row(), index.column())
        rect: QRect = option.rect
        current = grid.currentIndex()
        active = grid.has_cursor and current.row() == index.row() and current.column() == index.column()
        chosen = grid.selectionModel().isSelected(index) and not active
        painter.save()
        if look.state == "hatched":
            draw_hatch(painter, rect)
            if active:
                self._frame(painter, rect)
            painter.restore()
            return
        self._ground(painter, rect, look, active, chosen, current.row() == index.row())
        if model.is_lines:
            self._line_cell(painter, rect, look, grid.typed_in(index))
        else:
            self._roster_cell(painter, rect, look, grid.typed_in(index))
        self._marks(painter, rect, look)
        if look.confirm and not active:
            painter.setPen(QPen(theme.current().colour("accent"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        if active:
            self._frame(painter, rect)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRect, look: CellLook, active: bool, chosen: bool, in_row: bool) -> None:
        style = theme.current()
        ground = "surface"
        if active:
            ground = "focus_fill"
        elif look.flag and look.flag_open:
            ground = f"{look.flag}_bg"
        elif chosen:
            ground = "selection"
        elif look.state == "computed":
            ground = "ro"
        elif look.state == "compare":
            ground = "alt"
        elif look.confirm:
            ground = "accent_bg"
        elif in_row and not self._grid.cells.is_lines:
            ground = "selection"
        painter.fillRect(rect, style.colour(ground))

    def _line_cell(self, painter: QPainter, rect: QRect, look: CellLook, typed: str) -> None:
        """Value at the right, the previous quarter in grey at the left."""
        style = theme.current()
        area = rect.adjusted(style.px(8), 0, -style.px(8), 0)
        if look.state == "compare":
            write(painter, area, look.text, font=style.font(13), colour=style.colour("text3"), align=RIGHT)
            return
        text = typed or look.text
        right = look.right or look.told
        font = style.font(15)
        write(painter, area, text, font=font, colour=style.colour("text"), align=RIGHT if right else LEFT)
        if look.previous and right and look.state != "computed":
            room = area.width() - text_width(font, text) - style.px(6)
            if text_width(style.font(12), look.previous) <= room:
                write(painter, area, look.previous, font=style.font(12), colour=style.colour("text3"))

    def _roster_cell(self, painter: QPainter, rect: QRect, look: CellLook, typed: str) -> None:
        """Value above, the previous quarter below in grey: 上季 同 when equal, amber when different."""
        style = theme.current()
        pad = style.px(8)
        upper = QRect(rect.x() + pad, rect.y() + style.px(3), rect.width() - 2 * pad, style.px(22))
        lower = QRect(rect.x() + pad, rect.y() + style.px(22), rect.width() - 2 * pad, style.px(18))
        align = RIGHT if look.right else LEFT
        if not look.previous:
            upper = rect.adjusted(pad, 0, -pad, 0)
        ink = style.colour("text2" if look.state == "computed" else "text")
        write(painter, upper, typed or look.text, font=style.font(15), colour=ink, align=align)
        if look.previous:
            words = _("上季 同") if look.same else _("上季 {value}").format(value=look.previous)
            differs = bool(look.text) and not look.same
            ink = style.colour("soft" if differs else "text3")
            write(painter, lower, words, font=style.font(12), colour=ink, align=align)

    def _marks(self, painter: QPainter, rect: QRect, look: CellLook) -> None:
        style = theme.current()
        if look.flag:
            draw_corner(painter, rect, style.colour(look.flag), size=9 if look.flag_open else 6)
        if look.comment:
            draw_corner(painter, rect, style.colour("accent"), left=True)
        painter.fillRect(QRect(rect.right(), rect.y(), 1, rect.height()), style.colour("line"))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), style.colour("line"))

    def _frame(self, painter: QPainter, rect: QRect) -> None:
        painter.setPen(QPen(theme.current().colour("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(1, 1, -1, -1))

    # Editing

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = CellEdit(parent)
        facts = self._grid.cells.facts(index.row(), index.column())
        if facts is not None:
            editor.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, facts.input_method)
            figures = facts.kind in ("integer", "decimal")
            editor.setAlignment(Qt.AlignmentFlag.AlignRight if figures else Qt.AlignmentFlag.AlignLeft)
        editor.setAccessibleName(self._grid.accessible_words(index))
        editor.textChanged.connect(lambda text: self._grid.typing.emit(text))
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, CellEdit):
            look = self._grid.cells.look(index.row(), index.column())
            value = str(index.data(Qt.ItemDataRole.EditRole) or "")
            editor.setText(value_in_words(look.shown.facts, value).replace(",", "") if look.shown else value)

    def setModelData(self, editor: QWidget, _model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, CellEdit):
            self._grid.commit(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(editor, CellEdit) and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if editor.composing:
                return False
            if self._grid.editor_key(editor, event):
                return True
            return event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape) or is_enter(event)
        return super().eventFilter(editor, event)


class GridView(QTableView):
    """One roster or one block of item lines."""

    entered_cell = Signal(object)  # Cell
    beyond = Signal(int)
    typing = Signal(str)
    refused = Signal(str)
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
        self._presenter, self.cells, self._popup = presenter, cells, popup
        self._typing: Typing | None = None
        self._listening = False
        self.down_first = False
        self.setModel(cells)
        self.setItemDelegate(CellDelegate(self))
        self._row_heads = RowHeads(cells, self)
        self.setVerticalHeader(self._row_heads)
        self.setHorizontalHeader(ColumnHeads(cells, self))
        self._row_heads.ticked.connect(self.toggle_tick)
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
        self._row_heads.setFixedWidth(self._row_heads.sizeHint().width())
        self._share_width()

    def _wish(self, column: int) -> int:
        style = theme.current()
        if column >= len(self.cells.columns):
            return style.px(84)
        head = max(
            text_width(style.font(13), self.cells.column_words(column)),
            text_width(style.font(13), self.cells.column_head(column)) if not self.cells.is_lines else 0,
        )
        facts = next(
            (f for r in range(min(3, len(self.cells.rows))) if (f := self.cells.facts(r, column)) is not None), None
        )
        least = style.px(84 if facts is not None and facts.kind in CHOICES else 92)
        if facts is not None and facts.input_method:
            least = style.px(120)
        if facts is not None and facts.kind in CHOICES and self.cells.rows:
            cell = next((row.cells[column] for row in self.cells.rows if row.cells[column] is not None), None)
            if cell is not None:
                options = options_of(self._presenter.interview.choices(cell)[:30])
                longest = max((text_width(style.font(15), f"{o.code} {o.label}") for o in options), default=0)
                least = max(least, min(longest + style.px(18), style.px(150)))
        return max(least, min(head + style.px(18), style.px(170)))

    def _share_width(self) -> None:
        count = self.cells.columnCount()
        if not count:
            return
        wishes = [self._wish(column) for column in range(count)]
        room = self.viewport().width() if self.viewport().width() > 100 else 0
        spare = room - sum(wishes)
        if spare > 0:
            own = len(self.cells.columns)
            share = spare // max(1, own)
            share = min(share, theme.current().px(90))
            for column in range(own):
                wishes[column] += share
            if not self.cells.is_lines and own and sum(wishes) < room and share < theme.current().px(90):
                wishes[own - 1] += room - sum(wishes)
        for column, width in enumerate(wishes):
            self.setColumnWidth(column, width)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._share_width()

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
        return self.hasFocus() or self._listening or isinstance(self._editor(), CellEdit)

    def _editor(self) -> QWidget | None:
        index = self.currentIndex()
        return self.indexWidget(index) if index.isValid() else None

    def typed_in(self, index: Index) -> str:
        """What has been typed for the choice cell in hand."""
        current = self.currentIndex()
        if self._typing is not None and (current.row(), current.column()) == (index.row(), index.column()):
            return self._typing.typed
        return ""

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
        self._end_typing()
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

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.cells.rows:
            self.focus_edge(1)
        self._set_input_method()
        self.viewport().update()
        cell = self.current_cell
        if cell is not None:
            self.entered_cell.emit(cell)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._end_typing()
        self.viewport().update()

    # Keys

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
            and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self._end_typing(take=True)
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
            self._open_list()
        elif alt:
            event.ignore()
        elif self._typing is not None and self._choice_key(event):
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
            self._begin_typing()
            self._feed(event.text())
        elif facts.kind == "trigger":
            self._presenter.answer(Cell(facts.path, self.current_cell.rows if self.current_cell else ()), "OK")
        elif not self._presenter.readonly:
            super().keyPressEvent(event)
            editor = self._editor()
            if isinstance(editor, CellEdit):
                editor.whole = True

    def open_editor(self, *, whole: bool) -> None:
        """F2: edits what stands there."""
        index = self.currentIndex()
        facts = self.cells.facts(index.row(), index.column()) if index.isValid() else None
        if facts is not None and facts.kind in CHOICES:
            self._open_list()
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

    # Choices

    def _options(self) -> tuple[Option, ...]:
        cell = self.current_cell
        return options_of(self._presenter.interview.choices(cell)) if cell is not None else ()

    def _begin_typing(self) -> None:
        if self._typing is None:
            self._typing = Typing(self._options())

    def _end_typing(self, *, take: bool = False) -> None:
        typing, self._typing = self._typing, None
        if typing is not None:
            option = typing.decide() if take else None
            if option is not None:
                self._put(option)
            self.viewport().update()
        popup = self._popup()
        if popup.owner is self:
            popup.close_list()

    def _chosen(self) -> tuple[str, ...]:
        cell = self.current_cell
        value = self._presenter.interview.value(cell) if cell is not None else ""
        facts = self._presenter.facts(cell) if cell is not None else None
        return tuple(value.split()) if facts is not None and facts.kind != "one" else (value,) if value else ()

    def _open_list(self) -> None:
        index = self.currentIndex()
        facts = self.cells.facts(index.row(), index.column()) if index.isValid() else None
        if facts is None or facts.kind not in CHOICES or not self.cells.takes_keys(index.row(), index.column()):
            return
        self._begin_typing()
        assert self._typing is not None
        self._connect_popup()
        area = self.visualRect(index).translated(self.viewport().pos())
        self._popup().open_at(self, area, self._typing, self._chosen, ticks=facts.kind != "one")

    def _connect_popup(self) -> None:
        if not self._listening_to_mouse:
            self._popup().picked.connect(self._picked)
            self._listening_to_mouse = True

    _listening_to_mouse = False

    def _picked(self, option: Option) -> None:
        if self._popup().owner is self:
            self._choose(option)

    def _feed(self, text: str) -> None:
        assert self._typing is not None
        option = self._typing.feed(text)
        if option is not None:
            self._choose(option)
            return
        popup = self._popup()
        if popup.owner is self:
            popup.refresh()
        elif self._typing.typed:
            self._open_list()
        self.update(self.currentIndex())

    def _choice_key(self, event: QKeyEvent) -> bool:
        """A key while a code or pinyin is being typed, or the list is open."""
        popup, typing = self._popup(), self._typing
        assert typing is not None
        is_open, key = popup.owner is self, event.key()
        if key == Qt.Key.Key_Escape:
            self._end_typing()
        elif is_open and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            popup.move_by(1 if key == Qt.Key.Key_Down else -1)
        elif is_open and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            popup.move_column(1 if key == Qt.Key.Key_Right else -1)
        elif key == Qt.Key.Key_Backspace:
            typing.back()
            popup.refresh()
            self.update(self.currentIndex())
        elif is_enter(event) or (key == Qt.Key.Key_Space and is_open):
            many = self._many()
            option = (
                popup.highlighted
                if is_open and (not many or typing.typed or key == Qt.Key.Key_Space)
                else typing.decide()
            )
            typing.clear()
            if option is not None:
                self._choose(option)
            elif is_enter(event):
                self._end_typing()
                self.advance(1)
        elif event.text() and event.text().isprintable() and key != Qt.Key.Key_Space:
            self._feed(event.text())
        else:
            self._end_typing(take=True)
            return False
        return True

    def _many(self) -> bool:
        cell = self.current_cell
        return cell is not None and self._presenter.facts(cell).kind != "one"

    def _put(self, option: Option) -> bool:
        cell = self.current_cell
        if cell is None:
            return False
        if not self._many():
            return self._answer(cell, option.value)
        chosen = list(self._chosen())
        if option.value in chosen:
            chosen.remove(option.value)
        else:
            chosen.append(option.value)
        order = [known.value for known in self._options()]
        if self._presenter.facts(cell).kind == "many":
            chosen.sort(key=lambda value: order.index(value) if value in order else len(order))
        return self._answer(cell, " ".join(chosen))

    def _choose(self, option: Option) -> None:
        many = self._many()
        taken = self._put(option)
        if many:
            popup = self._popup()
            if popup.owner is self:
                popup.refresh()
            return
        self._end_typing()
        if taken:
            self.advance(1)

    # Answers

    def _answer(self, cell: Cell, text: str) -> bool:
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
        return self._answer(cell, text)

    def _blocks(self) -> list[tuple[int, int]]:
        places = [(index.row(), index.column()) for index in self.selectedIndexes()]
        current = self.currentIndex()
        return sorted(places) if len(places) > 1 else [(current.row(), current.column())]

    def _clear(self) -> None:
        cells = [(cell, "") for place in self._blocks() if (cell := self.cells.cell(*place)) is not None]
        cells = [(cell, text) for cell, text in cells if self._presenter.relevant(cell)]
        if cells:
            self.pasted.emit(0, [sentence for _cell, sentence in self._presenter.answer_many(cells)])

    def _space(self) -> None:
        index = self.currentIndex()
        cell = self.current_cell
        if cell is not None and self.cells.look(index.row(), index.column()).confirm:
            if self._presenter.confirm(cell):
                self.advance(1)
        elif index.isValid() and self.cells.is_ticked(index.row()) is not None:
            self.toggle_tick(index.row())
        elif cell is not None and self._presenter.facts(cell).kind in CHOICES:
            self._open_list()

    def toggle_tick(self, row: int) -> None:
        """Ticks or unticks a row; the figures of an unticked row are kept on the laptop."""
        ticked = self.cells.is_ticked(row)
        if ticked is not None and isinstance(self.cells.block, Lines):
            self._presenter.tick(Cell(self.cells.block.tick), self.cells.rows[row].code, not ticked)

    def copy_block(self) -> None:
        """Ctrl+C: the block as tab-separated text, as WPS and Excel take it."""
        places = self._blocks()
        if not places or places[0][0] < 0:
            return
        lines: dict[int, list[str]] = {}
        for row, column in places:
            look = self.cells.look(row, column)
            text = look.shown.value if look.shown is not None and look.right and not look.told else look.text
            lines.setdefault(row, []).append(text)
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines.values()))

    def paste_block(self, text: str) -> None:
        """Ctrl+V: a block from the cursor on; bad cells are refused one by one, the rest goes in."""
        index = self.currentIndex()
        if not index.isValid() or not text:
            return
        answers: list[tuple[Cell, str]] = []
        refusals: list[str] = []
        for down, line in enumerate(text.replace("\r\n", "\n").rstrip("\n").split("\n")):
            for right, part in enumerate(line.split("\t")):
                row, column = index.row() + down, index.column() + right
                cell = self.cells.cell(row, column)
                if cell is None:
                    if part.strip():
                        refusals.append(_("“{text}”没有格子可放").format(text=part.strip()[:12]))
                elif part.strip():
                    answers.append((cell, self._pasted_value(cell, part.strip())))
        before = len(answers)
        refused = self._presenter.answer_many(answers, tick=self._tick_for) if answers else []
        for cell, sentence in refused:
            place = self.cells.place(cell)
            head = (
                f"{self.cells.rows[place[0]].name} {self.cells.column_words(place[1])}：" if place is not None else ""
            )
            refusals.append(head + sentence)
        self.pasted.emit(before - len(refused), refusals)

    def _tick_for(self, cell: Cell) -> tuple[Cell, str] | None:
        """What has to be ticked before a cell of item lines can be answered."""
        place = self.cells.place(cell)
        if place is None or not isinstance(self.cells.block, Lines) or self.cells.is_ticked(place[0]) is not False:
            return None
        return Cell(self.cells.block.tick), self.cells.rows[place[0]].code

    def _pasted_value(self, cell: Cell, text: str) -> str:
        """Choices may come as code, as label, or as ``04 陪读``."""
        facts = self._presenter.facts(cell)
        if facts.kind not in CHOICES:
            return text
        options = options_of(self._presenter.interview.choices(cell))
        known: dict[str, str] = {}
        for option in options:
            for name in (option.value, option.code, option.label, f"{option.code} {option.label}"):
                known.setdefault(name, option.value)
        if text in known:
            return known[text]
        if facts.kind == "one":
            return known.get(text.lstrip("0"), text)
        return " ".join(known.get(part, part) for part in text.replace("、", " ").replace("，", " ").split())

    def fill_down(self) -> None:
        """Ctrl+D: the first row of the block goes into the others; a single cell takes the one above."""
        places = self._blocks()
        rows = sorted({row for row, _column in places})
        if len(rows) == 1:
            rows = [rows[0] - 1, rows[0]]
        if rows[0] < 0:
            return
        answers = []
        for column in sorted({column for _row, column in places}):
            source = self.cells.cell(rows[0], column)
            value = self._presenter.interview.value(source) if source is not None else ""
            for row in rows[1:]:
                cell = self.cells.cell(row, column)
                if cell is not None and value and self.cells.takes_keys(row, column):
                    answers.append((cell, value))
        if answers:
            refused = self._presenter.answer_many(answers, tick=self._tick_for)
            self.pasted.emit(len(answers) - len(refused), [sentence for _cell, sentence in refused])
