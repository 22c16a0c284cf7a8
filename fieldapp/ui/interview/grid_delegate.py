"""How cells of a grid are drawn and edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.interview.grid_model import CellLook
from fieldapp.ui.interview.questions import value_in_words
from fieldapp.ui.widgets.painting import LEFT, RIGHT, draw_corner, draw_hatch, text_width, write
from fieldapp.words import _

if TYPE_CHECKING:
    from fieldapp.ui.interview.grid import GridView

__all__ = ["CellDelegate", "CellEdit"]

Index = QModelIndex | QPersistentModelIndex


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
        chosen = not active and grid.has_block and grid.selectionModel().isSelected(index)
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
            words = f"{self._grid.last_time} " + (_("同") if look.same else look.previous)
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
            plain = look.shown is None or look.shown.facts.figure  # figures are edited without commas
            editor.setText(value if plain or look.shown is None else value_in_words(look.shown.facts, value))

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
