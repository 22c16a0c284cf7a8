"""This time beside earlier times: the compare table and the five small bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldapp.ui import theme
from fieldapp.ui.widgets.painting import CENTRE, LEFT, RIGHT, text_width, write

__all__ = ["CompareLine", "CompareTable", "SmallBars"]


@dataclass(frozen=True, slots=True)
class CompareLine:
    """One line: ``去年同季``, ``25年三季``, ``−54%``, ``2,600``; the first line of a table is this time and stands bold."""

    label: str
    when: str
    change: str
    value: str


class CompareTable(QWidget):
    """This time, previous, last year, baseline, under each other with the change; never scrolled away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[CompareLine, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lines(self, lines: Sequence[CompareLine]) -> None:
        """Shows these lines."""
        if tuple(lines) != self._lines:
            resized = len(lines) != len(self._lines)
            self._lines = tuple(lines)
            self.setAccessibleName("；".join(f"{line.label} {line.when} {line.value} {line.change}" for line in lines))
            if resized:
                self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, theme.current().px(28) * len(self._lines))

    def paintEvent(self, _event: QPaintEvent) -> None:
        style = theme.current()
        painter = QPainter(self)
        height, width = style.px(28), self.width()
        values = max((text_width(style.font(15), line.value) for line in self._lines), default=0)
        values = min(max(values, style.px(52)), width // 2)
        changes = max((text_width(style.font(12), line.change) for line in self._lines), default=0)
        for at, line in enumerate(self._lines):
            y = at * height
            font = style.font(14, at == 0)
            ink = style.colour("text" if at == 0 else "text2")
            value = QRect(width - values, y, values, height)
            write(painter, value, line.value, font=style.font(16 if at == 0 else 15, at == 0), colour=ink, align=RIGHT)
            left = QRect(0, y, width - values - style.px(6) - changes, height)
            words = f"{line.label}　{line.when}" if line.when else line.label
            if text_width(style.font(13), words) > left.width():
                words = line.label
            write(painter, left, words, font=font if at == 0 else style.font(13), colour=ink, align=LEFT)
            if line.change:
                area = QRect(width - values - style.px(8) - changes, y, changes, height)
                write(painter, area, line.change, font=style.font(12), colour=style.colour("text3"), align=RIGHT)


class SmallBars(QWidget):
    """Up to five small bars, the last one is this time; None means there is no figure and draws a dash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[tuple[str, float | None], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[tuple[str, float | None]]) -> None:
        """Label and figure, oldest first."""
        self._bars = tuple(bars)
        self.setAccessibleName("；".join(f"{name} {_figure(value)}" for name, value in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, theme.current().px(76))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._bars:
            return
        style = theme.current()
        painter = QPainter(self)
        font = style.font(11)
        top, bottom = style.px(16), self.height() - style.px(18)
        step = self.width() / len(self._bars)
        highest = max((abs(value) for _name, value in self._bars if value is not None), default=0.0) or 1.0
        painter.fillRect(0, bottom, self.width(), 1, style.colour("line2"))
        for at, (name, value) in enumerate(self._bars):
            x, last = round(at * step), at == len(self._bars) - 1
            tall = round((bottom - top) * abs(value) / highest) if value is not None else 0
            bar = QRect(x + round(step * 0.25), bottom - tall, round(step * 0.5), tall)
            painter.fillRect(bar, style.colour("focus" if last else "shade"))
            area = QRect(x, bottom - tall - style.px(16), round(step), style.px(15))
            write(painter, area, _figure(value), font=font, colour=style.colour("text2"), align=CENTRE, elide=False)
            area = QRect(x, bottom + style.px(2), round(step), style.px(16))
            write(painter, area, name, font=font, colour=style.colour("text2"), align=CENTRE)


def _figure(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0").rstrip(".")
