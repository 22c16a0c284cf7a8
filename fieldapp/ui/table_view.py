"""The view and the painter of all lists: hairlines, one pale blue row, words beside every colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from fieldapp.ui import theme
from fieldapp.ui.tables import EDGE_ROLE, HEADING_ROLE, SHOWN_ROLE, RowsModel, Shown
from fieldapp.ui.widgets.painting import LEFT, RIGHT, badge_size, draw_badge, draw_tick, draw_tick_box, write

T = TypeVar("T")
AnyIndex = QModelIndex | QPersistentModelIndex

_TONES = {
    "": "text",
    "plain": "text2",
    "quiet": "text3",
    "accent": "accent",
    "ok": "ok",
    "soft": "soft",
    "hard": "hard",
    "conflict": "clash",
}
_BADGES = {"conflict": "clash", "quiet": "plain", "": "plain"}


def tone_token(tone: str) -> str:
    """The colour token of a tone of :class:`~fieldapp.ui.tables.Shown`."""
    return _TONES.get(tone, "text")


def draw_ticks(painter: QPainter, left: int, middle: int, reached: int) -> int:
    """The three ticks of the hand-over from ``left``; returns the x behind them."""
    look = theme.current()
    side, step = look.px(13), look.px(17)
    for at in range(3):
        area = QRect(left + at * step, middle - side // 2, side, side)
        if at < reached:
            draw_tick(painter, area, look.colour("ok"))
        else:
            painter.setPen(QPen(look.colour("line2"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(area.adjusted(side // 4, side // 4, -side // 4, -side // 4))
    return left + 3 * step + look.px(4)


class RowDelegate(QStyledItemDelegate):
    """Paints a :class:`~fieldapp.ui.tables.Shown`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        look = theme.current()
        rect: QRect = option.rect
        heading = index.data(HEADING_ROLE)
        painter.save()
        if heading is not None:
            painter.fillRect(rect, look.colour("head"))
            painter.setFont(look.font(13, bold=True))
            painter.setPen(look.colour("text2"))
            painter.drawText(rect.adjusted(look.px(8), 0, -look.px(8), 0), LEFT, str(heading))
            painter.restore()
            return
        view = option.widget
        chosen = isinstance(view, RowTable) and view.shows_cursor() and view.currentIndex().row() == index.row()
        painter.fillRect(rect, look.colour("selection" if chosen else "surface"))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        edge = index.data(EDGE_ROLE)
        if index.column() == 0:
            if chosen and isinstance(view, RowTable) and view.hasFocus():
                painter.fillRect(QRect(rect.left(), rect.top(), look.px(4), rect.height()), look.colour("focus"))
            elif edge:
                painter.fillRect(
                    QRect(rect.left(), rect.top(), look.px(4), rect.height()), look.colour(tone_token(edge))
                )
        shown = index.data(SHOWN_ROLE)
        if isinstance(shown, Shown):
            right = bool(index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight)
            self._paint_shown(painter, rect, shown, right)
        painter.restore()

    def _paint_shown(self, painter: QPainter, rect: QRect, shown: Shown, right: bool) -> None:
        look = theme.current()
        left, end = rect.left() + look.px(8), rect.right() - look.px(8)
        font = look.font(14, bold=shown.bold)
        line = QFontMetrics(font).height()
        small = QFontMetrics(look.font(12)).height()
        below = small * (bool(shown.second) + bool(shown.third))
        middle = rect.center().y() - below // 2 + (look.px(1) if below else 0)
        if shown.box is not None:
            side = look.px(17)
            draw_tick_box(painter, QRect(left, rect.center().y() - side // 2, side, side), ticked=shown.box)
            left += side + look.px(8)
        if shown.ticks is not None:
            left = draw_ticks(painter, left, middle, shown.ticks)
        if shown.bar is not None:
            left = self._paint_bar(painter, left, middle, shown.bar)
        marks_width = sum(badge_size(mark.words).width() + look.px(4) for mark in shown.marks)
        painter.setFont(font)
        painter.setPen(look.colour(tone_token(shown.tone)))
        box = QRect(left, middle - line // 2, max(0, end - left - marks_width), line)
        words = painter.fontMetrics().elidedText(shown.text, Qt.TextElideMode.ElideRight, box.width())
        for start, length in shown.lit:
            at = box.left() + painter.fontMetrics().horizontalAdvance(shown.text[:start])
            width = painter.fontMetrics().horizontalAdvance(shown.text[start : start + length])
            painter.fillRect(QRect(at, box.top(), width, box.height()), look.colour("focus_fill"))
        painter.drawText(box, RIGHT if right else LEFT, words)
        x = box.left() + painter.fontMetrics().horizontalAdvance(words) + (look.px(6) if words else 0)
        for mark in shown.marks:
            x = draw_badge(
                painter, x, middle, _BADGES.get(mark.tone, mark.tone), mark.words, solid=mark.solid
            ) + look.px(4)
        top = middle + line // 2
        for words, tone in ((shown.second, "plain"), (shown.third, shown.third_tone)):
            if words:
                area = QRect(left, top, end - left, small)
                ink = look.colour(tone_token(tone))
                write(painter, area, words, font=look.font(12), colour=ink, align=RIGHT if right else LEFT)
                top += small

    @staticmethod
    def _paint_bar(painter: QPainter, left: int, middle: int, share: float) -> int:
        look = theme.current()
        box = QRect(left, middle - look.px(4), look.px(60), look.px(8))
        painter.fillRect(
            QRect(box.left(), box.top(), round(box.width() * min(1.0, share)), box.height()), look.colour("accent")
        )
        painter.setPen(QPen(look.colour("line2"), 1))
        painter.drawRect(box)
        return box.right() + look.px(8)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(super().sizeHint(option, index).width(), theme.current().px(34))


class RowTable(QTableView, Generic[T]):
    """A list moved through by whole rows; typing, Enter and Space are reported, never answered here.

    Signals:
        moved: the cursor stands on another row, or on none.
        opened: Enter or a double click on the row.
        toggled: Space on the row.
        typed: a printable key, for lists that search as one types.
        entered: the table got the focus.
    """

    moved = Signal()
    opened = Signal()
    toggled = Signal()
    typed = Signal(str)
    entered = Signal()

    def __init__(
        self,
        model: RowsModel[T],
        name: str,
        accessible: str,
        *,
        row_height: int = 34,
        head: bool = True,
        cursor_with_focus: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows_model = model
        self._row_height = row_height
        self._cursor_with_focus = cursor_with_focus
        self.setProperty("kind", "rows")
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setModel(model)
        self.setItemDelegate(RowDelegate(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(theme.current().px(row_height))
        header = self.horizontalHeader()
        header.setVisible(head)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(1)
        header.setFixedHeight(theme.current().px(28))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumWidth(theme.current().px(60))
        model.modelReset.connect(self._span_headings)
        model.modelReset.connect(self._lay_columns)
        self.doubleClicked.connect(lambda _index: self.opened.emit())

    @property
    def row_height(self) -> int:
        """Height of a row in px at 100 %."""
        return self._row_height

    def shows_cursor(self) -> bool:
        """Whether the current row is pale blue now; lists beside the main one only with the focus."""
        return self.hasFocus() or not self._cursor_with_focus

    def rows_model(self) -> RowsModel[T]:
        return self._rows_model

    def current_row(self) -> T | None:
        """The row under the cursor."""
        return self._rows_model.row_at(self.currentIndex())

    def show_rows(self, rows: Sequence[T], same: Callable[[T], object] | None = None) -> None:
        """Shows rows; with ``same`` the cursor stays on the row with the same key, else it goes to the first."""
        before = self.current_row()
        key = same(before) if same is not None and before is not None else None
        self._rows_model.show(rows)
        at = next((i for i, row in enumerate(rows) if same is not None and key is not None and same(row) == key), None)
        self.go_to(at if at is not None else 0)

    def go_to(self, row: int, step: int = 1) -> None:
        """Puts the cursor on a row, or on the next one that is no group head."""
        model = self._rows_model
        while 0 <= row < model.rowCount() and model.is_heading(row):
            row += step
        if 0 <= row < model.rowCount():
            index = model.index(row, 0)
            self.selectionModel().setCurrentIndex(
                index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            )
            self.scrollTo(index)
        else:
            self.moved.emit()

    def go_to_where(self, matches: Callable[[T], bool]) -> bool:
        """Puts the cursor on the first row that matches."""
        for number, row in enumerate(self._rows_model.rows):
            if matches(row):
                self.go_to(number)
                return True
        return False

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        row = self.currentIndex().row()
        if plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif plain and key == Qt.Key.Key_Space:
            self.toggled.emit()
        elif plain and key == Qt.Key.Key_Down:
            self.go_to(row + 1, 1) if row + 1 < self._rows_model.rowCount() else None
        elif plain and key == Qt.Key.Key_Up:
            first = next((i for i in range(self._rows_model.rowCount()) if not self._rows_model.is_heading(i)), 0)
            self.go_to(row - 1, -1) if row > first else None
        elif plain and key == Qt.Key.Key_Home:
            self.go_to(0)
        elif plain and key == Qt.Key.Key_End:
            self.go_to(self._rows_model.rowCount() - 1, -1)
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        elif event.text() and event.text().isprintable() and not event.modifiers() & _COMMANDS:
            self.typed.emit(event.text())
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            super().keyPressEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.go_to(0)
        self.viewport().update()
        self.entered.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_columns()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FontChange:
            self.verticalHeader().setDefaultSectionSize(theme.current().px(self._row_height))
        return super().event(event)

    def sizeHint(self) -> QSize:
        look = theme.current()
        head = look.px(28) if not self.horizontalHeader().isHidden() else 0
        return QSize(look.px(240), head + look.px(self._row_height) * max(1, self._rows_model.rowCount()))

    def _lay_columns(self) -> None:
        look = theme.current()
        columns = self._rows_model.columns
        fixed = sum(look.px(column.width) for column in columns if column.width)
        loose = [number for number, column in enumerate(columns) if not column.width]
        share = max(look.px(40), (self.viewport().width() - fixed) // max(1, len(loose))) if loose else 0
        for number, column in enumerate(columns):
            self.setColumnWidth(number, look.px(column.width) if column.width else share)

    def _span_headings(self) -> None:
        self.clearSpans()
        for row in range(self._rows_model.rowCount()):
            if self._rows_model.is_heading(row):
                self.setSpan(row, 0, 1, len(self._rows_model.columns))


_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
