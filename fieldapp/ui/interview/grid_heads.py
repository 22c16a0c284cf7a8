"""Heads and sums around a grid: column heads in two lines, frozen row heads with tick boxes, the frozen last row of sums."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.grid_model import GridModel
from fieldapp.ui.interview.layout import Roster
from fieldapp.ui.widgets.painting import LEFT, RIGHT, draw_tick_box, text_width, write
from fieldapp.words import _

__all__ = ["ColumnHeads", "GridCorner", "RowHeads", "TotalsRow"]


class ColumnHeads(QHeaderView):
    """Two lines: the heading of a group of columns or the printed number, and the short name with its unit."""

    def __init__(self, grid: GridModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._grid = grid
        self.setSectionsClickable(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(30)

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(48))

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        style, grid = theme.current(), self._grid
        painter.save()
        painter.setClipRect(rect)
        painter.fillRect(rect, style.colour("head"))
        half = rect.height() // 2
        upper, lower = rect.adjusted(0, 0, 0, -half), rect.adjusted(0, half, 0, 0)
        pad = style.px(8)
        head = grid.column_head(section)
        after = grid.column_head(section + 1) if section + 1 < grid.columnCount() else ""
        grouped = bool(head) and grid.is_lines
        if head:
            span, first, last = QRect(upper), section, section
            while grouped and first > 0 and grid.column_head(first - 1) == head:
                first -= 1
                span.setLeft(span.left() - self.sectionSize(first))
            while grouped and last + 1 < grid.columnCount() and grid.column_head(last + 1) == head:
                last += 1
                span.setRight(span.right() + self.sectionSize(last))
            align = Qt.AlignmentFlag.AlignCenter if last > first else LEFT
            area = span.adjusted(pad, 0, -pad, 0)  # Every section draws its part of the words over all of them.
            write(painter, area, head, font=style.font(13), colour=style.colour("text2"), align=align)
        words, unit = grid.column_words(section), grid.column_unit(section)
        if section >= len(grid.columns) or self._figures(section):
            text = (
                f"{words}　{unit}"
                if unit and unit != words and text_width(style.font(13), f"{words}　{unit}") < lower.width() - 2 * pad
                else words
            )
            write(
                painter,
                lower.adjusted(pad, 0, -pad, 0),
                text,
                font=style.font(13),
                colour=style.colour("text2"),
                align=RIGHT,
            )
        else:
            write(painter, lower.adjusted(pad, 0, -pad, 0), words, font=style.font(13), colour=style.colour("text2"))
        edge = rect.top() + half if grouped and head == after else rect.top()
        painter.fillRect(QRect(rect.right(), edge, 1, rect.bottom() - edge), style.colour("line"))
        painter.fillRect(QRect(rect.left(), upper.bottom(), rect.width(), 1), style.colour("line"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), style.colour("line"))
        painter.restore()

    def _figures(self, section: int) -> bool:
        facts = self._grid.facts(0, section) if self._grid.rows else None
        if facts is None:
            facts = next(
                (f for r in range(len(self._grid.rows)) if (f := self._grid.facts(r, section)) is not None), None
            )
        return facts is not None and facts.figure


class RowHeads(QHeaderView):
    """Number and name of each row, frozen at the left; a tick box where rows are ticked."""

    ticked = Signal(int)

    def __init__(self, grid: GridModel, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._grid = grid
        self._view = parent
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(20)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        style = theme.current()
        if not self._grid.is_lines:
            return QSize(style.px(158), 100)
        font = style.font(15)
        names = max((text_width(style.font(15, True), row.name) for row in self._grid.rows), default=0)
        numbers = max((text_width(font, row.number) for row in self._grid.rows), default=0)
        wish = names + max(text_width(font, "F000"), numbers) + style.px(50)
        return QSize(min(max(wish, style.px(180)), style.px(400)), 100)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section >= len(self._grid.rows):
            return
        style, row = theme.current(), self._grid.rows[section]
        painter.save()
        here = self._view.currentIndex().row() == section
        painter.fillRect(rect, style.colour("selection" if here and not self._grid.is_lines else "surface"))
        ticked = self._grid.is_ticked(section)
        x = rect.x() + style.px(8)
        ink = style.colour("text3" if ticked is False else "text")
        if self._grid.is_lines:
            if ticked is not None:
                side = style.px(18)
                draw_tick_box(painter, QRect(x, rect.center().y() - side // 2, side, side), ticked=ticked)
                x += style.px(22)
            number = max(text_width(style.font(15), "F000"), text_width(style.font(15), row.number)) + style.px(12)
            if row.number:
                write(painter, QRect(x, rect.y(), number, rect.height()), row.number, font=style.font(15), colour=ink)
                x += number
            area = QRect(x, rect.y(), rect.right() - x - style.px(4), rect.height())
            write(painter, area, row.name, font=style.font(15, here), colour=ink)
        else:
            number = style.px(34)
            area = QRect(rect.x(), rect.y(), number, rect.height())
            centre = Qt.AlignmentFlag.AlignCenter
            write(painter, area, row.number, font=style.font(13), colour=style.colour("text3"), align=centre)
            painter.fillRect(QRect(rect.x() + number, rect.y(), 1, rect.height()), style.colour("line"))
            x = rect.x() + number + style.px(8)
            width = rect.right() - x - style.px(4)
            upper = QRect(x, rect.y() + style.px(4), width, style.px(21))
            if not row.second:
                upper = QRect(x, rect.y(), width, rect.height())
            write(painter, upper, row.name, font=style.font(15, here), colour=style.colour("text"))
            lower = QRect(x, rect.y() + style.px(23), width, style.px(17))
            write(painter, lower, row.second, font=style.font(12), colour=style.colour("text3"))
        painter.fillRect(QRect(rect.right() - 1, rect.y(), 2, rect.height()), style.colour("line2"))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), style.colour("line"))
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.logicalIndexAt(event.position().toPoint())
        if row >= 0:
            self._view.setFocus(Qt.FocusReason.MouseFocusReason)
            if self._grid.is_ticked(row) is not None and event.position().x() < theme.current().px(30):
                self.ticked.emit(row)
            else:
                column = max(0, self._view.currentIndex().column())
                self._view.setCurrentIndex(self._grid.index(row, column))

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, old: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, old)
        self.viewport().update()


class GridCorner(QWidget):
    """Over the row heads: what stands there."""

    def __init__(self, grid: GridModel, parent: QTableView) -> None:
        super().__init__(parent)
        self._grid = grid
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("head"))
        half = self.height() // 2
        lower = QRect(style.px(8), half, self.width() - style.px(12), half)
        ink = style.colour("text2")
        if self._grid.is_lines:
            ticked = any(row.code for row in self._grid.rows)
            words = _("项目　空格＝勾选") if ticked else _("项目")
            write(painter, lower, words, font=style.font(13), colour=ink)
        else:
            upper = QRect(0, 0, style.px(34), half)
            write(painter, upper, _("号"), font=style.font(13), colour=ink, align=Qt.AlignmentFlag.AlignCenter)
            upper = QRect(style.px(42), 0, self.width() - style.px(42), half)
            named = isinstance(self._grid.block, Roster) and bool(self._grid.block.name_path)
            write(painter, upper, _("姓名、名称") if named else _("行"), font=style.font(13), colour=ink)
            painter.fillRect(QRect(style.px(34), 0, 1, self.height()), style.colour("line"))
        painter.fillRect(QRect(self.width() - 2, 0, 2, self.height()), style.colour("line2"))
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), style.colour("line"))


class TotalsRow(QWidget):
    """The frozen last row: sums now, and of the previous quarter in grey."""

    def __init__(self, grid: GridModel, view: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid, self._view = grid, view
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("小计"))
        view.horizontalScrollBar().valueChanged.connect(self.update)

    @property
    def needed(self) -> bool:
        """Whether any column is added up."""
        return any(self._grid.has_total(column) for column in range(len(self._grid.columns)))

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(31))

    def words(self) -> str:
        """What stands under the row heads."""
        grid = self._grid
        if grid.is_lines and any(row.code for row in grid.rows):
            count = sum(1 for row in range(len(grid.rows)) if grid.is_ticked(row))
            words = _("小计　勾了 {n} 行").format(n=count)
            visible = self._view.viewport().height() // max(1, self._view.rowHeight(0) if grid.rows else 1)
            below = len(grid.rows) - self._view.rowAt(0) - visible
            return words + (_("，下面还有 {n} 行").format(n=below) if below > 0 and self._view.rowAt(0) >= 0 else "")
        return _("合计　{n} 行").format(n=len(grid.rows))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style, grid, view = theme.current(), self._grid, self._view
        painter = QPainter(self)
        painter.fillRect(self.rect(), style.colour("head"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line2"))
        left = view.verticalHeader().width()
        pad = style.px(7)
        spoken = []
        for column in range(grid.columnCount()):
            x = left + view.columnViewportPosition(column)
            width = view.columnWidth(column)
            if x < left - width or x > self.width() or not grid.has_total(column):
                continue
            now, before = grid.total(column)
            area = QRect(x + pad, 0, width - 2 * pad, self.height())
            if column >= len(grid.columns):
                write(painter, area, before, font=style.font(13), colour=style.colour("text3"), align=RIGHT)
                continue
            write(painter, area, now, font=style.font(15, True), colour=style.colour("text"), align=RIGHT)
            if now:
                spoken.append(f"{grid.column_words(column)} {now}")
            room = area.width() - text_width(style.font(15, True), now) - style.px(4)
            if before and text_width(style.font(12), before) <= room and not grid.columns[column].calculated:
                write(painter, area, before, font=style.font(12), colour=style.colour("text3"))
        painter.fillRect(0, 0, left, self.height(), style.colour("head"))
        painter.fillRect(0, 0, self.width(), 1, style.colour("line2"))
        words = QRect(style.px(12), 0, left - style.px(14), self.height())
        write(painter, words, self.words(), font=style.font(14, True), colour=style.colour("text"))
        if self.accessibleDescription() != "；".join(spoken):
            self.setAccessibleDescription("；".join(spoken))
