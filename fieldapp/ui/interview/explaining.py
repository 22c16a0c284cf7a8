"""Explaining a check: the note, and the answers that the check speaks of."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.interview.fields import is_enter
from fieldapp.ui.widgets.painting import RIGHT, write
from fieldapp.words import _

__all__ = ["DifferenceTable", "NoteEdit"]


class NoteEdit(QPlainTextEdit):
    """The explanation: Enter keeps it, Shift+Enter starts a line."""

    kept = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composing = False
        self.setTabChangesFocus(True)
        self.setAccessibleName(_("原因"))

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self.composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.composing:
            super().keyPressEvent(event)
        elif is_enter(event) and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.kept.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


class DifferenceTable(QWidget):
    """Which answers a check speaks of: now, last quarter, the difference."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[tuple[str, str, str, str], ...] = ()
        self._heads = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: tuple[tuple[str, str, str, str], ...], now: str, before: str) -> None:
        """Name, now, last time, change of each answer; ``now`` and ``before`` head the columns."""
        self._heads = (now, before)
        self._lines = lines
        self.setVisible(bool(lines))
        self.setAccessibleName("；".join(" ".join(line) for line in lines))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, theme.current().px(29) * (len(self._lines) + 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        high, width = style.px(29), self.width()
        columns = (round(width * 0.46), round(width * 0.19), round(width * 0.2), width - round(width * 0.85))
        lines = ((_("说的是"), *self._heads, _("变化")), *self._lines)
        for at, line in enumerate(lines):
            area = QRect(0, at * high, width, high)
            painter.fillRect(area, style.colour("head" if at == 0 else "surface"))
            x = 0
            for number, text in enumerate(line):
                box = QRect(x + style.px(8), area.y(), columns[number] - style.px(16), high)
                ink = style.colour("text2" if at == 0 or number == 2 else "text")
                font = style.font(13 if at == 0 else 14, at > 0 and number == 3)
                if number == 0:
                    write(painter, box, text, font=font, colour=ink)
                else:
                    write(painter, box, text, font=font, colour=ink, align=RIGHT)
                x += columns[number]
            painter.fillRect(QRect(0, area.bottom(), width, 1), style.colour("line"))
